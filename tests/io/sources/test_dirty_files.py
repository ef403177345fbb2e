"""Files as they come from tills, spreadsheets and vendors: read right, or stopped with the reason.

Each row of the table is a file as literal text, with the sums by store that are expected, or with
what the error says. Rows go through the source and the stage that a run uses.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import zstandard

from clustering.config import Preprocess, Source, restored
from clustering.errors import DataError
from clustering.io.sources.files import FileSource
from clustering.stages.preprocess_internal import preprocess_internal

MAP = "SKU_NBR,NEED_STATE,CATEGORY\n07,green,TEA\n08,black,TEA\n"
HEAD = "STORE_NBR,SKU_NBR,TOTAL_SALES"
TWO = {"001": 10.5, "002": 4.0}
Sums = dict[str, float]


@dataclass(frozen=True)
class Sales:
    """A sales file and the sales by store that it holds, the rows set aside by rule with their
    text, or the words of the error.
    """

    name: str
    content: str | bytes
    sums: Sums = field(default_factory=dict)
    aside: Mapping[str, tuple[str | None, ...]] = field(default_factory=dict)
    error: tuple[str, ...] = ()
    read: Mapping[str, Any] = field(default_factory=dict)
    columns: Mapping[str, Any] = field(default_factory=dict)
    file: str = "sales.csv"
    map: str = MAP


def us(*rows: str, head: str = HEAD) -> str:
    return "\n".join((head, *rows)) + "\n"


GOOD = us("001,07,10.5", "002,08,4")
GERMAN = "STORE_NBR;SKU_NBR;TOTAL_SALES\n001;07;1.031,10\n002;08;4,5\n"
CASES = [
    # encodings and compression
    Sales("plain", GOOD, TWO),
    Sales("utf8_with_mark", b"\xef\xbb\xbf" + GOOD.encode(), TWO),
    Sales("utf16", GOOD.encode("utf-16"), TWO),
    Sales("utf16_without_mark", GOOD.encode("utf-16-le"), TWO),
    Sales("utf16_big_endian", b"\xfe\xff" + GOOD.encode("utf-16-be"), TWO),
    Sales("latin1", us("Köln,07,3", "Orléans,07,4").encode("latin-1"), {"Köln": 3, "Orléans": 4}),
    Sales("cp1252", us("Café €,07,3").encode("cp1252"), {"Café €": 3}),
    Sales(
        "late_latin1",
        (us(*["1,07,1"] * 60_000) + "Köln,07,2\n").encode("latin-1"),
        {"1": 60_000, "Köln": 2},
    ),
    Sales(
        "mostly_utf8",
        us(*["Köln,07,1"] * 20).encode() + b"K\xf6ln,07,1\n",
        error=("UTF-8 but for 1 character", "line 22", "source.read.encoding"),
    ),
    Sales(
        "encoding_set",
        us("Ж1,07,3").encode("cp1251"),
        {"Ж1": 3},
        read={"encoding": "cp1251"},
    ),
    Sales(
        "encoding_set_wrong",
        us("Köln,07,3").encode("latin-1"),
        error=("sales.csv is not in utf-8", "source.read.encoding"),
        read={"encoding": "utf-8"},
    ),
    Sales("cp1250", us("Łódźław,07,3").encode("cp1250"), {"Łódźław": 3}),
    Sales(
        "cyrillic",
        us("Магазин Москва,07,3", "Санкт-Петербург,07,2").encode("cp1251"),
        {"Магазин Москва": 3, "Санкт-Петербург": 2},
    ),
    Sales("gz", gzip.compress(GOOD.encode()), TWO, file="sales.csv.gz"),
    Sales("gz_of_latin1", gzip.compress(us("Köln,07,3").encode("latin-1")), {"Köln": 3},
          file="sales.csv.gz"),
    Sales("gz_without_the_ending", gzip.compress(GOOD.encode()), TWO),
    Sales("zst", zstandard.compress(GOOD.encode()), TWO, file="sales.csv.zst"),
    Sales("old_mac_lines", GOOD.replace("\n", "\r"), TWO),
    Sales("windows_lines", GOOD.replace("\n", "\r\n"), TWO),
    # separators, quotes, title rows
    Sales("semicolons", GOOD.replace(",", ";"), TWO),
    Sales("tabs_in_csv", GOOD.replace(",", "\t"), TWO),
    Sales("pipes", GOOD.replace(",", "|"), TWO, file="sales.txt"),
    Sales("excel_says_the_separator", "sep=;\n" + GOOD.replace(",", ";"), TWO),
    Sales("separator_set", GOOD.replace(",", "|"), TWO, read={"sales": {"separator": "pipe"}}),
    Sales("quoted", us('"001","07","10.5"', '"002","08","4"'), TWO),
    Sales("single_quotes", us("'001','07','10.5'", "'002','08','4'"), TWO),
    Sales("separator_in_quotes", us('"1, Main St",07,2'), {"1, Main St": 2}),
    Sales("inches", us('12" pizza,07,2'), {'12" pizza': 2}),
    Sales("inches_beside_quoted_cells", us('12" pizza,07,2', '"14"" pizza",08,3'),
          {'12" pizza': 2, '14" pizza': 3}),
    Sales("a_quote_that_is_not_closed", us(*["1,07,1"] * 60_000, '"2,07,1'),
          error=("sales.csv cannot be read: a quoted cell is not closed",)),
    Sales("a_late_row_that_is_too_long", us(*["1,07,1"] * 60_000, "1,07,1,031.10"),
          error=("a row has more cells than there are column names",)),
    Sales("title_rows", "Sales report\nWeeks 1 to 52\n\n" + GOOD, TWO),
    Sales("title_rows_with_separators", "Sales report,,\nFrom:,01/01/25,\n,,\n" + GOOD, TWO),
    Sales("header_row_set", "STORE_NBR,a,b\n" + GOOD, TWO, read={"sales": {"header_row": 2}}),
    Sales("trailing_empty_rows", GOOD + ",,\n,,\n\n", TWO),
    Sales("trailing_separators", us("001,07,10.5,", "002,08,4,", head=HEAD + ","), TWO),
    Sales("trailing_separators_in_rows", us("001,07,10.5,", "002,08,4,"), TWO),
    Sales(
        "tally_of_a_database",
        GOOD + "(2 rows affected)\n",
        TWO,
        {"store_nbr_null": (None,)},
    ),
    Sales(
        "thousands_that_are_not_quoted",
        us("001,07,1,031.10", "002,08,4"),
        error=("a row has 4 cells, but there are 3 column names", "source.read.separator"),
    ),
    Sales("index_of_pandas", us("0,001,07,10.5", "1,002,08,4", head="," + HEAD), TWO),
    Sales("index_of_pandas_named", us("0,001,07,10.5", "1,002,08,4", head="Unnamed: 0," + HEAD),
          TWO),
    Sales("blanks_around_names", us("001,07,10.5", "002,08,4", head=HEAD.replace(",", " , ")),
          TWO),
    Sales("no_rows", HEAD + "\n", error=("sales.csv is empty",)),
    Sales("same_column_twice", us("1,2,3,4", head=HEAD + ",TOTAL_SALES"),
          error=("'TOTAL_SALES' occurs twice",)),
    # numbers
    Sales("thousands", us('001,07,"1,031.10"', "002,08,4.5"), {"001": 1031.1, "002": 4.5}),
    Sales("german", GERMAN, {"001": 1031.1, "002": 4.5}),
    Sales("german_millions", GERMAN.replace("1.031,10", "1.031.000"), {"001": 1031000, "002": 4.5}),
    Sales("french", GERMAN.replace("1.031", "1 031"), {"001": 1031.1, "002": 4.5}),
    Sales("french_narrow", GERMAN.replace("1.031", "1\u202f031"), {"001": 1031.1, "002": 4.5}),
    Sales("swiss", us("001,07,1'031.10", "002,08,4.5"), {"001": 1031.1, "002": 4.5}),
    Sales("indian", us('001,07,"1,00,031.10"', "002,08,4.5"), {"001": 100031.1, "002": 4.5}),
    Sales("thousands_only", us('001,07,"1,031"', '002,08,"2,000"'), {"001": 1031, "002": 2000}),
    Sales(
        "comma_of_thousands_or_decimals",
        "STORE_NBR;SKU_NBR;TOTAL_SALES\n001;07;1,031\n002;08;2,000\n",
        error=("TOTAL_SALES", "'1,031' can be read in two ways", "source.read.decimal=comma"),
    ),
    Sales(
        "decimal_set",
        "STORE_NBR;SKU_NBR;TOTAL_SALES\n001;07;1,031\n002;08;2,000\n",
        {"001": 1.031, "002": 2.0},
        read={"decimal": "comma"},
    ),
    Sales(
        "another_column_decides",
        "STORE_NBR;SKU_NBR;TOTAL_SALES;MARGIN\n001;07;1.031;0,5\n002;08;2.000;0,4\n",
        {"001": 1031, "002": 2000},
    ),
    Sales(
        "two_ways_in_one_column",
        us('001,07,"1,5"', "002,08,2.5"),
        error=("'1,5' can be read in two ways", "source.read.decimal"),
    ),
    Sales("dollars", us('001,07,"$1,031.10"', "002,08,$ 4"), {"001": 1031.1, "002": 4}),
    Sales("euros_behind", GERMAN.replace("4,5", "4,5 €"), {"001": 1031.1, "002": 4.5}),
    Sales("currency_codes", us("001,07,USD 10.50", "002,08,4.00 USD"), TWO),
    Sales("two_currencies", us("001,07,$10.50", "002,08,€4"),
          error=("TOTAL_SALES", "$ and €", "cannot be added up")),
    Sales("no_money", us("001,07,$10.50", "001,07,$ -", "002,08,$4"), TWO,
          {"total_sales_null": (None,)}),
    Sales("percent_shares", us("001,07,62.5%", "001,08,37.5%"), {"001": 100.0}),
    Sales("percent_among_amounts", us("001,07,62.5%", "001,08,37"),
          error=("TOTAL_SALES", "percent", "'37'")),
    Sales("parentheses", us("001,07,15.5", "001,07,(5.00)", "002,08,4"), TWO),
    Sales("minus_behind", us("001,07,15.5", "001,07,5-", "002,08,4"), TWO),
    Sales("long_minus", us("001,07,15.5", "001,07,−5", "002,08,4"), TWO),
    Sales("accounting", us('001,07,"$15.50"', '001,07,"($5.00)"', "002,08,4"), TWO),
    Sales("scientific", us("001,07,1.05E+01", "002,08,4"), TWO),
    Sales(
        "gaps",
        us("001,07,10.5", "002,08,4", *(f"001,07,{gap}" for gap in (
            "NA", "N/A", "#N/A", "-", "NULL", "nan", "None", "", '" "', "#DIV/0!"))),
        TWO,
        {"total_sales_null": (None,) * 10},
    ),
    Sales(
        "text_among_amounts",
        us("001,07,10.5", "002,08,4", "001,08,about 7"),
        TWO,
        {"total_sales_unreadable": ("about 7",)},
    ),
    Sales(
        "a_date_among_amounts",
        us("001,07,10.5", "002,08,4", "001,08,1.2.2025"),
        TWO,
        {"total_sales_unreadable": ("1.2.2025",)},
    ),
    Sales("no_amounts", us("001,07,many", "002,08,few"),
          error=("TOTAL_SALES contains text, expected numbers", "'few'")),
    # keys
    Sales("blanks_around_keys", us("001 ,07,10", " 001,07 ,0.5", "002,08,4"), TWO),
    Sales("no_break_blank", us("001\u00a0,07,10", "001,07,0.5", "002,08,4"), TWO),
    Sales("late_blank", us("001,07,0", *["002,08,0"] * 20_000, "001 ,07,10.5", "002,08 ,4"), TWO),
    Sales("decimals_of_a_spreadsheet", us("101.0,07,10", "101,07,0.5"), {"101": 10.5}),
    Sales("formula_text", us('"=""001""",07,10.5', "'002,08,4"), TWO),
    Sales("unicode_forms", us("Cafe\u0301,07,1", "Caf\u00e9,07,2"), {"Café": 3}),
    Sales(
        "no_stores",
        us("001,07,10.5", "002,08,4", *(f"{no},07,1" for no in ("", "NA", "None", "null", "#N/A"))),
        TWO,
        {"store_nbr_null": (None,) * 5},
    ),
    Sales("cut_digits", us("001,4.01235E+12,10"),
          error=("SKU_NBR holds 4.01235E+12", "export the column as text")),
    Sales(
        "lost_zeros",
        us("001,7,10.5", "002,8,4"),
        error=("0 of its 2 SKUs", "2 would be", "source.read.align_keys=true"),
    ),
    Sales("aligned", us("001,7,10.5", "002,8.0,4"), {"1": 10.5, "2": 4.0},
          read={"align_keys": True}),
    Sales(
        "aligned_into_one",
        us("001,07,1", "1,07,2"),
        error=("'001' and '1'", "source.read.align_keys"),
        read={"align_keys": True},
    ),
    # names
    Sales("names_with_blanks", us("001,07,10.5", "002,08,4", head="Store Nbr,sku-nbr,Total Sales"),
          TWO),
    Sales(
        "own_names",
        us("001,07,10.5", "002,08,4", head="Filiale,Artikel,Umsatz"),
        TWO,
        columns={"sales": {"store_nbr": "Filiale", "sku_nbr": "artikel", "total_sales": "Umsatz"}},
    ),
    Sales(
        "names_of_a_file",
        us("001,07,10.5", "002,08,4", head="Filiale,SKU_NBR,TOTAL_SALES"),
        TWO,
        columns={"files": {"sales": {"store_nbr": "Filiale"}}},
    ),
    Sales(
        "missing_names_of_all_files",
        us("001,07,10.5", head="Store,UPC,Net Sales"),
        error=(
            "source.columns.sales.store_nbr='Store'",
            "source.columns.sales.sku_nbr='UPC'",
            "source.columns.sales.total_sales='Net Sales'",
            "source.columns.need_states.sku_nbr='Item Code'",
        ),
        map="Item Code,NEED_STATE\n07,green\n",
    ),
    # names of categories and need states
    Sales(
        "categories_by_case_and_blanks",
        us("001,07,10,Tea", "001,07,0.5,TEA ", "002,08,4,Tea", head=HEAD + ",CATEGORY"),
        TWO,
    ),
]  # fmt: skip


