"""Files of store attributes, like stores and overrides as they come: read by the same rules."""

from __future__ import annotations

import datetime
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter

from clustering.config import Preprocess, Source, restored
from clustering.errors import DataError
from clustering.io.sources.files import FileSource
from clustering.io.sources.places import expand
from clustering.stages.preprocess_external import preprocess_external
from clustering.store.manifest import file_state


def source_of(folder: Path, **given: Any) -> FileSource:
    settings = {"sales": None, "external": [str(folder / "stores*")]} | given
    return FileSource(restored(Source, settings))


@dataclass(frozen=True)
class Case:
    """Cells of the column X of five stores or fewer, and the values they are read as."""

    name: str
    cells: tuple[str, ...]
    expected: tuple[Any, ...] = ()
    error: tuple[str, ...] = ()
    separator: str = ","
    read: Mapping[str, Any] = field(default_factory=dict)


CASES = [
    Case("numbers", ("1.5", "2", "-3"), (1.5, 2.0, -3.0)),
    Case("one_gap_in_an_income", ("51000", "N/A", "62000.5"), (51000.0, None, 62000.5)),
    Case("gaps", ("1", "NA", "-", "#N/A", "NULL", "nan"), (1.0, None, None, None, None, None)),
    Case("dollars", ('"$51,000"', '"$62,000"'), (51000.0, 62000.0)),
    Case("percent", ("12.5%", "8 %"), (12.5, 8.0)),
    Case("decimal_commas", ("1,5", "2,25"), (1.5, 2.25), separator=";"),
    Case("decimal_points_in_a_semicolon_file", ("1.5", "2.25"), (1.5, 2.25), separator=";"),
    Case("thousands_or_decimals", ("1.250", "2.500"), error=("X", "'1.250'", "decimal=comma"),
         separator=";"),
    Case("decimal_set", ("1.250", "2.500"), (1250.0, 2500.0), separator=";",
         read={"decimal": "comma"}),
    Case("truth", ("true", "FALSE", "True"), (True, False, True)),
    Case("levels", ("big", " small ", "big"), ("big", "small", "big")),
    Case("levels_by_case_and_blanks", ("Yes", "no", "YES", "Yes ", "No", "no"),
         ("Yes", "no", "Yes", "Yes", "no", "no")),
    Case("percent_and_plain", ("12%", "0.5", "7%"), error=("X", "'0.5'", "percent")),
    Case("a_level_called_none", ("None", "kids", "N/A"), ("None", "kids", None)),
    Case("dates", ("2020-05-01", "2021-06-01"),
         (datetime.date(2020, 5, 1), datetime.date(2021, 6, 1))),
    Case("german_dates", ("01.05.2020", "31.12.2021"),
         (datetime.date(2020, 5, 1), datetime.date(2021, 12, 31))),
    Case("day_or_month_first", ("01/05/2020", "02/05/2020"),
         error=("X", "source.read.date_format")),
    Case("codes_and_words", ("1", "2", "A", "B"), ("1", "2", "A", "B")),
    Case("one_word_among_many_numbers", (*map(str, range(10, 30)), "pending"),
         (*map(float, range(10, 30)), None)),
    Case("empty", ("", "", ""), (None, None, None)),
    Case("words_for_gaps", ("51000", "unknown", "62000", "n/d", "#NV", "k.A.", "*"),
         (51000.0, None, 62000.0, None, None, None, None)),
    Case("one_word_among_few_amounts", ("51000", "<10", "62000", "55000", "48000", "51500"),
         (51000.0, None, 62000.0, 55000.0, 48000.0, 51500.0)),
    Case("days_of_digits", ("20200501", "20211231"),
         (datetime.date(2020, 5, 1), datetime.date(2021, 12, 31))),
    Case("months", ("2020-05", "2021-12"), (datetime.date(2020, 5, 1), datetime.date(2021, 12, 1))),
    Case("margins_of_a_census", ('"51,000 ±1,200"', '"62,000 ±900"'), (51000.0, 62000.0)),
    Case("gaps_of_the_census", ("51000", "62000", "-666666666"), (51000.0, 62000.0, None)),
    Case("nothing_but_gaps_of_the_census", ("-666666666", "-999999999"), (None, None)),
    Case("gaps_as_nines", ("12.5", "14.1", "9.9", "-999"), (12.5, 14.1, 9.9, None)),
    Case("nines_that_are_amounts", ("800", "1200", "999"), (800.0, 1200.0, 999.0)),
    Case("one_unit", ('"1,200 sqft"', "950 sqft"), (1200.0, 950.0)),
    Case("several_units", ("1.2 km", "800 m", "3 km"), ("1.2 km", "800 m", "3 km")),
    Case("thousands_as_k", ("51k", "1.2M", "900"), (51000.0, 1200000.0, 900.0)),
    Case("about_and_at_most", ("~500", "<5", ">100"), (500.0, 5.0, 100.0)),
    Case("footnotes", ("51000*", "62000", "48000[1]"), (51000.0, 62000.0, 48000.0)),
    Case("for_ever_in_sap", ("31.12.9999", "30.06.2024"), (None, datetime.date(2024, 6, 30))),
    Case("beginning_of_time", ("1900-01-01", "2020-05-01"), (None, datetime.date(2020, 5, 1))),
    Case("marks_of_sap", ("X", "", "x"), (True, False, True)),
    Case("yes_or_empty", ("Yes", "", "Yes"), (True, False, True)),
    Case("codes_with_leading_zeros", ("01067", "10115", "01067"), ("01067", "10115", "01067")),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_attributes_have_the_type_of_their_values(case: Case, tmp_path: Path) -> None:
    rows = [f"{place:03d}{case.separator}{cell}" for place, cell in enumerate(case.cells)]
    header = f"STORE_NBR{case.separator}X"
    (tmp_path / "stores.csv").write_text("\n".join([header, *rows]))
    source = source_of(tmp_path, read=case.read)
    if case.error:
        with pytest.raises(DataError) as caught:
            source.external()
        assert all(words in caught.value.message for words in case.error), caught.value.message
        return
    frame = source.external()["stores.csv"]
    assert tuple(frame["X"]) == case.expected
    assert frame["store_nbr"][0] == "000"


def test_cells_that_are_no_numbers_are_told(tmp_path: Path) -> None:
    rows = [f"{place},{place}" for place in range(20)]
    (tmp_path / "stores.csv").write_text("\n".join(["STORE_NBR,X", *rows, "20,pending"]))
    source = source_of(tmp_path)
    source.external()
    told = source.readings(["external"]).filter(column="X", action="unread")["reason"]
    assert told.to_list() == ["1 cell is no number: 'pending'"]


@pytest.mark.parametrize("name", ["ZIP", "postal_code", "RegionID", "PLZ", "phone", "OBJECTID"])
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_numbers_that_are_codes_by_their_name_are_levels(
    name: str, kind: str, tmp_path: Path
) -> None:
    frame = pl.DataFrame({"STORE_NBR": ["1", "2", "3"], name: [90210, 90211, 90210]})
    path = tmp_path / f"stores.{kind}"
    frame.write_csv(path) if kind == "csv" else frame.write_parquet(path)
    tables = preprocess_external(source_of(tmp_path).external(), Preprocess(), seed=1)
    assert tables["values"]["level"].to_list() == ["90210", "90211", "90210"]


def test_leading_zeros_of_codes_survive_the_stage(tmp_path: Path) -> None:
    (tmp_path / "stores.csv").write_text("STORE_NBR,X\n1,01067\n2,10115\n")
    tables = preprocess_external(source_of(tmp_path).external(), Preprocess(), seed=1)
    assert tables["values"]["level"].to_list() == ["01067", "10115"]


def test_row_that_says_what_the_columns_mean_is_no_store(tmp_path: Path) -> None:
    rows = "Geography,Estimate!!Median income,Estimate!!Total\n1,51000,7\n2,62000,8\n"
    (tmp_path / "stores.csv").write_text(f"STORE_NBR,B19013,B01001\n{rows}")
    frame = source_of(tmp_path).external()["stores.csv"]
    assert frame.rows() == [(None, None, None), ("1", 51000.0, 7.0), ("2", 62000.0, 8.0)]


def test_first_store_without_any_number_is_a_store(tmp_path: Path) -> None:
    rows = "1,closed,closed\n2,62000,8\n" + "".join(f"{n},5{n}000,7\n" for n in range(3, 14))
    (tmp_path / "stores.csv").write_text(f"STORE_NBR,X,Y\n{rows}")
    assert source_of(tmp_path).external()["stores.csv"].row(0) == ("1", None, None)


def test_levels_that_are_mostly_numbers_are_told(tmp_path: Path) -> None:
    (tmp_path / "stores.csv").write_text("STORE_NBR,X\n1,D\n2,12\n3,14\n4,S\n5,9\n")
    source = source_of(tmp_path)
    source.external()
    told = source.readings(["external"]).filter(action="unread")["reason"][0]
    assert (
        told == "levels, though most cells hold numbers, such as '12'; others such as 'D' are not"
    )


def test_rows_that_are_no_stores_do_not_decide_the_type(tmp_path: Path) -> None:
    rows = "-,EUR\n001,1\n002,2\nSTORE_NBR,X\n003,4\n\nSource: ERP,v7\n"
    (tmp_path / "stores.csv").write_text(f"STORE_NBR,X\n{rows}")
    frame = source_of(tmp_path).external()["stores.csv"]
    assert frame.drop_nulls("store_nbr")["X"].to_list() == [1.0, 2.0, 4.0]
    assert frame["store_nbr"].null_count() == 3


@pytest.mark.parametrize(
    "keys",
    [
        pl.Series([1, 2], dtype=pl.Int32),
        pl.Series([1, 2], dtype=pl.Int64),
        pl.Series([1.0, 2.0]),
        pl.Series([Decimal(1), Decimal(2)]),
        pl.Series(["1", "2"]).cast(pl.Categorical),
        pl.Series(["1 ", "2.0"]),
    ],
    ids=lambda keys: str(keys.dtype),
)
def test_arrow_types_of_a_store_are_equal(keys: pl.Series, tmp_path: Path) -> None:
    pl.DataFrame({"STORE_NBR": keys, "X": [1, 2]}).write_parquet(tmp_path / "stores.parquet")
    assert source_of(tmp_path).external()["stores.parquet"]["store_nbr"].to_list() == ["1", "2"]


def test_arrow_types_that_are_no_attributes_are_named_and_left_out(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "STORE_NBR": [1],
            "X": [2],
            "opens": [datetime.time(8)],
            "items": [[1, 2]],
            "photo": [b"x"],
            "__index_level_0__": [0],
        }
    )
    frame.write_parquet(tmp_path / "stores.parquet")
    source = source_of(tmp_path)
    assert source.external()["stores.parquet"].columns == ["store_nbr", "X"]
    left_out = source.readings(["external"]).filter(pl.col("action") == "left out")
    assert sorted(left_out["column"]) == ["__index_level_0__", "items", "opens", "photo"]
    assert left_out["reason"].is_not_null().all()


