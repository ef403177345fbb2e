"""Internal x external clusters, and the repair of those that are too small."""

from __future__ import annotations

import polars as pl

from clustering.config import Merge, Overrides
from clustering.errors import DataError
from clustering.explanation.association import association, cross_profiles
from clustering.merging.category import distances_to_final, merge_category, with_final_sizes
from clustering.merging.final_names import final_names
from clustering.merging.joint_space import JointSpace, joint_space
from clustering.overrides.apply import apply_overrides


def merge(
    internal: pl.DataFrame, external: pl.DataFrame, internal_matrix: pl.DataFrame, external_matrix: pl.DataFrame,
    merge: Merge, overrides: Overrides, seed: int, attributes: pl.DataFrame | None = None,
    internal_clusters: pl.DataFrame | None = None, external_clusters: pl.DataFrame | None = None,
    overrides_table: pl.DataFrame | None = None,
) -> dict[str, pl.DataFrame]:  # fmt: skip
    """Give assignments, reassignments, summary, names, overrides, association and cross_profiles (see schemas).

    Every store of the internal assignments keeps its category; a store known to the external track alone, and to no
    category at all, appears in each, where the internal track did not place it already. Overrides come last. Raises
    StageError where merge.none_reaches_floor=error and no merged cluster of a category reaches merge.min_cluster_size,
    DataError where there is nothing to merge or overrides hold mistakes.
    """
    if internal.is_empty():
        raise DataError("there are no internal assignments to merge; run: clustering run internal_ml")
    everywhere = external.join(internal, on="store_nbr", how="anti").select("store_nbr", "cluster")
    by_category = internal.partition_by("category", as_dict=True)
    matrices = internal_matrix.partition_by("category", as_dict=True)
    parts = {
        str(key[0]): (by_category[key], matrices[key], external, external_matrix, everywhere, merge)
        for key in sorted(by_category)
    }
    results = [merge_category(category, *_laid_out(*part), merge) for category, part in parts.items()]
    assignments = pl.concat([result.assignments for result in results])
    names = final_names(assignments, internal_clusters, external_clusters)

    def distances(category: str) -> pl.DataFrame:
        return distances_to_final(assignments.filter(category=category), _laid_out(*parts[category])[1])

    final = apply_overrides(overrides_table, assignments, names, distances, overrides)
    return {
        "assignments": final.assignments,
        "reassignments": pl.concat([result.reassignments for result in results]),
        "summary": with_final_sizes(pl.concat([result.summary for result in results]), final.assignments, merge),
        "names": final.names,
        "overrides": final.log,
        "association": association(internal, external),
        "cross_profiles": cross_profiles(internal, external, attributes),
    }


def _laid_out(
    internal: pl.DataFrame, matrix: pl.DataFrame, external: pl.DataFrame, external_matrix: pl.DataFrame,
    everywhere: pl.DataFrame, merge: Merge,
) -> tuple[pl.DataFrame, JointSpace]:  # fmt: skip
    """The stores of a category with their clusters on both tracks, and where they are in the joint space."""
    stores = pl.concat([internal.select("store_nbr"), everywhere.select("store_nbr")]).sort("store_nbr")
    labels = stores.join(
        internal.select("store_nbr", internal_cluster="cluster"), on="store_nbr", how="left", maintain_order="left"
    ).join(external.select("store_nbr", external_cluster="cluster"), on="store_nbr", how="left", maintain_order="left")
    known = {"internal_known": matrix["store_nbr"], "external_known": external["store_nbr"]}
    labels = labels.with_columns(pl.col("store_nbr").is_in(stores.implode()).alias(name) for name, stores in known.items())
    space = joint_space(stores["store_nbr"], matrix, external_matrix, merge.internal_weight)
    return labels, space
