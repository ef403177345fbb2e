"""The same table as in test_dirty_files, with a twist to each kind: rare encodings, totals in any
column, kinds of amounts, keys that differ by what nobody sees.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter

from clustering.config import Preprocess, Source, restored
from clustering.errors import DataError
from clustering.io.sources.files import FileSource
from clustering.stages.preprocess_internal import preprocess_internal
from tests.io.sources.test_dirty_files import (
    GOOD,
    HEAD,
    MAP,
    TWO,
    Sales,
    preprocessed,
    source_of,
    sums_of,
    us,
)

SEMICOLONS = HEAD.replace(",", ";")
ASIAN = "店舗,商品,売上\n" + "東京都千代田区店,07,3\n" * 30
CASES = [
    # encodings and layout
    Sales("utf16_without_mark_in_cyrillic",
          us(*["Москва Центральный магазин,07,3"] * 30).encode("utf-16-be"),
          {"Москва Центральный магазин": 90}),
    Sales("utf16_without_mark_in_japanese", ASIAN.encode("utf-16-le"), {"東京都千代田区店": 90},
          columns={"sales": {"store_nbr": "店舗", "sku_nbr": "商品", "total_sales": "売上"}}),
    Sales("utf32", GOOD.encode("utf-32"), TWO),
    Sales("zero_bytes", GOOD.encode().replace(b"4\n", b"4\x00\n"), TWO),
    Sales("list_of_sap",
          "Dynamic List Display\n---------------\n|STORE_NBR|SKU_NBR| TOTAL_SALES|\n-------------\n"
          "|001      |07     |   1.031,10 |\n|002      |08     |       4,50 |\n---------------\n"
          "|*        |       |   1.035,60 |\n---------------\n", {"001": 1031.1, "002": 4.5},
          {"store_nbr_null": (None,)}, file="sales.txt"),
    Sales("table_of_psql",
          " store_nbr | sku_nbr | total_sales \n-----------+---------+-------------\n"
          " 001       | 07      |       10.50 \n 002       | 08      |        4.00 \n(2 rows)\n",
          TWO, {"store_nbr_null": (None,)}),
    Sales("table_of_mysql",
          "+-----------+---------+-------------+\n| STORE_NBR | SKU_NBR | TOTAL_SALES |\n"
          "+-----------+---------+-------------+\n| 001       | 07      |        10.5 |\n"
          "| 002       | 08      |           4 |\n+-----------+---------+-------------+\n", TWO),
    Sales("line_below_the_names", GOOD.replace("SALES\n", "SALES\n---------,-------,-----\n"), TWO),
    Sales("page_instead_of_a_file", "<!DOCTYPE html>\n<html><body>Log in, user</body></html>\n",
          error=("sales.csv holds HTML or XML, not a table",)),
    Sales("workbook_of_a_web_page", "<table><tr><td>STORE_NBR</td></tr></table>", file="sales.xls",
          error=("sales.xls holds HTML or XML",)),
    Sales("json", '[{"STORE_NBR": "001"}]', error=("sales.csv holds JSON",)),
    Sales("pointer_of_git", "version https://git-lfs.github.com/spec/v1\noid sha256:4d\n",
          error=("git lfs pull",)),
    Sales("tildes", GOOD.replace(",", "~"), TWO),
    Sales("carets", GOOD.replace(",", "^"), TWO),
    Sales("another_separator_set", GOOD.replace(",", "!"), TWO, read={"sales": {"separator": "!"}}),
    Sales("columns_of_fixed_width", "STORE_NBR  SKU_NBR  TOTAL_SALES\n001        07       10.5\n",
          error=("one column only", "source.read.separator")),
    Sales("title_with_a_column_name", "STORE_NBR report,,\nweek,date,\n" + GOOD, TWO),
    Sales("line_end_in_a_name", GOOD.replace("TOTAL_SALES", '"TOTAL\nSALES"'), TWO),
    Sales("line_end_in_cells", us('001,07,10.5,"a\nb"', '002,08,4,"c\n""d"""', head=HEAD + ",X"),
          TWO),
    Sales("names_again_in_the_middle", GOOD + GOOD.replace("001", "003"),
          {"001": 10.5, "002": 8, "003": 10.5}, {"total_sales_unreadable": ("TOTAL_SALES",)}),
    Sales("footer", GOOD + "Source: our ERP; confidential\n", TWO, {"store_nbr_null": (None,)}),
    Sales("filters_of_a_report", GOOD + "\nApplied filters: Country is DE\n", TWO,
          {"store_nbr_null": (None,)}),
    Sales("wide_without_the_setting", "STORE_NBR,07,08\n001,10.5,\n002,,4\n",
          error=("no column SKU_NBR", "source.wide=sku_nbr")),
    # numbers
    Sales("no_cents", f"{SEMICOLONS}\n001;07;10,50 €\n002;08;4,-\n", TWO),
    Sales("no_cents_and_a_currency", f"{SEMICOLONS}\n001;07;10,50 €\n002;08;4,– €\n", TWO),
    Sales("swiss_no_cents", us("001,07,10.50", "002,08,4.-"), TWO),
    Sales("minus_before_a_currency", us("001,07,15.50 EUR", "001,07,5.00- EUR", "002,08,4.00 EUR"),
          TWO),
    Sales("euro_in_words", us("001,07,10.50 Euro", "002,08,4.00 EUR"), TWO),
    Sales("curly_apostrophe", us("001,07,1’031.10", "002,08,4"), {"001": 1031.1, "002": 4}),
    Sales("thin_space", f"{SEMICOLONS}\n001;07;1\u2009031,10\n", {"001": 1031.1}),
    Sales("money_within_parentheses", us("001,07,$15.50", "001,07,$(5.00)", "002,08,$4"), TWO),
    Sales("thousands_as_k", us("001,07,10.5", "002,08,4", "002,07,1.2K"), TWO,
          {"total_sales_unreadable": ("1.2K",)}),
    Sales("infinite", us("001,07,10.5", "002,08,4", "002,07,inf"), TWO,
          {"total_sales_not_finite": (None,)}),
    Sales("too_large", us("001,07,10.5", "002,08,4", "002,07,1e300"), TWO,
          {"total_sales_too_large": (None,)}),
    Sales("other_words_for_gaps", us("001,07,10.5", "002,08,4", *(f"002,07,{word}" for word in (
        "#NV", "#WERT!", "n/d", "k.A.", "unknown", "*", "..", "tbd"))), TWO,
          {"total_sales_null": (None,) * 8}),
    Sales("amounts_kept_as_text", us('001,07,="10.5"', "002,08,'4"), TWO),
    Sales("rupees", us('001,07,"Rs. 1,031.10"', "002,08,Rs. 4"), {"001": 1031.1, "002": 4}),
    # keys
    Sales("no_store_in_snowflake", us("001,07,10.5", "002,08,4", "\\N,07,1"), TWO,
          {"store_nbr_null": (None,)}),
    Sales("marks_nobody_sees", us("\u200b001,07,10", "001\u200e,07,0.5", "002\u00ad,08,4"), TWO),
    Sales("blanks_within", us("Main  St,07,1", "Main\u00a0St,07,2"), {"Main St": 3}),
    Sales("more_words_for_no_store", us("001,07,10.5", "002,08,4", "#NV,07,1", "unknown,07,1"),
          TWO, {"store_nbr_null": (None, None)}),
    Sales("cut_digits_in_german", f"{SEMICOLONS}\n001;4,01235E+12;10\n",
          error=("SKU_NBR holds 4,01235E+12",)),
    # sums among the rows
    Sales("total_of_a_category", us("001,07,10.5,TEA", "002,08,4,TEA", "001,07,10.5,Total",
                                    "002,08,4,Grand Total", head=HEAD + ",CATEGORY"), TWO),
    Sales("total_of_a_need_state", us("001,07,10.5", "002,08,4", "001,99,10.5", "002,99,4"), TWO,
          {"sku_without_need_state": (None, None)}, map=MAP + "99,TOTAL TEA,TEA\n"),
    Sales("total_of_a_pivot", us("001,07,10.5", "002,08,4", "North Total,07,14.5",
                                 "Total général,07,14.5", "Gesamtergebnis,07,14.5",
                                 "Итого,07,14.5", "Average,07,7.25", "ALL,08,14.5"), TWO),
    Sales("subtotals_of_regions", us("001,07,10.5", "002,08,4", "North,07,10.5", "South,08,4"),
          TWO),
    Sales("need_states_together", us("001,07,10.5", "002,08,4", "001,T,10.5", "002,T,4"), TWO,
          {"sku_without_need_state": (None, None)}, map=MAP + "T,All need states,TEA\n"),
    Sales("no_sku_in_the_map", us("001,0-12-34,10.5"),
          error=("no sales row is usable", "'0-12-34', one of the map '07'")),
    # kinds of amounts
    Sales("this_year_and_last", us("001,07,10.5,Current", "001,07,3,Year Ago", head=HEAD + ",TIME"),
          error=("TIME", "Current, Year Ago", "source.where")),
    Sales("plan_and_actual", us("001,07,10.5,Ist", "001,07,3,Plan", head=HEAD + ",Wertart"),
          error=("Wertart", "Ist, Plan")),
    Sales("forecast_by_its_code", us("001,07,10.5,ACT", "001,07,3,FCST", head=HEAD + ",V"),
          error=("column V ", "ACT, FCST")),
    Sales("gross_and_net", us("001,07,10.5,Net", "001,07,12,Gross", head=HEAD + ",BASIS"),
          error=("BASIS", "Gross, Net")),
    Sales("taxes_of_a_till", us("001,07,10.5,ITEM", "001,07,1,TAX", head=HEAD + ",LINE_TYPE"),
          error=("LINE_TYPE", "ITEM, TAX")),
    Sales("payments_of_a_till", us("001,07,10,SALE", "001,07,10,TENDER", head=HEAD + ",REC"),
          error=("column REC ", "SALE, TENDER")),
    Sales("channels_and_their_total", us("001,07,4,Store", "001,07,6,Web", "001,07,10,Total",
                                         head=HEAD + ",CHANNEL"),
          error=("CHANNEL", "Store, Total, Web")),
    Sales("channels", us("001,07,4,Store", "001,07,6.5,Web", "002,08,4,Store",
                         head=HEAD + ",CHANNEL"), TWO),
    Sales("currency_by_its_codes", us("001,07,10.5,EUR", "001,07,3,USD", head=HEAD + ",C"),
          error=("column C ", "EUR, USD")),
    Sales("rows_of_several_levels", us("001,07,10.5,SKU", "001,07,10.5,BRAND", head=HEAD + ",L"),
          error=("column L ", "BRAND, SKU")),
    Sales("many_measures", us(*(f"001,07,1,M{n}" for n in range(14)), head=HEAD + ",MEASURE"),
          error=("MEASURE", "M0, M1")),
    Sales("one_currency", us("001,07,10.5,EUR", "002,08,4,EUR", head=HEAD + ",CURRENCY"), TWO),
    Sales("returns_by_label", us("001,07,10,Sale", "001,07,4,Return", head=HEAD + ",TYPE"),
          error=("column TYPE says that rows are returns (Return)", "source.derive.total_sales")),
    Sales("returns_by_label_and_sign", us("001,07,14.5,Sale", "001,07,-4,Return", "002,08,4,Sale",
                                          head=HEAD + ",TYPE"), TWO),
    # periods
    *(Sales(f"periods_as_{pattern}", us(f"001,07,10.5,{cell}", head=HEAD + ",DATE"),
            error=(f"DATE holds {int(cell)}", "source.read.date_format"))
      for pattern, cell in {"yymmdd": "260105", "ddmmyyyy": "31012026", "year_and_day": "2026005",
                            "seconds_without_marks": "20260105233000"}.items()),
    Sales("pattern_of_digits", us("001,07,10.5,260105", "002,08,4,260106", head=HEAD + ",DATE"),
          TWO, read={"date_format": "%y%m%d"}),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_harder_sales_are_read_right_or_refused(case: Sales, tmp_path: Path) -> None:
    source = source_of(tmp_path, case)
    if case.error:
        with pytest.raises(DataError) as caught:
            preprocessed(source)
        told = "\n".join([caught.value.message, *caught.value.details])
        assert all(words in told for words in case.error), told
        return
    tables = preprocessed(source, totals="drop")
    assert sums_of(tables) == case.sums
    aside = tables["quarantine"].filter(input="sales").group_by("rule").agg("detail")
    assert {rule: tuple(details) for rule, details in aside.rows()} == dict(case.aside)