def _write_workbook(path: Path, sheets: Mapping[str, list[list[Any]]]) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for place, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, datetime.date):
                        sheet.write_datetime(place, column, cell, day)
                    else:
                        sheet.write(place, column, cell)


TABLE = [["STORE_NBR", "income", "opened"], [1088, 51000, datetime.date(2020, 5, 1)]]


@pytest.mark.parametrize(
    ("sheets", "read"),
    [
        ({"Stores": TABLE}, {}),
        ({"Stores": [["Our stores"], [], *TABLE, [None, None, None]]}, {}),
        ({"Stores": [[], [], ["Our stores"], *[[None, *row] for row in TABLE]]}, {}),
        ({"Read me": [["Ask Ann"]], "Stores": TABLE}, {}),
        ({"Old": [TABLE[0], [1, 2, None]], "New": TABLE}, {"sheet": "New"}),
        ({"Stores": [["a", "b", "c"], *TABLE]}, {"header_row": 2}),
    ],
    ids=[
        "plain",
        "title_rows",
        "not_in_the_corner",
        "another_sheet_first",
        "sheet_set",
        "header_row_set",
    ],
)
def test_workbooks_are_read_from_the_table_on(
    sheets: Mapping[str, list[list[Any]]], read: Mapping[str, Any], tmp_path: Path
) -> None:
    _write_workbook(tmp_path / "stores.xlsx", sheets)
    row = source_of(tmp_path, read=read).external()["stores.xlsx"].row(0, named=True)
    assert row["store_nbr"] == "1088"
    assert row["income"] == 51000
    assert str(row["opened"])[:10] == "2020-05-01"


