"""Categories that are clustered as one: their sales put together, store by store."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from clustering.config import Preprocess
from clustering.errors import ConfigError, did_you_mean

OTHERS = "*"  # in the list of a group: every category that no group names
BETWEEN = " / "  # a category and its need state


def grouped(
    values: pl.DataFrame, stores: pl.DataFrame, preprocess: Preprocess, of_map: pl.Series
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give schemas.Values and schemas.Stores with preprocess.group_categories in place of the
    categories they hold; the need states of a group are those of its categories, "TEA / green", or
    with preprocess.group_by=category these categories themselves.

    A store has enough history in a group if it has so in one of its categories, or in all together.
    Raises ConfigError for categories that are neither in the sales nor in the need-state map
    (`of_map`), or are in two groups.
    """
    known = pl.concat([stores["category"], of_map.drop_nulls()]).unique().sort().to_list()
    group_of = groups_of_categories(preprocess.group_categories, known)
    group = pl.col("category").replace_strict(group_of, default=None).alias("group")
    feature = pl.col("category")
    if preprocess.group_by == "need_state":
        feature = pl.concat_str("category", "feature", separator=BETWEEN)
    key = ["category", "store_nbr", "feature"]
    together = (
        values.with_columns(group)
        .filter(pl.col("group").is_not_null())
        .with_columns(feature=feature, category="group")
        .sort(key)
        .group_by(key, maintain_order=True)
        .agg(pl.col("value", "half_a", "half_b").sum(), pl.col("level").first())
        .select(values.columns)
    )
    of_group = (
        stores.with_columns(group)
        .filter(pl.col("group").is_not_null())
        .with_columns(category="group")
        .sort("category", "store_nbr", "sales")
        .group_by("category", "store_nbr", maintain_order=True)
        .agg(
            pl.col("sales", "sales_rows").sum(),
            _history(preprocess.min_sales_rows),
            pl.col("noise").first(),
        )
        .select(stores.columns)
    )
    alone = [name for name in stores["category"].unique() if name not in group_of]
    parts = ((values, together), (stores, of_group))
    return tuple(  # type: ignore[return-value]
        pl.concat([table.filter(pl.col("category").is_in(alone)), put]).sort(
            [name for name in key if name in table.columns]
        )
        for table, put in parts
    )


def _history(fewest: int) -> pl.Expr:
    enough = (pl.col("history") == "enough").any() | (pl.col("sales_rows").sum() >= fewest)
    sells = pl.col("sales").sum() > 0
    of_group = pl.when(~sells).then(pl.lit("none")).when(enough).then(pl.lit("enough"))
    return of_group.otherwise(pl.lit("poor")).alias("history")


def groups_of_categories(groups: dict[str, list[str]], categories: list[str]) -> dict[str, str]:
    """The group of each category that is in one."""
    named = [name for members in groups.values() for name in members if name != OTHERS]
    if wrong := list(_mistakes(named, categories)):
        raise ConfigError(wrong[0], wrong[1:])
    others = [name for name in categories if name not in named]
    return {
        name: group
        for group, members in groups.items()
        for member in members
        for name in (others if member == OTHERS else [member])
    }


def _mistakes(named: list[str], categories: list[str]) -> Iterator[str]:
    for name in dict.fromkeys(named):
        if name not in categories:
            near = did_you_mean(name, categories)
            yield f"preprocess.group_categories: no category {name}{near}"
        elif named.count(name) > 1:
            yield f"preprocess.group_categories: {name} is in two groups"