def _files(folder: Path, texts: dict[str, str], **given: Any) -> FileSource:
    (folder / "map.csv").write_text(MAP)
    for name, text in texts.items():
        (folder / name).write_text(text)
    settings = {"sales": str(folder / "sales*"), "need_states": str(folder / "map.csv")}
    return FileSource(restored(Source, settings | {"external": []} | given))


WEEKS = HEAD + ",WEEK"
ROWS = [
    f"{s:03d},{k},{s + w}.{k},{w}" for w in range(1, 7) for s in range(1, 5) for k in ("07", "08")
]


def test_rows_that_a_file_holds_twice_are_refused_or_counted_once(tmp_path: Path) -> None:
    twice = _files(tmp_path, {"sales.csv": us(*ROWS, *ROWS[-16:], head=WEEKS)})
    with pytest.raises(DataError, match=r"same rows again.*16 rows"):
        preprocessed(twice)
    once = sums_of(preprocessed(twice, overlap="last"))
    assert once == sums_of(preprocessed(_files(tmp_path, {"sales.csv": us(*ROWS, head=WEEKS)})))


@pytest.mark.parametrize("week", ["{}", "W{:02d}", "Week {}"])
def test_weeks_of_several_years_are_told_apart_by_a_column_of_years(
    week: str, tmp_path: Path
) -> None:
    head = HEAD + ",Year,WEEK"
    texts = {
        f"sales_{year}.csv": us(*(f"001,07,{w},{year},{week.format(w)}" for w in (1, 2)), head=head)
        for year in (2024, 2025)
    }
    periods = _files(tmp_path, texts).sales().collect().sort("period")["period"]
    first = [date(1970, 1, 1) + timedelta(days=day) for day in periods]
    assert first == [date(2024, 1, 1), date(2024, 1, 8), date(2024, 12, 30), date(2025, 1, 6)]
    (tmp_path / "sales_2025.csv").unlink()
    assert _files(tmp_path, {}).sales().collect()["period"].sort().to_list() == [1, 2]