def test_a_sheet_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    _write_workbook(tmp_path / "stores.xlsx", {"Stores": TABLE})
    with pytest.raises(DataError, match=r"no sheet 'Store', did you mean 'Stores'"):
        source_of(tmp_path, read={"sheet": "Store"}).external()


def test_text_that_is_called_a_workbook_is_read_as_text(tmp_path: Path) -> None:
    (tmp_path / "stores.xls").write_text("STORE_NBR\tX\n001\t2\n")
    assert source_of(tmp_path).external()["stores.xls"].rows() == [("001", 2.0)]


def test_parquet_is_read_whatever_its_ending(tmp_path: Path) -> None:
    pl.DataFrame({"STORE_NBR": ["001"], "X": [2.0]}).write_parquet(tmp_path / "stores.csv")
    assert source_of(tmp_path).external()["stores.csv"].rows() == [("001", 2.0)]


def test_files_of_equal_columns_and_other_stores_are_stacked(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"stores_{number}.csv").write_text(f"STORE_NBR,X\n{number},{number}.5\n")
    (tmp_path / "stores_size.csv").write_text("STORE_NBR,SIZE\n0,7\n1,8\n2,9\n")
    source = source_of(tmp_path)
    frames = source.external()
    assert {name: frame.columns for name, frame in frames.items()} == {
        "stores_0.csv": ["store_nbr", "X"],
        "stores_size.csv": ["store_nbr", "SIZE"],
    }
    tables = preprocess_external(frames, Preprocess(max_levels=5), seed=1)
    assert tables["values"].height == 6
    assert "stacked" in source.readings(["external"])["action"]


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [("12%", "0.05", "plain numbers in .*percent in"), ("$12", "€5", r"\$ in .*€ in")],
)
def test_files_in_different_units_are_not_stacked(
    first: str, second: str, told: str, tmp_path: Path
) -> None:
    for store, cell in (("1", first), ("2", second)):
        (tmp_path / f"stores_{store}.csv").write_text(f"STORE_NBR,X\n{store},{cell}\n")
    with pytest.raises(DataError, match=f"X has several units: {told}"):
        source_of(tmp_path).external()


