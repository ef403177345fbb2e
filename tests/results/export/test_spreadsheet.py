"""Names that a spreadsheet would run."""

from __future__ import annotations

import csv
import io

import polars as pl

from clustering.results.export.spreadsheet import for_spreadsheets
from tests import hostile

NAMES = ["=cmd|' /C calc'!A0", "+1", "-2+3", "@SUM(1)", "\tx", "\rx", "MILK", "a=b", "", None]


def test_formulas_are_neutralised_and_all_else_is_as_it_was() -> None:
    table = pl.DataFrame({"name": NAMES, "number": list(range(-5, 5))})
    safe = for_spreadsheets(table, is_wanted=True)
    expected = ["'" + name for name in NAMES[:6] if name] + NAMES[6:]
    assert safe["name"].to_list() == expected
    assert safe["number"].equals(table["number"])
    assert for_spreadsheets(table, is_wanted=False).equals(table)


def test_fifty_hostile_names_run_nowhere_and_none_is_lost() -> None:
    names = list(hostile.NAMES)
    assert len(names) >= 50
    table = pl.DataFrame({"name": names, "=1+1": names})
    written = for_spreadsheets(table, is_wanted=True).write_csv()
    header, *rows = csv.reader(io.StringIO(written, newline=""))
    assert header == ["name", "'=1+1"]
    cells = [cell for row in rows for cell in row]
    assert not [cell for cell in cells if cell[:1] in tuple("=+-@\t\r\n＝＋－＠")]
    assert len(set(cells)) == len(set(names))
    plain = for_spreadsheets(table, is_wanted=False).write_csv()
    assert pl.read_csv(io.StringIO(plain), infer_schema=False).equals(table)
