"""Columns that split sales rows into kinds which must not be added up: measures, currencies,
plans beside actuals, gross beside net, taxes and payments, sums beside their parts, returns.
"""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from clustering.errors import DataError
from clustering.io.sources.columns import squash
from clustering.io.sources.numbers import CODES
from clustering.io.sources.table import Table
from clustering.methods.aggregation.plausible import labels_of_totals

TEXT = (pl.String, pl.Categorical, pl.Enum)
MOST_KINDS, MOST_SHOWN = 12, 5
NAMES = (
    "measure", "measures", "metric", "metrics", "kpi", "fact", "facts", "facttype", "measuretype",
    "currency", "currencycode", "curr", "ccy", "devise", "moneda", "valuta", "kennzahl", "waehrung",
    "währung", "scenario", "wertart", "plantype",
)  # fmt: skip
MONEY = (
    "dollars", "dollar", "dollarsales", "sales", "salesvalue", "value", "revenue", "amount",
    "netsales", "umsatz", "eur", "euro", "usd", "gbp",
)  # fmt: skip
OTHER = (
    "units", "unit", "unitsales", "volume", "volumesales", "qty", "quantity", "eqvolume", "margin",
    "absatz", "menge", "stück", "cost", "price", "kg", "lbs", "baseunits",
)  # fmt: skip
ACTUAL = (
    "actual",
    "actuals",
    "act",
    "current",
    "currentyear",
    "cy",
    "ty",
    "thisyear",
    "ist",
    "latest",
)
ELSE = (
    "budget", "bud", "plan", "forecast", "fcst", "fc", "target", "soll", "ly", "lastyear",
    "yearago", "ya", "yago", "prioryear", "previousyear", "previous", "prior", "py", "vorjahr",
    "vj",
)  # fmt: skip
NET, GROSS = ("net", "netto", "netsales", "nett"), ("gross", "brutto", "grosssales")
NO_SALES = (
    "tax", "salestax", "vat", "gst", "mwst", "iva", "tva", "tender", "payment", "tip", "zahlung",
)  # fmt: skip
LEVELS = (
    "sku", "upc", "item", "product", "brand", "segment", "subcategory", "category", "department",
    "manufacturer", "store", "region", "chain", "banner", "market", "total",
)  # fmt: skip
RETURNS = (
    "return", "returns", "returned", "refund", "refunds", "refunded", "retoure", "retouren",
    "rückgabe", "storno", "void", "voided", "cancelled", "canceled",
)  # fmt: skip


def refuse_kinds(table: Table, used: Collection[str], amounts: str) -> None:
    """Raise DataError where a column without a role says that the amounts are not of one kind, such
    as dollars and units in one column; source.where chooses one. `amounts` is their column.
    """
    for column, kind in table.types.items():
        named = squash(column) in NAMES
        if column in used or not (kind in TEXT or (named and kind.is_integer())):
            continue
        texts = [str(each) for each in table.beginning[column].unique().drop_nulls()]
        few = {squash(text) for text in texts}
        has_total = len(few) > 1 and bool(labels_of_totals(texts))
        if named or (len(few) <= MOST_KINDS and (has_total or _are_kinds(few))):
            _require_one_kind(table, column, named)
        elif len(few) <= MOST_KINDS and few & set(RETURNS):
            _require_negative(table, column, amounts)


def _are_kinds(levels: set[str]) -> bool:
    """Whether levels, squashed, are of amounts that mean different things."""
    several = len(levels) > 1
    codes = {code.lower() for code in CODES.split("|")}
    return bool(
        (levels & set(MONEY) and levels & set(OTHER))
        or (levels & set(ACTUAL) and levels & set(ELSE))
        or (levels & set(NET) and levels & set(GROSS))
        or (several and levels & set(NO_SALES))
        or (several and (levels <= codes or levels <= set(LEVELS)))
    )


def _require_one_kind(table: Table, column: str, named: bool) -> None:
    levels = _levels(table, column)
    if len(levels) < 2 or (len(levels) > MOST_KINDS and not named):
        return
    shown = [*levels[:MOST_SHOWN], *(["..."] if len(levels) > MOST_SHOWN else [])]
    raise DataError(
        f"{table.path}: column {column} says that the amounts are of several kinds "
        f"({', '.join(shown)}), which cannot be added up; choose one: "
        f"source.where=\"{_name(column)} = '{levels[0]}'\"",
        ["source.where='1 = 1' adds all of them up"],
    )


def _require_negative(table: Table, column: str, amounts: str) -> None:
    """Raise DataError where rows are returns by their label and none of them is negative."""
    returned = [level for level in _levels(table, column) if squash(level) in RETURNS]
    text = pl.col(column).cast(pl.String).str.strip_chars()
    amount = pl.col(amounts).cast(pl.String).str.contains("[-−–(]")
    if (
        returned
        and not table.collect(table.frame.filter(text.is_in(returned)).select(amount.any())).item()
    ):
        name = _name(column)
        raise DataError(
            f"{table.path}: column {column} says that rows are returns ({', '.join(returned)}), "
            "but their amounts are not negative: they would be added to sales",
            [
                f"leave them out: source.where=\"{name} <> '{returned[0]}'\"",
                f"or subtract them: source.derive.total_sales=\"CASE WHEN {name} = '{returned[0]}' "
                f"THEN -{_name(amounts)} ELSE {_name(amounts)} END\" source.where='1 = 1'",
            ],
        )


def _levels(table: Table, column: str) -> list[str]:
    texts = table.frame.select(pl.col(column).cast(pl.String).str.strip_chars()).drop_nulls()
    return sorted(texts.unique().collect(engine="streaming")[column].to_list())


def _name(column: str) -> str:
    return column if column.isidentifier() else f'\\"{column}\\"'