def test_files_of_different_types_are_stacked_as_text_which_is_told(tmp_path: Path) -> None:
    (tmp_path / "stores_1.csv").write_text("STORE_NBR,X\n1,2020-05-01\n")
    (tmp_path / "stores_2.csv").write_text("STORE_NBR,X\n2,7\n")
    source = source_of(tmp_path)
    source.external()
    told = source.readings(["external"]).filter(action="unread")["reason"]
    assert told.to_list() == ["Date and Float64 in files that are put together, read as text"]


def test_folders_of_hive_give_their_columns(tmp_path: Path) -> None:
    for region in ("north", "south%20east"):
        folder = tmp_path / "stores" / f"region={region}"
        folder.mkdir(parents=True)
        place = len(region)
        pl.DataFrame({"STORE_NBR": [place], "X": [1.5]}).write_parquet(folder / "part.parquet")
        (folder / "_SUCCESS").write_text("")
    frames = source_of(tmp_path, external=[str(tmp_path / "stores")]).external()
    regions = [row[2] for frame in frames.values() for row in frame.rows()]
    assert sorted(regions) == ["north", "south east"]


def test_brackets_in_a_file_s_name_are_read_literally(tmp_path: Path) -> None:
    for name, store in (("stores_part[1].csv", "1"), ("stores_part1.csv", "2")):
        (tmp_path / name).write_text(f"STORE_NBR,X\n{store},{store}\n")
    frame = source_of(tmp_path).external()
    assert sorted(row for part in frame.values() for row in part["store_nbr"]) == ["1", "2"]
    assert expand("external", str(tmp_path / "stores_part[1].csv")) == [
        str(tmp_path / "stores_part[1].csv")
    ]


