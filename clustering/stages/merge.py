"""Internal x external clusters, and the repair of those that are too small."""

from __future__ import annotations

import polars as pl

from clustering.config import Merge
from clustering.errors import DataError
from clustering.explanation.association import association, cross_profiles
from clustering.merging.category import MergedCategory, merge_category
from clustering.merging.joint_space import joint_space


def merge(
    internal: pl.DataFrame, external: pl.DataFrame, internal_matrix: pl.DataFrame, external_matrix: pl.DataFrame,
    merge: Merge, seed: int, attributes: pl.DataFrame | None = None,
) -> dict[str, pl.DataFrame]:  # fmt: skip
    """Give assignments, reassignments, summary, association and cross_profiles (see schemas.MergedAssignments and below).

    Every store of the internal assignments keeps its category; a store known to the external track alone, and to no
    category at all, appears in each, where the internal track did not place it already. Raises StageError where
    merge.none_reaches_floor=error and no merged cluster of a category reaches merge.min_cluster_size, DataError
    where there is nothing to merge.
    """
    if internal.is_empty():
        raise DataError("there are no internal assignments to merge; run: clustering run internal_ml")
    everywhere = external.join(internal, on="store_nbr", how="anti").select("store_nbr", "cluster")
    by_category = internal.partition_by("category", as_dict=True)
    matrices = internal_matrix.partition_by("category", as_dict=True)
    results = [
        _one(str(key[0]), by_category[key], matrices[key], external, external_matrix, everywhere, merge)
        for key in sorted(by_category)
    ]
    return {
        "assignments": pl.concat([result.assignments for result in results]),
        "reassignments": pl.concat([result.reassignments for result in results]),
        "summary": pl.concat([result.summary for result in results]),
        "association": association(internal, external),
        "cross_profiles": cross_profiles(internal, external, attributes),
    }


def _one(
    category: str, internal: pl.DataFrame, matrix: pl.DataFrame, external: pl.DataFrame, external_matrix: pl.DataFrame,
    everywhere: pl.DataFrame, merge: Merge,
) -> MergedCategory:  # fmt: skip
    stores = pl.concat([internal.select("store_nbr"), everywhere.select("store_nbr")]).sort("store_nbr")
    labels = stores.join(
        internal.select("store_nbr", internal_cluster="cluster"), on="store_nbr", how="left", maintain_order="left"
    ).join(external.select("store_nbr", external_cluster="cluster"), on="store_nbr", how="left", maintain_order="left")
    known = {"internal_known": matrix["store_nbr"], "external_known": external["store_nbr"]}
    labels = labels.with_columns(pl.col("store_nbr").is_in(stores.implode()).alias(name) for name, stores in known.items())
    space = joint_space(stores["store_nbr"], matrix, external_matrix, merge.internal_weight)
    return merge_category(category, labels, space, merge)
