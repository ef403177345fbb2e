"""Excel: which sheet holds the table, and where in it the table begins."""

from __future__ import annotations

import logging
from collections.abc import Collection
from typing import Any

import polars as pl

from clustering.config import ReadSettings
from clustering.config.inputs import ALL_SHEETS
from clustering.errors import DataError, did_you_mean
from clustering.io.sources.columns import squash
from clustering.io.sources.dialect import MOST_TITLE_ROWS, Rows, column_names, header_place
from clustering.io.sources.table import Table

ENDINGS = (".xlsx", ".xls", ".xlsm", ".xlsb")
SAMPLE_ROWS = 200


def open_workbook(path: str, local: str, settings: ReadSettings, known: Collection[str]) -> Table:
    """Open the sheet of a workbook that holds the table."""
    frame, sheet, header_row = read_workbook(path, local, settings, known)
    filled = frame.filter(~pl.all_horizontal(pl.all().is_null()))
    how = f"Excel, sheet {sheet!r}, names in row {header_row}"
    return Table(path, filled.lazy(), dict(frame.schema), how)


def read_workbook(
    where: str, path: str, settings: ReadSettings, known: Collection[str]
) -> tuple[pl.DataFrame, str, int]:
    """Give the table, the name of its sheet and the row of its header (from 1).

    Without source.read.sheet it is the sheet that holds most of the `known` column names; with "*"
    all sheets that hold as many. Raises DataError where several do and none is set.
    """
    import fastexcel

    logging.getLogger("fastexcel").setLevel(logging.ERROR)  # it tells of every empty column
    book = fastexcel.read_excel(path)
    chosen = None if settings.sheet == ALL_SHEETS else settings.sheet
    if chosen is not None and chosen not in book.sheet_names:
        raise DataError(
            f"{where}: there is no sheet {chosen!r}"
            f"{did_you_mean(chosen, book.sheet_names)}; it has "
            f"{', '.join(book.sheet_names)} (source.read.sheet)"
        )
    names = [chosen] if chosen is not None else book.sheet_names
    sheets = {name: _beginning(book, name) for name in names}
    named = {name: _named(rows, known) for name, rows in sheets.items() if len(rows) > 1}
    if not named:
        raise DataError(f"{where} is empty: it has no data row")
    most = max(named.values())
    alike = [name for name in named if named[name] == most and (most or settings.sheet)]
    if settings.sheet == ALL_SHEETS:
        parts = [_read(where, book, name, sheets[name], settings, known) for name in alike]
        return pl.concat([part[0] for part in parts], how="diagonal_relaxed"), ", ".join(alike), 1
    if len(alike) > 1:
        raise DataError(
            f"{where}: the sheets {', '.join(alike)} all hold such a table; set source.read.sheet="
            f"'{alike[0]}', or source.read.sheet='{ALL_SHEETS}' for all of them"
        )
    sheet = max(named, key=named.__getitem__)
    frame, row = _read(where, book, sheet, sheets[sheet], settings, known)
    return frame, sheet, row


def _read(
    where: str, book: Any, sheet: str, rows: Rows, settings: ReadSettings, known: Collection[str]
) -> tuple[pl.DataFrame, int]:
    """A sheet from its header on, and the row of the header."""
    place = header_place(rows, known) if settings.header_row is None else settings.header_row - 1
    columns = column_names(where, rows[place:])
    frame = book.load_sheet(
        sheet, header_row=None, skip_rows=place + 1, schema_sample_rows=None
    ).to_polars()
    return frame.rename(dict(zip(frame.columns, _once(columns), strict=False))), place + 1


def _once(names: tuple[str, ...]) -> list[str]:
    """Names told apart as Polars does for a CSV: the second A is A_duplicated_0."""
    return [
        f"{name}_duplicated_{names[:place].count(name) - 1}" if name in names[:place] else name
        for place, name in enumerate(names)
    ]


def _beginning(book: Any, sheet: str) -> Rows:
    text = book.load_sheet(
        sheet, header_row=None, skip_rows=0, n_rows=SAMPLE_ROWS, dtypes="string"
    ).to_polars()
    return [[cell or "" for cell in row] for row in text.iter_rows()]


def _named(rows: Rows, known: Collection[str]) -> int:
    return max(
        (sum(squash(cell) in known for cell in row) for row in rows[:MOST_TITLE_ROWS]), default=0
    )