def test_stores_spelt_otherwise_than_in_the_sales_stop_the_run(tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_text("STORE_NBR,SKU_NBR,TOTAL_SALES\n00001,7,1\n00002,7,1\n")
    pl.DataFrame({"Store_nbr": [1, 2, 3], "X": [1, 2, 3]}).write_parquet(
        tmp_path / "stores.parquet"
    )
    sales = str(tmp_path / "sales.csv")
    with pytest.raises(DataError) as caught:
        source_of(tmp_path, sales=sales).external()
    assert "0 of its 3 stores are in" in caught.value.message
    assert "2 would be" in caught.value.message
    assert "source.read.align_keys=true" in caught.value.message
    source = source_of(tmp_path, sales=sales, read={"align_keys": True})
    assert source.external()["stores.parquet"]["store_nbr"].to_list() == ["1", "2", "3"]
    assert source.sales().collect()["store_nbr"].to_list() == ["1", "2"]


def test_leading_zeros_survive_under_any_spelling_of_the_column(tmp_path: Path) -> None:
    (tmp_path / "stores.csv").write_text("Store_nbr,X\n00123,1\n")
    assert source_of(tmp_path).external()["stores.csv"]["store_nbr"].to_list() == ["00123"]


def test_need_states_by_case_and_blanks_are_one_under_the_commonest_spelling(
    tmp_path: Path,
) -> None:
    (tmp_path / "map.csv").write_text(
        "SKU_NBR,NEED_STATE,CATEGORY\n1,Green  Tea,TEA\n2,Green Tea,TEA\n3,green tea ,Tea\n"
    )
    source = source_of(tmp_path, need_states=str(tmp_path / "map.csv"))
    found = source.need_states()
    assert found["need_state"].to_list() == ["Green Tea"] * 3
    assert found["category"].to_list() == ["TEA"] * 3
    told = source.readings(["need_states"]).filter(pl.col("action") == "joined")
    assert sorted(told["example"]) == ["Tea", "green tea"]


def test_a_file_that_changed_within_its_size_and_time_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "stores.csv"
    path.write_text("STORE_NBR,X\n1,2\n")
    before = file_state(path)
    assert file_state(path, before) is before
    stat = path.stat()
    path.write_text("STORE_NBR,X\n1,3\n")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert file_state(path, before).sha256 != before.sha256


def test_what_was_recognised_is_a_table(tmp_path: Path) -> None:
    (tmp_path / "stores.csv").write_bytes("Filialen\nSTORE_NBR;X\nKöln;1,5\n".encode("cp1252"))
    source = source_of(tmp_path)
    source.external()
    rows = source.readings(["external"]).select("action", "column", "role", "reason").rows()
    assert rows == [
        ("file", None, None, "text, cp1252, semicolon, names in row 2"),
        ("read", "STORE_NBR", "store_nbr", "text"),
        ("read", "X", None, "decimal comma"),
    ]