def source_of(folder: Path, case: Sales) -> FileSource:
    content = case.content if isinstance(case.content, bytes) else case.content.encode()
    (folder / case.file).write_bytes(content)
    (folder / "map.csv").write_text(case.map)
    settings = {
        "sales": str(folder / case.file),
        "need_states": str(folder / "map.csv"),
        "external": [],
        "read": case.read,
        "columns": case.columns,
    }
    return FileSource(restored(Source, settings))


def preprocessed(source: FileSource, **changed: Any) -> dict[str, pl.DataFrame]:
    settings = Preprocess(**({"totals": "keep"} | changed))
    return preprocess_internal(source.sales(), source.need_states(), settings, seed=1)


def sums_of(tables: dict[str, pl.DataFrame]) -> Sums:
    by_store = tables["stores"].group_by("store_nbr").agg(pl.col("sales").sum().round(4))
    return {store: sales for store, sales in by_store.iter_rows() if sales}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_sales_are_read_right_or_refused_with_the_reason(case: Sales, tmp_path: Path) -> None:
    source = source_of(tmp_path, case)
    if case.error:
        with pytest.raises(DataError) as caught:
            preprocessed(source)
        told = "\n".join([caught.value.message, *caught.value.details])
        for words in case.error:
            assert words in told, told
        return
    tables = preprocessed(source)
    assert sums_of(tables) == case.sums
    aside = tables["quarantine"].filter(pl.col("input") == "sales")
    found = aside.group_by("rule").agg(pl.col("detail").sort()).rows()
    assert {rule: tuple(details) for rule, details in found} == dict(case.aside)