DAYS = [date(2024, 1, 1) + timedelta(weeks=week) for week in range(104)]


@pytest.mark.parametrize(
    ("head", "cells"),
    [
        ("WEEK,DATE", [f"{place % 52 + 1},{day}" for place, day in enumerate(DAYS)]),
        ("WEEK,FISCAL_YEAR", [f"{w},FY{y}" for y in (24, 25) for w in range(1, 53)]),
        ("WEEK,FISC_YR_NBR", [f"{w},{y}" for y in (2024, 2025) for w in range(1, 53)]),
    ],
    ids=["date", "fiscal_year", "number_of_the_year"],
)
def test_weeks_of_several_years_are_no_single_weeks(
    head: str, cells: list[str], tmp_path: Path
) -> None:
    text = us(*(f"001,07,1,{cell}" for cell in cells), head=f"{HEAD},{head}")
    periods = _files(tmp_path, {"sales.csv": text}).sales().collect()["period"]
    days = [date(1970, 1, 1) + timedelta(days=day) for day in periods.sort()]
    assert periods.n_unique() == 104
    assert days[0] == date(2024, 1, 1)


def test_weeks_of_one_year_count_beside_dates(tmp_path: Path) -> None:
    text = us("001,07,1,1,2025-01-05", "001,07,1,2,2025-01-12", head=HEAD + ",WEEK,DATE")
    assert _files(tmp_path, {"sales.csv": text}).sales().collect()["period"].to_list() == [1, 2]


