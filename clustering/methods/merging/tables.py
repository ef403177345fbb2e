"""The tables of the merge, of all categories at once."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.methods.merging.category import MergedCategory
from clustering.methods.merging.halves import NONE, Halves
from clustering.methods.merging.layout import UNKNOWN

CELL = ["category", "internal_cluster", "external_cluster"]


def cells_table(categories: Iterable[MergedCategory]) -> pl.DataFrame:
    """Give schemas.Cells: every pair of clusters of both tracks, whether stores have it or not."""
    found = list(categories)
    indices = [np.indices(one.labels.shape).reshape(2, -1) for one in found]
    internal, external = (
        [
            label
            for one, index in zip(found, indices, strict=True)
            for label in np.array([*getattr(one.labels, track), None], dtype=object)[index[axis]]
        ]
        for axis, track in enumerate(("internal", "external"))
    )
    table = pl.DataFrame(
        {
            "category": [one.category for one in found for _ in range(one.cells.stores.size)],
            "internal_cluster": internal,
            "external_cluster": external,
            "final_cluster": [code for one in found for code in one.codes.final.ravel()],
            "stores": np.concatenate([one.cells.members.ravel() for one in found]).astype(np.int64),
            "joined": np.concatenate([one.merged.joined.ravel() for one in found]),
        },
        schema_overrides={"internal_cluster": pl.Int64, "external_cluster": pl.Int64},
    )
    cell = merged_cell().alias("merged_cluster")
    return table.select(*CELL, cell, "final_cluster", "stores", "joined")


def merged_cell() -> pl.Expr:
    """The text "2_1" of internal_cluster and external_cluster."""
    parts = pl.col("internal_cluster", "external_cluster").cast(pl.String).fill_null(UNKNOWN)
    return pl.concat_str(parts, separator="_")


def place(cells: pl.DataFrame, stores: pl.DataFrame) -> pl.DataFrame:
    """Give `stores` (category, internal_cluster, external_cluster, null for a track that does not
    place the store, and any other column) with merged_cluster and final_cluster, in their order.

    `cells` is merged/cells: pairs of clusters that the run never saw go where the merge's own rule
    puts them. Null only for a category or a cluster that the run does not have.
    """
    own = cells.select(*CELL, "merged_cluster", "final_cluster")
    return stores.join(own, on=CELL, how="left", nulls_equal=True, maintain_order="left")


def assignments(
    labels: pl.DataFrame, categories: Iterable[MergedCategory], halves: dict[str, Halves]
) -> pl.DataFrame:
    """Give schemas.MergedAssignments of the stores (Layout.labels) of all `categories`, which are
    in the same order.
    """
    found = list(categories)
    joined = [one.merged.joined[one.labels.row, one.labels.column] for one in found]
    by_halves = [_by_halves(one, halves.get(one.category)) for one in found]
    same, other = (np.concatenate(parts) for parts in zip(*by_halves, strict=True))
    status = (
        pl.when("internal_known", "external_known")
        .then(pl.lit("both"))
        .when("internal_known")
        .then(pl.lit("internal_only"))
        .when(pl.col("sells") | ~pl.col("external_known"))
        .then(pl.lit("no_sales"))
        .otherwise(pl.lit("external_only"))
    )
    return labels.select(
        "category",
        "store_nbr",
        "internal_cluster",
        "external_cluster",
        merged_cell().alias("merged_cluster"),
        pl.Series(
            "final_cluster", np.concatenate([one.final for one in found]).tolist(), pl.String
        ),
        pl.Series("reassigned", np.concatenate(joined), pl.Boolean),
        status.alias("status"),
        pl.Series("same_in_halves", same.tolist(), pl.Boolean),
        pl.Series("other_cluster", other.tolist(), pl.String),
    )


def _by_halves(
    found: MergedCategory, halves: Halves | None
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """For every store whether both halves agree, and the final cluster that the half which differs
    from the store's own mix points to.
    """
    if halves is None:
        return np.full(found.stores.height, None), np.full(found.stores.height, None)
    known = (halves.by_a != NONE) & (halves.by_b != NONE)
    away = np.where(halves.by_a != found.places, halves.by_a, halves.by_b)
    points = known & (away != found.places)
    to = found.final_in(np.where(points, away, found.places))
    agrees = (halves.by_a == halves.by_b).astype(object)
    agrees[~known] = None
    to[~points] = None
    return agrees, to


def clusters_table(assignments: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """Give schemas.FinalClusters of the final assignments, which have a column `sales`.

    `names`: category, final_cluster, mix_name, surroundings_name, name, named_by.
    """
    total, known = pl.col("sales").sum(), pl.col("sales").count() > 0
    counted = (
        assignments.group_by("category", "final_cluster")
        .agg(
            pl.col("merged_cluster").unique().sort().str.join(", ").alias("cells"),
            pl.len().cast(pl.Int64).alias("stores"),
            pl.when(known).then(total).alias("sales"),
            (~pl.col("reassigned").any()).alias("kept"),
        )
        .sort("category", "final_cluster")  # the order of a sum shows in its last bit
    )
    share = pl.col("sales") / pl.col("sales").sum().over("category")
    return counted.join(
        names, on=["category", "final_cluster"], how="left", maintain_order="left"
    ).select(
        "category",
        "final_cluster",
        pl.col("final_cluster").str.strip_chars_end("0123456789").alias("mix"),
        "name",
        "mix_name",
        "surroundings_name",
        "named_by",
        "cells",
        "stores",
        "sales",
        share.fill_nan(None).alias("share_of_sales"),
        "kept",
    )
