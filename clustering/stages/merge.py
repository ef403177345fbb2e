"""Internal x external clusters, and the repair of those that are too small."""

from __future__ import annotations

import polars as pl

from clustering.config import Merge, Overrides
from clustering.errors import DataError
from clustering.methods.explanation.association import association
from clustering.methods.explanation.cross_profiles import cross_profiles
from clustering.methods.merging.category import repair_categories
from clustering.methods.merging.final_names import final_names
from clustering.methods.merging.layout import lay_out
from clustering.methods.merging.tables import (
    assignments,
    distances_to_final,
    reassignments,
    summary,
)
from clustering.methods.overrides.apply import apply_overrides


def merge(
    internal: pl.DataFrame,
    external: pl.DataFrame,
    internal_matrix: pl.DataFrame,
    external_matrix: pl.DataFrame,
    merge: Merge,
    overrides: Overrides,
    seed: int,
    attributes: pl.DataFrame | None = None,
    internal_clusters: pl.DataFrame | None = None,
    external_clusters: pl.DataFrame | None = None,
    overrides_table: pl.DataFrame | None = None,
) -> dict[str, pl.DataFrame]:
    """Give assignments, reassignments, summary, names, overrides, association and cross_profiles
    (see schemas).

    Every store of the internal assignments keeps its category; a store known to the external track
    alone, and to no category at all, appears in each, where the internal track did not place it
    already. Overrides come last. Raises StageError where merge.none_reaches_floor=error and no
    merged cluster of a category reaches merge.min_cluster_size, DataError where there is nothing to
    merge or overrides hold mistakes.
    """
    if internal.is_empty():
        raise DataError(
            "there are no internal assignments to merge; run: clustering run internal_ml"
        )
    layout = lay_out(internal, external, internal_matrix, external_matrix, merge.internal_weight)
    repaired = repair_categories(layout, merge)
    placed = assignments(layout, repaired)
    names = final_names(placed, internal_clusters, external_clusters)

    def distances(category: str) -> pl.DataFrame:
        return distances_to_final(layout, category, placed["final_cluster"][layout.rows[category]])

    final = apply_overrides(overrides_table, placed, names, distances, overrides)
    return {
        "assignments": final.assignments,
        "reassignments": reassignments(layout, repaired),
        "summary": summary(
            placed, final.assignments, [one.warning for one in repaired.values()], merge
        ),
        "names": final.names,
        "overrides": final.log,
        "association": association(layout.labels),
        "cross_profiles": cross_profiles(layout.labels, attributes),
    }
