"""Which categories group their stores alike, and what sharing clusters would cost them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.arrays import Matrix
from clustering.errors import DataError, did_you_mean
from clustering.methods.aggregation.category_groups import groups_of_categories
from clustering.methods.explanation.association import (
    adjusted_mutual_information,
    contingency_table,
)
from clustering.methods.merging.mixes import Mix, mixes
from clustering.methods.transforms.demand import both_ways
from clustering.registry import BY_KEY, MERGE
from clustering.results.page.content.alike import LEAST_STORES
from clustering.store.catalog import Catalog

LARGEST = 8  # categories, where none are named
NO_CLUSTER = "-"


@dataclass(frozen=True)
class Alike:
    """`pairs`: category, other, agreement (adjusted mutual information over the stores that sell
    in both; null where these are few), worth (sales gained by the category's own clusters, as the
    run measured them), shared (by those of the other), loss. `matrix` (n, n) are the agreements in
    the order of `categories`.
    """

    categories: list[str]
    pairs: pl.DataFrame
    matrix: Matrix

    @property
    def best(self) -> tuple[str, float, float] | None:
        """The category whose clusters all others could share at the least loss; the loss, and the
        worth of their own clusters. None where none has any.
        """
        if len(self.categories) < 2:
            return None
        total = self.pairs.group_by("other").agg(pl.col("loss").sum()).sort("loss", "other")
        own = self.pairs.unique("category")["worth"].sum()
        return str(total["other"][0]), float(total["loss"][0]), float(own)


def alike(catalog: Catalog, categories: Sequence[str]) -> Alike:
    """Compare the final clusters of `categories`; of the LARGEST by sales where none are named.

    Raises DataError for a category that the run does not have.
    """
    placed = catalog.read(MERGE, "assignments").sort("category", "store_nbr")
    by_category = mixes(placed, catalog.read(BY_KEY["internal/preprocess"], "values"))
    for name in categories:
        if name not in by_category:
            near = did_you_mean(name, list(by_category))
            raise DataError(f"the run has no sales of category {name!r}{near}")
    largest = sorted(by_category, key=lambda name: (-by_category[name].sales.sum(), name))
    names = list(dict.fromkeys(categories)) or largest[:LARGEST]
    of = {key[0]: part for key, part in placed.partition_by("category", as_dict=True).items()}
    own = _own_worth(catalog)
    rows = [
        _pair(one, other, by_category[one], of[one], of[other], own)
        for one in names
        for other in names
        if one != other
    ]
    matrix = np.full((len(names), len(names)), np.nan)
    found = [np.nan if row["agreement"] is None else row["agreement"] for row in rows]
    matrix[~np.eye(len(names), dtype=bool)] = found
    return Alike(names, _table(rows), matrix)


def of_groups(grouped: Catalog, separate: Catalog) -> pl.DataFrame:
    """Give the pairs of each category in preprocess.group_categories of the run `grouped` with its
    group: what the shared clusters are worth beside those of the run `separate`.

    Raises DataError where the run has no groups, or the other one lacks their categories.
    """
    stage = BY_KEY["internal/preprocess"]
    manifest = grouped.manifest(stage)
    groups = manifest.config["preprocess"].get("group_categories") if manifest else None
    if not groups:
        raise DataError(f"{grouped.name} was made without preprocess.group_categories")
    placed, lent = (
        run.read(MERGE, "assignments").sort("category", "store_nbr") for run in (separate, grouped)
    )
    by_category = mixes(placed, separate.read(stage, "values"))
    group_of = groups_of_categories(groups, sorted(by_category))
    rows, worth = [], _own_worth(separate)
    for name, group in group_of.items():
        own, shared = placed.filter(category=name), lent.filter(category=group)
        rows.append(_pair(name, group, by_category[name], own, shared, worth))
    return _table(rows)


SCHEMA = {
    "category": pl.String,
    "other": pl.String,
    "agreement": pl.Float64,
    "worth": pl.Float64,
    "shared": pl.Float64,
}


def _table(rows: list[dict[str, str | float | None]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA).with_columns(loss=pl.col("worth") - pl.col("shared"))


def _pair(
    one: str, other: str, mix: Mix, stores: pl.DataFrame, lent: pl.DataFrame, worth: pl.DataFrame
) -> dict[str, str | float | None]:
    columns = ("store_nbr", "final_cluster", "status")
    both = stores.select(columns).join(
        lent.select(columns), on="store_nbr", how="left", maintain_order="left"
    )
    own = worth.filter(category=one)["gain_in_sales"].to_list()
    return {
        "category": one,
        "other": other,
        "agreement": _agreement(both),
        "worth": own[0] if own else 0.0,
        "shared": _worth(mix, both["final_cluster_right"]),
    }


def _agreement(both: pl.DataFrame) -> float | None:
    sold = both.filter(pl.col("status") != "no_sales", pl.col("status_right") != "no_sales")
    if sold.height < LEAST_STORES:
        return None
    one, other = (
        sold[column].cast(pl.Categorical).to_physical().to_numpy().astype(np.int64)
        for column in ("final_cluster", "final_cluster_right")
    )
    return adjusted_mutual_information(contingency_table(one, other, np.ones(sold.height)))


def _own_worth(run: Catalog) -> pl.DataFrame:
    """What the run measured: half of a store's sales places it, the other half is the demand."""
    return run.read(MERGE, "worth").filter(pl.col("final_cluster").is_null())


def _worth(mix: Mix, codes: pl.Series) -> float:
    """What one plan for each of these clusters gains over one for all, in sales."""
    both = both_ways(mix.half_a, mix.half_b)
    if both is None:
        return 0.0
    names = codes.fill_null(NO_CLUSTER).to_numpy()[both.sold].astype(str)
    groups: NDArray[np.int64] = np.unique(names, return_inverse=True)[1].astype(np.int64)
    return both.judged((groups, groups)).gain()[0] * float(mix.sales.sum())