def test_column_that_looks_like_a_period_is_told_where_none_is_used(tmp_path: Path) -> None:
    source = _files(tmp_path, {"sales.csv": us("001,07,1,1", head=HEAD + ",Month")})
    source.sales()
    told = source.readings(["sales"]).filter(action="unread")["reason"][0]
    assert "source.columns.sales.date='Month'" in told


def test_folder_of_a_delta_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sales/_delta_log").mkdir(parents=True)
    with pytest.raises(DataError, match="is a table of Delta Lake"):
        _files(tmp_path, {"sales/a.csv": GOOD}, sales=str(tmp_path / "sales")).sales()


@pytest.mark.parametrize(("sold", "mapped"), [("12.0", "12"), ("12", "12.0")])
def test_categories_that_a_gap_made_decimals_are_one(
    sold: str, mapped: str, tmp_path: Path
) -> None:
    source = _files(tmp_path, {"sales.csv": us(f"001,07,1,{sold}", head=HEAD + ",CATEGORY")})
    (tmp_path / "map.csv").write_text(f"SKU_NBR,NEED_STATE,CATEGORY\n07,1.0,{mapped}\n")
    tables = preprocessed(source)
    assert tables["values"]["category"].to_list() == [sold]
    assert tables["findings"].is_empty()


def test_need_states_that_list_others_are_named(tmp_path: Path) -> None:
    source = _files(tmp_path, {"sales.csv": GOOD})
    (tmp_path / "map.csv").write_text("SKU_NBR,NEED_STATE,CATEGORY\n07,a; b,TEA\n08,b,TEA\n")
    told = preprocessed(source)["findings"].filter(finding="several_in_one_cell")["text"][0]
    assert "need state a; b lists several others" in told


