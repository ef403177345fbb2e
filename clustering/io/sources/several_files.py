"""What the files of one input settle for each other: decimal mark, order of day and month, unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

import polars as pl

from clustering.errors import DataError
from clustering.io.sources.numbers import AmbiguousNumbers, NumberStyle, style_of
from clustering.io.sources.table import Table
from clustering.io.sources.values import TEXT, different_values, local_day
from clustering.methods.aggregation.periods import AmbiguousDates, order_of

UNSURE: Literal["unsure"] = "unsure"
Style = NumberStyle | Literal["unsure"] | None


def settled(tables: Sequence[Table], roles: Sequence[Mapping[str, str]]) -> list[Table]:
    """The files with the settings that the others decide, where one alone could be read in two
    ways: the decimal mark, and the order of day and month. Raises DataError where amounts are of
    several units.
    """
    if len(tables) < 2:
        return list(tables)
    styles = [
        _style_of(table, columns["total_sales"])
        for table, columns in zip(tables, roles, strict=True)
    ]
    _require_one_unit(tables, styles)
    marks = [style if style is None or style == UNSURE else style.decimal for style in styles]
    orders: list[str | None] = []
    for table, columns in zip(tables, roles, strict=True):
        period = columns.get("week") or columns.get("date")
        orders.append(_order_of(table, period) if period else None)
    mark, order = _only(marks), _only(orders)
    return [
        _with(table, mark if own == UNSURE else None, order if turn == UNSURE else None)
        for table, own, turn in zip(tables, marks, orders, strict=True)
    ]


def _with(table: Table, mark: str | None, order: str | None) -> Table:
    """The table with these settings where it has none; itself, with what it has read, where nothing
    changes.
    """
    given = table.settings
    settings = replace(given, decimal=given.decimal or mark, date_format=given.date_format or order)
    return table if settings == given else replace(table, settings=settings)


def _require_one_unit(tables: Sequence[Table], styles: Sequence[Style]) -> None:
    """Raise DataError where files are in several currencies, or some in percent."""
    units = {
        style.unit: table.path
        for table, style in zip(tables, styles, strict=True)
        if style is not None and style != UNSURE
    }
    if len(units) > 1 and ("percent" in units or len(units.keys() - {""}) > 1):
        found = ", ".join(f"{unit or 'no sign'} in {path}" for unit, path in sorted(units.items()))
        raise DataError(f"amounts of several kinds cannot be added up: {found}; keep one kind")


def _only(found: Sequence[str | None]) -> str | None:
    """What all files say that say anything."""
    said = {each for each in found if each not in (None, UNSURE)}
    return said.pop() if len(said) == 1 else None


def _style_of(table: Table, column: str) -> Style:
    if table.types[column] not in TEXT:
        return None
    values = different_values(table, pl.col(column).cast(pl.String))
    decimal = table.settings.decimal
    try:
        return style_of(table.path, values, table.separator, decimal, table.decimal_hint)
    except AmbiguousNumbers:
        return UNSURE


def _order_of(table: Table, column: str) -> str | None:
    if table.types[column] not in TEXT:
        return None
    values = different_values(table, local_day(pl.col(column).cast(pl.String)))
    try:
        return order_of(values.to_list())
    except AmbiguousDates:
        return UNSURE
