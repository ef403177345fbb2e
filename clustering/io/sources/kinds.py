"""Columns that split sales rows into kinds which must not be added up: measures, currencies."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from clustering.errors import DataError
from clustering.io.sources.columns import squash
from clustering.io.sources.table import Table

TEXT = (pl.String, pl.Categorical, pl.Enum)
MOST_KINDS = 12
NAMES = (
    "measure", "measures", "metric", "kpi", "fact", "facts", "currency", "currencycode", "kennzahl",
     "waehrung", "währung",
)  # fmt: skip
MONEY = (
    "dollars", "dollar", "dollarsales", "sales", "salesvalue", "value", "revenue", "amount",
    "netsales", "umsatz", "eur", "euro", "usd", "gbp",
)  # fmt: skip
OTHER = (
    "units", "unit", "unitsales", "volume", "volumesales", "qty", "quantity", "eqvolume", "margin",
    "absatz", "menge", "stück", "cost", "price", "kg", "lbs", "baseunits",
)  # fmt: skip


def refuse_kinds(table: Table, used: Collection[str]) -> None:
    """Raise DataError where a column without a role says that the amounts are not of one kind, such
    as dollars and units in one column; source.where chooses one.
    """
    for column, kind in table.types.items():
        if column in used or kind not in TEXT:
            continue
        named = squash(column) in NAMES
        if not named and not _are_measures(table.beginning[column]):
            continue
        levels = (
            table.frame.select(pl.col(column).cast(pl.String).str.strip_chars())
            .drop_nulls()
            .unique()
            .collect(engine="streaming")[column]
            .sort()
            .to_list()
        )
        if 1 < len(levels) <= MOST_KINDS:
            raise DataError(
                f"{table.path}: column {column} says that the amounts are of several kinds "
                f"({', '.join(levels)}), which cannot be added up; choose one: "
                f"source.where=\"{_name(column)} = '{levels[0]}'\"",
                ["source.where='1 = 1' adds all of them up"],
            )


def _are_measures(values: pl.Series) -> bool:
    levels = {squash(str(level)) for level in values.unique().drop_nulls().to_list()}
    return len(levels) <= MOST_KINDS and bool(levels & set(MONEY)) and bool(levels & set(OTHER))


def _name(column: str) -> str:
    return column if column.isidentifier() else f'"{column}"'