def test_files_in_two_currencies_are_refused(tmp_path: Path) -> None:
    source = _files(tmp_path, {"sales_a.csv": us("1,07,$3"), "sales_b.csv": us("1,08,€4")})
    with pytest.raises(DataError, match=r"\$ in .*sales_a.csv, € in .*sales_b.csv"):
        source.sales()


def test_stores_that_differ_by_zeros_or_case_in_one_file_are_named(tmp_path: Path) -> None:
    source = _files(tmp_path, {"sales.csv": us("001,07,1", "1,07,2", "s2,07,3", "S2,07,4")})
    found = preprocessed(source)["findings"].filter(finding="stores_differ_by_zeros")
    assert "001, 1, S2" in found["text"][0]


@pytest.mark.parametrize(
    ("sold", "known"), [("Store 12", "12"), ("1.088", "1088"), ("s01", "S01"), ("#7", "7")]
)
def test_stores_that_an_attribute_file_spells_otherwise_stop_the_run(
    sold: str, known: str, tmp_path: Path
) -> None:
    stores = {"external": [str(tmp_path / "stores.csv")]}
    texts = {"sales.csv": us(f"{sold},07,1"), "stores.csv": f"STORE_NBR,X\n{known},1\n"}
    with pytest.raises(DataError, match=r"source\.read\.align_keys=true"):
        _files(tmp_path, texts, **stores).external()
    together = _files(tmp_path, texts, **stores, read={"align_keys": True})
    assert together.sales().collect()["store_nbr"].to_list() == [known]
    assert together.external()["stores.csv"]["store_nbr"].to_list() == [known]


def _workbook(path: Path, sheets: dict[str, list[list[Any]]]) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, row)


def test_sheets_alike_are_chosen_or_read_together(tmp_path: Path) -> None:
    head = HEAD.split(",")
    rows = {"Jan": [head, ["001", "07", 10.5]], "Feb": [head, ["002", "08", 4]], "Draft": [head]}
    _workbook(tmp_path / "sales.xlsx", rows)
    with pytest.raises(DataError, match=r"the sheets Jan, Feb all hold.*source\.read\.sheet='\*'"):
        preprocessed(_files(tmp_path, {}))
    for sheet, sums in (("Feb", {"002": 4}), ("*", TWO)):
        assert sums_of(preprocessed(_files(tmp_path, {}, read={"sheet": sheet}))) == sums


def test_stores_in_merged_cells_are_warned_about(tmp_path: Path) -> None:
    rows = [HEAD.split(","), ["001", "07", 10.5], ["", "08", 1], ["002", "08", 4]]
    _workbook(tmp_path / "sales.xlsx", {"Sales": rows})
    found = preprocessed(_files(tmp_path, {}))["findings"].filter(finding="store_nbr_null")
    assert found.select("rows", "sales").row(0) == (1, 1.0)
    assert "merged" in found["text"][0]


def test_total_of_categories_keeps_the_only_one() -> None:
    sales = pl.LazyFrame(
        {"store_nbr": ["1"], "sku_nbr": ["7"], "category": ["Total"], "total_sales": [2.0],
         "period": pl.Series([1], dtype=pl.Int32)}
    )  # fmt: skip
    need = pl.DataFrame({"sku_nbr": ["7"], "need_state": ["Total"], "category": ["Total"]})
    values = preprocess_internal(sales, need, Preprocess(), seed=1)["values"]
    assert values.select("category", "feature", "value").rows() == [("Total", "Total", 2.0)]
