"""CSV files that a spreadsheet opens without running what a name contains."""

from __future__ import annotations

import re

import polars as pl

# A cell that begins so is a formula to Excel, LibreOffice or Google Sheets, some also in full-width
# characters. Apostrophes before it are counted, too: so two names never become one.
FORMULA = r"^'*[=+\-@\t\r\n＝＋－＠]"


def for_spreadsheets(table: pl.DataFrame, is_wanted: bool) -> pl.DataFrame:
    """Give the table with an apostrophe before every text, also the name of a column, that a
    spreadsheet would take for a formula; unchanged unless `is_wanted`
    (report.csv_for_spreadsheets).
    """
    if not is_wanted:
        return table
    text = pl.col(pl.String)
    safe = table.with_columns(
        pl.when(text.str.contains(FORMULA)).then("'" + text).otherwise(text).name.keep()
    )
    return safe.rename({name: f"'{name}" for name in table.columns if re.match(FORMULA, name)})
