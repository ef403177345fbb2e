"""CSV files that a spreadsheet opens without running what a name contains."""

from __future__ import annotations

import polars as pl

# a cell that begins so is a formula to Excel, LibreOffice and Google Sheets
FORMULA = r"^[=+\-@\t\r]"


def for_spreadsheets(table: pl.DataFrame, is_wanted: bool) -> pl.DataFrame:
    """Give the table with an apostrophe before every text that a spreadsheet would take for a
    formula; as it is where that `is_wanted` not (report.csv_for_spreadsheets).
    """
    if not is_wanted:
        return table
    text = pl.col(pl.String)
    return table.with_columns(
        pl.when(text.str.contains(FORMULA)).then("'" + text).otherwise(text).name.keep()
    )
