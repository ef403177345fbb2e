"""Weeks, dates and vendors' periods in text: understood as one kind, or stopped with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from clustering.config import Preprocess, Source, restored
from clustering.errors import ConfigError, DataError
from clustering.io.sources.files import FileSource
from clustering.methods.aggregation.window import window_of
from clustering.stages.preprocess_internal import preprocess_internal

EPOCH = date(1970, 1, 1)
EVENING = datetime(2026, 1, 5, 23, 30)
IN_UTC = datetime(2026, 1, 6, 4, 30, tzinfo=UTC)  # the evening before, in New York
MAP = "SKU_NBR,NEED_STATE,CATEGORY\n07,green,TEA\n"


@dataclass(frozen=True)
class Case:
    """Cells of a column and what they mean: days, numbers, or None for what is set aside."""

    name: str
    cells: tuple[str, ...]
    expected: tuple[str | int | None, ...] = ()
    error: tuple[str, ...] = ()
    column: str = "DATE"
    date_format: str | None = None


CASES = [
    Case("iso", ("2026-01-05", "2026-12-31"), ("2026-01-05", "2026-12-31")),
    Case("iso_without_zeros", ("2026-1-5", "2026-12-31"), ("2026-01-05", "2026-12-31")),
    Case("slashes_year_first", ("2026/01/05",), ("2026-01-05",)),
    Case("digits", ("20260105", "20261231"), ("2026-01-05", "2026-12-31")),
    Case("german", ("05.01.2026", "31.12.2026"), ("2026-01-05", "2026-12-31")),
    Case("us", ("1/5/2026", "12/31/2026"), ("2026-01-05", "2026-12-31")),
    Case("us_short", ("1/5/26", "12/31/26"), ("2026-01-05", "2026-12-31")),
    Case("year_first_in_two_digits", ("25-12-29", "26-01-05"), ("2025-12-29", "2026-01-05")),
    Case("day_first_in_two_digits", ("29-12-25", "05-01-26"), ("2025-12-29", "2026-01-05")),
    Case("months_of_one_year", ("202601", "202611"), ("2026-01-01", "2026-11-01")),
    Case("months_by_their_name", ("202601", "202611"), ("2026-01-01", "2026-11-01"),
         column="MONTH"),
    Case("weeks_by_their_name", ("2026-02", "2026-03"), ("2026-01-05", "2026-01-12"),
         column="WEEK"),
    Case("dutch_and_swedish", ("5 maart 2026", "12 maj 2026"), ("2026-03-05", "2026-05-12")),
    Case("portuguese", ("5 de janeiro de 2026",), ("2026-01-05",)),
    Case("uk", ("5/1/2026", "31/12/2026"), ("2026-01-05", "2026-12-31")),
    Case(
        "day_or_month_first",
        ("01/05/2026", "02/05/2026"),
        error=(
            "'01/05/2026' may be day-first (1 May 2026) or month-first (5 January 2026)",
            "source.read.date_format=day-first or month-first",
        ),
    ),
    Case("the_same_either_way", ("01/01/2026", "02/02/2026"), ("2026-01-01", "2026-02-02")),
    Case("day_first_set", ("01/05/2026",), ("2026-05-01",), date_format="day-first"),
    Case("month_first_set", ("01/05/2026",), ("2026-01-05",), date_format="month-first"),
    Case("pattern_set", ("2026_005",), ("2026-01-05",), date_format="%Y_%j"),
    Case("named_month", ("05-Jan-2026", "31-Dec-2026"), ("2026-01-05", "2026-12-31")),
    Case("named_month_first", ("Jan 5, 2026", "December 31, 2026"), ("2026-01-05", "2026-12-31")),
    Case("german_month", ("5. Januar 2026", "1. März 2026"), ("2026-01-05", "2026-03-01")),
    Case("weekday", ("Mon, 05 Jan 2026",), ("2026-01-05",)),
    Case("sas", ("05JAN2026",), ("2026-01-05",)),
    Case("time_of_day", ("2026-01-05 23:59:59", "2026-01-06T00:00"), ("2026-01-05", "2026-01-06")),
    Case("us_time", ("1/13/2026 11:59:00 PM",), ("2026-01-13",)),
    Case("local_date_of_a_zone", ("2026-01-05T23:30:00-05:00",), ("2026-01-05",)),
    Case("excel_days", ("46027", "46028"), ("2026-01-05", "2026-01-06")),
    Case("seconds", ("1767571200", "1767657600"), ("2026-01-05", "2026-01-06")),
    Case("iso_week", ("2025-W15", "2025-W16"), ("2025-04-07", "2025-04-14"), column="WEEK"),
    Case("iso_week_day", ("2025-W15-1",), ("2025-04-07",), column="WEEK"),
    Case("week_of_year", ("Week 03 2025", "Week 52 2025"), ("2025-01-13", "2025-12-22"),
         column="WEEK"),
    Case("kalenderwoche", ("KW 3/2025",), ("2025-01-13",), column="WEEK"),
    Case("year_week", ("202552", "202601"), ("2025-12-22", "2025-12-29"), column="WEEK"),
    Case("year_dash_week", ("2025-52", "2026-01"), ("2025-12-22", "2025-12-29"), column="WEEK"),
    Case("year_point_week", ("2025.52", "2026.01", "2026.1"), ("2025-12-22", "2025-12-29", None),
         column="WEEK"),
    Case("time_without_a_date", ("W/E 25.01.25", "W/E 01.02.25"), ("2025-01-25", "2025-02-01"),
         column="WEEK"),
    Case("zones_by_name", ("2026-01-05 23:30:00 EST", "2026-01-06 00:30:00 America/New_York"),
         ("2026-01-05", "2026-01-06")),
    Case("compact_time", ("20260105T233000", "20260106T003000"), ("2026-01-05", "2026-01-06")),
    Case("fiscal_quarter", ("FY25 Q1", "FY25 Q4"), ("2025-01-01", "2025-10-01"), column="WEEK"),
    Case("week_before_year", ("3. KW 2025", "4. KW 2025"), ("2025-01-13", "2025-01-20"),
         column="WEEK"),
    Case("spanish", ("5 de enero de 2026", "6 de febrero de 2026"), ("2026-01-05", "2026-02-06")),
    Case("weekday_in_german", ("Mo, 05.01.2026", "Di, 13.01.2026"), ("2026-01-05", "2026-01-13")),
    Case("retail_week_53", ("202553", "202601"), ("2025-12-29", "2025-12-29"), column="WEEK"),
    Case("week_numbers", ("1", "52"), (1, 52), column="WEEK"),
    Case("week_numbers_with_decimals", ("1.0", "52.0"), (1, 52), column="WEEK"),
    Case("weeks_in_words", ("Week 3", "Wk 10"), (3, 10), column="WEEK"),
    Case("week_ending", ("W/E 01/25/25", "W/E 02/01/25"), ("2025-01-25", "2025-02-01"),
         column="WEEK"),
    Case("four_weeks_ending", ("4 W/E 01/25/25", "4 W/E 02/22/25"), ("2025-01-25", "2025-02-22"),
         column="WEEK"),
    Case("weeks_ending_in_words", ("1 week ending Jan 25, 2025",), ("2025-01-25",), column="WEEK"),
    Case("lengths_differ", ("4 W/E 01/25/25", "52 W/E 01/25/25"),
         error=("periods of 4 and 52 weeks overlap",), column="WEEK"),
    Case("periods", ("P01W2", "P02W1"), (2, 6), column="WEEK"),
    Case("periods_of_a_year", ("2025 P13 W4", "2026 P01 W1"), ("2025-12-24", "2026-01-01"),
         column="WEEK"),
    Case("months", ("2025-11", "2025-12"), ("2025-11-01", "2025-12-01")),
    Case("months_over_new_year", ("202511", "202512", "202601"),
         ("2025-11-01", "2025-12-01", "2026-01-01")),
    Case("named_months", ("Nov 2025", "Jan 2026"), ("2025-11-01", "2026-01-01")),
    Case("gaps", ("2026-01-05", "NA", ""), ("2026-01-05", None, None)),
    Case("one_that_is_no_date", ("2026-01-05", "2026-01-06", "later"),
         ("2026-01-05", "2026-01-06", None)),
    Case("one_that_cannot_be", ("2026-02-28", "2026-02-27", "2026-02-30"),
         ("2026-02-28", "2026-02-27", None)),
    Case("a_number_that_is_no_day", (*(f"202601{day:02d}" for day in range(10, 30)), "0"),
         (*(f"2026-01-{day:02d}" for day in range(10, 30)), None)),
    Case("nothing_understood", ("soon", "later"),
         error=("DATE is not understood as dates, weeks or periods: 'later', 'soon'",
                "source.read.date_format")),
]  # fmt: skip


def _source(folder: Path, sales: str, **read: Any) -> FileSource:
    (folder / "map.csv").write_text(MAP)
    settings = {
        "sales": str(folder / sales),
        "need_states": str(folder / "map.csv"),
        "external": [],
        "read": read,
    }
    return FileSource(restored(Source, settings))


def _day(period: int | None) -> str | int | None:
    is_number = period is None or abs(period) < 3_000
    return period if is_number else (EPOCH + timedelta(days=period)).isoformat()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_periods_are_understood_or_refused(case: Case, tmp_path: Path) -> None:
    rows = [f'1,07,1,"{cell}"' for cell in case.cells]
    content = "\n".join([f"STORE_NBR,SKU_NBR,TOTAL_SALES,{case.column}", *rows])
    (tmp_path / "sales.csv").write_text(content)
    source = _source(tmp_path, "sales.csv", date_format=case.date_format)
    if case.column not in ("DATE", "WEEK"):
        source.source.columns.sales.date = case.column
    if case.error:
        with pytest.raises(DataError) as caught:
            source.sales()
        assert all(words in caught.value.message for words in case.error), caught.value.message
        return
    assert tuple(_day(period) for period in source.sales().collect()["period"]) == case.expected


def test_a_period_that_is_not_understood_is_set_aside_with_its_text_and_money(
    tmp_path: Path,
) -> None:
    (tmp_path / "sales.csv").write_text(
        "STORE_NBR,SKU_NBR,TOTAL_SALES,DATE\n1,07,5,2026-01-05\n1,07,7,2026-01-06\n1,07,9,later\n"
    )
    source = _source(tmp_path, "sales.csv")
    tables = preprocess_internal(
        source.sales(), source.need_states(), Preprocess(totals="keep"), seed=1
    )
    found = tables["quarantine"].select("rule", "total_sales", "detail").rows()
    assert found == [("period_unreadable", 9.0, "later")]
    told = tables["reconciliation"].filter(pl.col("outcome") == "period_unreadable")
    assert told["sales"].to_list() == [9.0]


WEEKS = [date(2025, 11, 3) + timedelta(weeks=week) for week in range(8)]


@pytest.mark.parametrize("odd", [date(1900, 1, 1), date(1970, 1, 1), date(9999, 12, 31)])
@pytest.mark.parametrize("file", ["sales.csv", "sales.parquet"])
def test_dates_that_cannot_be_do_not_move_the_middle(odd: date, file: str, tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {"STORE_NBR": 1, "SKU_NBR": "07", "TOTAL_SALES": 1.0, "DATE": [*WEEKS, odd]}
    )
    path = tmp_path / file
    frame.write_csv(path) if path.suffix == ".csv" else frame.write_parquet(path)
    source = _source(tmp_path, file)
    tables = preprocess_internal(source.sales(), source.need_states(), Preprocess(), seed=1)
    assert tables["values"].select("half_a", "half_b").row(0) == (4.0, 4.0)
    aside = tables["quarantine"].select("rule", "detail").rows()
    assert aside == [("period_unreadable", odd.isoformat())]


def test_a_wrong_date_that_moves_the_middle_is_told(tmp_path: Path) -> None:
    cells = [*(f"1,07,5,{day}" for day in WEEKS * 3), "1,07,5,2052-01-05"]
    (tmp_path / "sales.csv").write_text("\n".join(["STORE_NBR,SKU_NBR,TOTAL_SALES,DATE", *cells]))
    source = _source(tmp_path, "sales.csv")
    tables = preprocess_internal(source.sales(), source.need_states(), Preprocess(), seed=1)
    told = tables["findings"].filter(finding="lopsided_halves")["text"][0]
    assert "up to 2038-12-04, the middle of the time, hold 96% of the sales" in told


def test_halves_are_split_by_time_over_the_new_year(tmp_path: Path) -> None:
    weeks = [202550, 202551, 202552, 202601, 202602, 202603]
    frame = pl.DataFrame({"STORE_NBR": 1, "SKU_NBR": "07", "TOTAL_SALES": 1.0, "WEEK": weeks})
    for name in ("text.csv", "numbers.parquet"):
        path = tmp_path / name
        frame.write_csv(path) if name == "text.csv" else frame.write_parquet(path)
        source = _source(tmp_path, name)
        settings = Preprocess(totals="keep", holdout="time")
        values = preprocess_internal(source.sales(), source.need_states(), settings, seed=1)
        assert values["values"].select("half_a", "half_b").row(0) == (3.0, 3.0)


def test_one_file_s_dates_decide_for_another_s(tmp_path: Path) -> None:
    for name, cell in (("a", "02/01/2026"), ("b", "31/01/2026")):
        (tmp_path / f"sales_{name}.csv").write_text(
            f"STORE_NBR,SKU_NBR,TOTAL_SALES,DATE\n1,07,1,{cell}\n"
        )
    periods = _source(tmp_path, "sales_*.csv").sales().collect()["period"]
    assert [_day(period) for period in periods] == ["2026-01-02", "2026-01-31"]


def test_files_whose_periods_do_not_go_together_are_named(tmp_path: Path) -> None:
    for name, cell in (("a", "2026-01-05"), ("b", "3")):
        (tmp_path / f"sales_{name}.csv").write_text(
            f"STORE_NBR,SKU_NBR,TOTAL_SALES,WEEK\n1,07,1,{cell}\n"
        )
    with pytest.raises(DataError, match=r"dates in .*sales_a.csv, numbers in .*sales_b.csv"):
        _source(tmp_path, "sales_*.csv").sales()


@pytest.mark.parametrize(
    "moment",
    [
        pl.Series([date(2026, 1, 5)]),
        *(pl.Series([EVENING], dtype=pl.Datetime(unit)) for unit in ("ms", "us", "ns")),
        pl.Series([IN_UTC]).dt.convert_time_zone("America/New_York"),
        pl.Series([20260105]),
        pl.Series([20260105.0]),
        pl.Series([46027]),
        pl.Series(["2026-01-05"]).cast(pl.Categorical),
    ],
    ids=lambda series: str(series.dtype),
)  # fmt: skip
def test_arrow_types_of_a_date_are_equal(moment: pl.Series, tmp_path: Path) -> None:
    frame = pl.DataFrame({"STORE_NBR": 1, "SKU_NBR": 7, "TOTAL_SALES": 1.0, "DATE": moment})
    frame.write_parquet(tmp_path / "sales.parquet")
    periods = _source(tmp_path, "sales.parquet").sales().collect()["period"]
    assert [_day(period) for period in periods] == ["2026-01-05"]


def test_numbers_that_are_no_days_are_set_aside(tmp_path: Path) -> None:
    days = [*range(20260110, 20260130), 20260231]
    frame = pl.DataFrame({"STORE_NBR": 1, "SKU_NBR": "07", "TOTAL_SALES": 1.0, "DATE": days})
    frame.write_parquet(tmp_path / "sales.parquet")
    rows = _source(tmp_path, "sales.parquet").sales().collect()
    assert rows["unread_period"].drop_nulls().to_list() == ["20260231"]
    assert rows["period"].null_count() == 1


def test_a_time_of_day_is_no_period(tmp_path: Path) -> None:
    frame = pl.DataFrame({"STORE_NBR": 1, "SKU_NBR": 7, "TOTAL_SALES": 1.0, "DATE": [time(8)]})
    frame.write_parquet(tmp_path / "sales.parquet")
    with pytest.raises(DataError, match="DATE holds Time, expected week numbers or dates"):
        _source(tmp_path, "sales.parquet").sales()


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2026-01-05", "2026-01-31", ("2026-01-05", "2026-01-31")),
        ("2026-W02", "2026-W03", ("2026-01-05", "2026-01-18")),
        ("202602", "202603", ("2026-01-05", "2026-01-18")),
        ("3", "12", (3, 12)),
    ],
)
def test_windows_are_read_like_periods(
    first: str, last: str, expected: tuple[str | int, ...]
) -> None:
    window = window_of(Preprocess(first_period=first, last_period=last))
    assert window is not None
    assert tuple(_day(int(end)) for end in window) == expected


def test_a_window_that_is_no_period_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"preprocess\.first_period=spring"):
        window_of(Preprocess(first_period="spring"))
