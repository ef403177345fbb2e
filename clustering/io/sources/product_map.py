"""The need-state map where there is none: need states made of columns of products, or of SKUs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import polars as pl

from clustering.errors import DataError, did_you_mean
from clustering.io.sources.columns import names_of, resolve, squash
from clustering.io.sources.reading import Reading
from clustering.io.sources.table import Table
from clustering.io.sources.values import clean_key_of, name_of
from clustering.methods.aggregation.clean_keys import without_gaps

if TYPE_CHECKING:
    from clustering.io.sources.files import FileSource

BETWEEN = " x "  # the parts of a need state
SKU = "sku"


def need_states_of_products(source: FileSource) -> pl.DataFrame:
    """Give schemas.NeedStates from the columns source.need_state_from of a product file, where
    source.need_states names one, else of the sales; a SKU without one of them has no need state.

    Raises DataError naming a column that is not there.
    """
    of_sales = source.files("need_states") == _sales_files(source)
    name = "sales" if of_sales else "need_states"
    reading = Reading("need_states")
    parts = [_products(table, source, reading, name) for table in source.tables(name)]
    source.keep_reading(reading)
    return pl.concat(parts).unique(maintain_order=True).sort("sku_nbr", "need_state", "category")


def _sales_files(source: FileSource) -> list[str]:
    try:
        return source.files("sales")
    except DataError:
        return []


def _products(table: Table, source: FileSource, reading: Reading, name: str) -> pl.DataFrame:
    chosen = names_of(source.source.columns, name, table.path)
    roles = _roles(table, chosen)
    reading.file(table.path, table.how)
    sku = clean_key_of(table, roles["sku_nbr"], "sku_nbr", reading)
    columns = source.source.need_state_columns
    if columns == [SKU]:
        state: pl.Expr = sku
    else:
        parts = [_part(table, column, reading) for column in columns]
        state = pl.concat_str(parts, separator=BETWEEN)
    category = (
        name_of(table, roles["category"], "category", reading)
        if name == "need_states" and "category" in roles  # the sales keep their own
        else pl.lit(None, pl.String)
    )
    frame = table.frame.select(sku_nbr=sku, need_state=state, category=category).unique()
    return table.collect(frame)


def _roles(table: Table, chosen: Mapping[str, str]) -> dict[str, str]:
    """The SKU and the category of a file that has no need state of its own."""
    state = squash("need_state")
    present = [column for column in table.types if squash(column) != state]
    names = {role: name for role, name in chosen.items() if name in table.types}
    found = resolve(table.path, [*present, "need_state"], "need_states", names)
    return {role: found[role] for role in ("sku_nbr", "category") if role in found}


def _part(table: Table, wanted: str, reading: Reading) -> pl.Expr:
    near = [column for column in table.types if squash(column) == squash(wanted)]
    if not near:
        raise DataError(
            f"{table.path}: source.need_state_from names {wanted}, which is no column there"
            f"{did_you_mean(wanted, list(table.types))}",
            [f"columns there: {', '.join(table.types)}"],
        )
    column = near[0]
    text = pl.col(column).cast(pl.String)
    reading.add(table.path, column, "read", "need_state", "name", "part of the need state")
    return without_gaps(text)  # "unknown" is a name like others
