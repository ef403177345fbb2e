"""Mixes that came as shares: every store of a category sums to 100, or to any one number."""

from __future__ import annotations

import polars as pl

from clustering.methods.transforms.composition import EQUAL, FEWEST_SHARES

FEWEST, LEAST = 10, 0.7  # stores; of the whole: sales of so many stores differ by more


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


def categories_of_partial_shares(stores: pl.DataFrame) -> list[str]:
    """The categories of `stores` whose sums look like percent, or fractions, of which parts are
    missing: all stores sum to nearly as much, and none to more than the whole.
    """
    sales = pl.col("sales")
    sums = (
        stores.filter(sales > 0)
        .group_by("category")
        .agg(pl.len(), sales.min().alias("low"), sales.max().alias("high"))
    )
    low, high = pl.col("low"), pl.col("high")
    fits = [(low >= LEAST * whole) & (high <= (1 + EQUAL) * whole) for whole in (1, 100)]
    unequal = high - low > EQUAL * high
    found = sums.filter(pl.any_horizontal(fits) & unequal & (pl.col("len") >= FEWEST))
    return found["category"].sort().to_list()


def as_shares(stores: pl.DataFrame, categories: list[str]) -> pl.DataFrame:
    """Give `stores` with enough history where mixes came as shares.

    A store of shares has as many rows as need states, whatever it sold.
    """
    here = pl.col("category").is_in(categories)
    enough = pl.when(here & (pl.col("sales") > 0)).then(pl.lit("enough")).otherwise("history")
    return stores.with_columns(enough.alias("history")) if categories else stores
