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
from clustering.methods.merging.mixes import Mix, mixes
from clustering.methods.selection.agreement import adjusted_rand_index
from clustering.methods.transforms.demand import both_ways
from clustering.registry import BY_KEY, MERGE
from clustering.results.page.content.alike import agreements
from clustering.store.catalog import Catalog

LARGEST = 8  # categories, where none are named
NO_CLUSTER = "-"


@dataclass(frozen=True)
class Alike:
    """`pairs`: category, other, agreement (adjusted Rand index over the stores that sell in both;
    null where these are few), worth (sales gained by the category's own clusters, as the run
    measured them), shared (by those of the other), loss. `matrix` (n, n) are the agreements in
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
    matrix = _matrix(placed, names)
    place = {name: number for number, name in enumerate(names)}
    found = [matrix[place[str(row["category"])], place[str(row["other"])]] for row in rows]
    pairs = pl.DataFrame(rows, schema=SCHEMA).with_columns(
        agreement=pl.Series(found, dtype=pl.Float64).fill_nan(None),
        loss=pl.col("worth") - pl.col("shared"),
    )
    return Alike(names, pairs.select(*COLUMNS), matrix)


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
        both = own.filter(pl.col("status") != "no_sales").join(shared, on="store_nbr")
        labels = (
            np.unique(both[column].to_numpy().astype(str), return_inverse=True)[1]
            for column in ("final_cluster", "final_cluster_right")
        )
        pair = _pair(name, group, by_category[name], own, shared, worth)
        rows.append(pair | {"agreement": adjusted_rand_index(*labels)})
    pairs = pl.DataFrame(rows, schema=SCHEMA | {"agreement": pl.Float64})
    return pairs.with_columns(loss=pl.col("worth") - pl.col("shared")).select(*COLUMNS)


SCHEMA = {"category": pl.String, "other": pl.String, "worth": pl.Float64, "shared": pl.Float64}
COLUMNS = ("category", "other", "agreement", "worth", "shared", "loss")


def _pair(
    one: str, other: str, mix: Mix, stores: pl.DataFrame, lent: pl.DataFrame, worth: pl.DataFrame
) -> dict[str, str | float]:
    codes = stores.select("store_nbr").join(
        lent.select("store_nbr", "final_cluster"), on="store_nbr", how="left", maintain_order="left"
    )["final_cluster"]
    own = worth.filter(category=one)["gain_in_sales"].to_list()
    return {
        "category": one,
        "other": other,
        "worth": own[0] if own else 0.0,
        "shared": _worth(mix, codes),
    }


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


def _matrix(placed: pl.DataFrame, names: list[str]) -> Matrix:
    sold = placed.filter(pl.col("category").is_in(names), pl.col("status") != "no_sales")
    columns = sold.select("category", "final_cluster").unique(maintain_order=True)
    columns = columns.with_row_index("column")
    stores = sold.select("store_nbr").unique(maintain_order=True).with_row_index("row")
    cells = sold.join(columns, on=["category", "final_cluster"]).join(stores, on="store_nbr")
    member = np.zeros((stores.height, columns.height))
    member[cells["row"].to_numpy(), cells["column"].to_numpy()] = 1
    place = {name: number for number, name in enumerate(names)}
    of_column = np.array([place[name] for name in columns["category"]], dtype=np.int64)
    return agreements(member, of_column, len(names))
