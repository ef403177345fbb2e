"""Names that a spreadsheet would run."""

from __future__ import annotations

import polars as pl

from clustering.results.export.spreadsheet import for_spreadsheets

NAMES = ["=cmd|' /C calc'!A0", "+1", "-2+3", "@SUM(1)", "\tx", "\rx", "MILK", "a=b", "", None]


def test_formulas_are_neutralised_and_all_else_is_as_it_was() -> None:
    table = pl.DataFrame({"name": NAMES, "number": list(range(-5, 5))})
    safe = for_spreadsheets(table, is_wanted=True)
    expected = ["'" + name for name in NAMES[:6] if name] + NAMES[6:]
    assert safe["name"].to_list() == expected
    assert safe["number"].equals(table["number"])
    assert for_spreadsheets(table, is_wanted=False).equals(table)
