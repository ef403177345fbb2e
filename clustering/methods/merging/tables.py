"""The tables of the merge, of all categories at once."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.arrays import Matrix
from clustering.config import Merge
from clustering.methods.merging.category import Repaired
from clustering.methods.merging.layout import Layout


def assignments(layout: Layout, repaired: dict[str, Repaired]) -> pl.DataFrame:
    """Give schemas.MergedAssignments."""
    final = _final(repaired)
    status = (
        pl.when(~pl.col("external_known"))
        .then(pl.lit("internal_only"))
        .when(~pl.col("internal_known"))
        .then(pl.lit("external_only"))
        .otherwise(pl.lit("both"))
    )
    return layout.labels.select(
        "category",
        "store_nbr",
        "internal_cluster",
        "external_cluster",
        _named("merged_cluster", layout.merged, layout),
        _named("final_cluster", final, layout),
        pl.Series("reassigned", layout.merged != final),
        status.alias("status"),
    )


def reassignments(layout: Layout, repaired: dict[str, Repaired]) -> pl.DataFrame:
    """Give schemas.Reassignments."""
    final = _final(repaired)
    moved = np.flatnonzero(layout.merged != final)
    runner_up = np.concatenate([one.runner_up for one in repaired.values()])
    distances = [
        _finite(name, np.concatenate([getattr(one, name) for one in repaired.values()])[moved])
        for name in ("distance", "runner_up_distance")
    ]
    none_large = [category for category, one in repaired.items() if one.warning is not None]
    one_track = pl.col("internal_cluster").is_null() | pl.col("external_cluster").is_null()
    reason = (
        pl.when(pl.col("category").is_in(none_large))
        .then(pl.lit("none_reaches_floor"))
        .when(one_track)
        .then(pl.lit("one_track"))
        .otherwise(pl.lit("below_floor"))
    )
    return layout.labels[moved].select(
        "category",
        "store_nbr",
        _named("from_cluster", layout.merged[moved], layout),
        _named("to_cluster", final[moved], layout),
        distances[0],
        _named("runner_up", runner_up[moved], layout),
        distances[1],
        reason.alias("reason"),
    )


def _final(repaired: dict[str, Repaired]) -> NDArray[np.int64]:
    return np.concatenate([one.final for one in repaired.values()])


def _named(name: str, clusters: NDArray[np.int64], layout: Layout) -> pl.Series:
    """The labels of merged clusters; null for NONE."""
    places = pl.Series(np.where(clusters >= 0, clusters, len(layout.merged_names)))
    return pl.Series(name, [*layout.merged_names, None], dtype=pl.String).gather(places)


def _finite(name: str, values: Matrix) -> pl.Series:
    return pl.Series(name, np.where(np.isfinite(values), values, np.nan)).fill_nan(None)


def distances_to_final(layout: Layout, category: str, final: pl.Series) -> pl.DataFrame:
    """store_nbr, cluster, distance (joint space; null where nothing compares them) of a category's
    stores, which are in the clusters `final` (n_stores,)."""
    targets = final.unique().sort()
    own = np.asarray(final.cast(pl.Enum(targets)).to_physical().cast(pl.Int64).to_numpy())
    distance = np.sqrt(
        layout.space(category).squared_distances(own, len(targets), np.arange(len(own)))
    )
    stores = layout.labels["store_nbr"][layout.rows[category]]
    pairs = pl.DataFrame({"store_nbr": stores}).join(
        pl.DataFrame({"cluster": targets}), how="cross", maintain_order="left_right"
    )
    return pairs.with_columns(_finite("distance", distance.ravel()))


def summary(
    before: pl.DataFrame, after: pl.DataFrame, warnings: Iterable[str | None], merge: Merge
) -> pl.DataFrame:
    """Give schemas.MergeSummary of the assignments before and after overrides; `warnings` by
    category, in their order.

    Overrides change sizes, and may leave a cluster below the floor, which is then said.
    """
    repairs = before.group_by("category", maintain_order=True).agg(
        pl.col("merged_cluster").n_unique().cast(pl.Int64).alias("merged_clusters"),
        pl.col("reassigned").sum().cast(pl.Int64),
    )
    sizes = (
        after.group_by("category", "final_cluster").len("size").sort("category", "final_cluster")
    )
    told = pl.format(
        "final cluster {} has {} stores, below merge.min_cluster_size={}",
        "final_cluster",
        "size",
        pl.lit(merge.min_cluster_size),
    )
    counted = sizes.group_by("category").agg(
        pl.col("size").sum().cast(pl.Int64).alias("stores"),
        pl.len().cast(pl.Int64).alias("final_clusters"),
        pl.col("size").min().cast(pl.Int64).alias("smallest"),
        pl.col("size").max().cast(pl.Int64).alias("largest"),
        told.filter(pl.col("size") < merge.min_cluster_size).str.join("; ").alias("small"),
    )
    small = pl.when(pl.col("small") != "").then(pl.format("category {}: {}", "category", "small"))
    joined = repairs.with_columns(pl.Series("warning", list(warnings), dtype=pl.String)).join(
        counted, on="category", how="left", maintain_order="left"
    )
    return joined.select(
        "category",
        pl.col("stores").fill_null(0),
        "merged_clusters",
        pl.col("final_clusters").fill_null(0),
        "reassigned",
        pl.col("smallest", "largest").fill_null(0),
        pl.coalesce("warning", small).alias("warning"),
    )
