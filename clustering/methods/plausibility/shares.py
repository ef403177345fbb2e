"""Mixes that came as shares: every store of a category sums to 100, or to any one number."""

from __future__ import annotations

import polars as pl

from clustering.methods.transforms.composition import EQUAL, FEWEST_SHARES


def categories_of_shares(stores: pl.DataFrame) -> list[str]:
    """The categories of `stores` (schemas.Stores) whose mixes came as shares (see
    composition.are_shares).
    """
    sales = pl.col("sales")
    sums = (
        stores.filter(sales > 0)
        .group_by("category")
        .agg(pl.len(), sales.min().alias("low"), sales.max().alias("high"))
    )
    equal = pl.col("high") - pl.col("low") <= EQUAL * pl.col("high")
    return sums.filter(equal & (pl.col("len") >= FEWEST_SHARES))["category"].sort().to_list()


def as_shares(
    values: pl.DataFrame, stores: pl.DataFrame, categories: list[str], halves_are_random: bool
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give both tables with what is not known of shares left open.

    A store of shares has as many rows as need states, whatever it sold, so all have enough history;
    a random half of its rows is half of its need states, so there are no halves.
    """
    if not categories:
        return values, stores
    here = pl.col("category").is_in(categories)
    enough = pl.when(here & (pl.col("sales") > 0)).then(pl.lit("enough")).otherwise("history")
    stores = stores.with_columns(enough.alias("history"))
    if halves_are_random:
        halves = pl.when(~here).then(pl.col("half_a", "half_b"))
        values = values.with_columns(halves)
    return values, stores
