"""Internal and external clusters become final clusters: unions of whole cells above a floor."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from clustering.config import Caps, Merge, Overrides
from clustering.errors import DataError
from clustering.methods.continuity.final_clusters import (
    final_continuity,
    final_movers,
    held,
    recoded,
    with_old_final_names,
)
from clustering.methods.explanation.association import association
from clustering.methods.explanation.cross_profiles import cross_profiles
from clustering.methods.merging.category import MergedCategory, folded, merge_category
from clustering.methods.merging.described import (
    Facts,
    as_overridden,
    describe,
    names_table,
    profiles_table,
    relabelled,
)
from clustering.methods.merging.distances import distances_to_final
from clustering.methods.merging.halves import Halves, halves_of_merged
from clustering.methods.merging.layout import Layout, lay_out
from clustering.methods.merging.mixes import Mix, mixes
from clustering.methods.merging.plans import plans_table
from clustering.methods.merging.profiles import lay_out_attributes
from clustering.methods.merging.space_breaks import space_breaks
from clustering.methods.merging.splits import is_left_out, splits_of, splits_table, tested
from clustering.methods.merging.summary import kept, summary
from clustering.methods.merging.tables import assignments, cells_table, clusters_table
from clustering.methods.merging.worth import worth_tables
from clustering.methods.overrides.apply import Overridden, apply_overrides
from clustering.schemas import FinalContinuity, MergedAssignments

NO_CLUSTERS = pl.DataFrame(
    schema={"category": pl.String, "store_nbr": pl.String, "cluster": pl.Int64}
)
NO_COORDINATES = pl.DataFrame(
    schema={"category": pl.String, "store_nbr": pl.String, "components": pl.List(pl.Float64)}
)
NO_ASSIGNMENTS = MergedAssignments.create_empty()
NOTHING = FinalContinuity.create_empty()


def merge(
    internal: pl.DataFrame | None,
    external: pl.DataFrame | None,
    internal_matrix: pl.DataFrame | None,
    external_matrix: pl.DataFrame | None,
    merge: Merge,
    caps: Caps,
    overrides: Overrides,
    seed: int,
    values: pl.DataFrame | None = None,
    stores: pl.DataFrame | None = None,
    attributes: pl.DataFrame | None = None,
    overrides_table: pl.DataFrame | None = None,
    verdicts: pl.DataFrame | None = None,
    labels_table: pl.DataFrame | None = None,
    baseline_assignments: pl.DataFrame | None = None,
    baseline_cells: pl.DataFrame | None = None,
    baseline_clusters: pl.DataFrame | None = None,
    own_merge: Mapping[str, Merge] | None = None,
    own_caps: Mapping[str, Caps] | None = None,
) -> dict[str, pl.DataFrame]:
    """Give assignments, cells, clusters, profiles, splits, plans, summary, overrides, association,
    cross_profiles, continuity, movers, worth, worth_by_plans and space_breaks (see schemas).

    `own_merge` and `own_caps` are the settings of single categories in place of those of all. With
    the tables of a baseline its final clusters go on (methods/continuity/final_clusters.py).

    A track that is None was not run: the final clusters are those of the other one, above the
    floor; without the internal track there is the one category ALL. Every store of the internal
    assignments keeps its category; a store known to the external track alone, and to no category at
    all, appears in each, where the internal track did not place it already. `values`, `stores` and
    `verdicts` are those of the internal track: without them nothing is known of sales and history.
    Overrides come last. Raises StageError where merge.none_reaches_floor=error and the clusters of
    a category reach the floor only all together, DataError where there is nothing to merge or
    overrides hold mistakes.
    """
    if not any(track is not None and track.height for track in (internal, external)):
        raise DataError("there are no clusters to merge; run: clustering run")
    layout = lay_out(
        internal if internal is not None and internal.height else _of_stores(external),
        NO_CLUSTERS if external is None else external,
        NO_COORDINATES if internal_matrix is None else internal_matrix,
        NO_COORDINATES if external_matrix is None else external_matrix,
        merge.internal_weight,
        stores,
    )
    by_category = mixes(layout.labels, values) if values is not None else {}
    merges = {name: (own_merge or {}).get(name, merge) for name in layout.rows}
    all_caps = {name: (own_caps or {}).get(name, caps) for name in layout.rows}
    before = NO_ASSIGNMENTS if baseline_assignments is None else baseline_assignments
    old = _by_category(baseline_assignments), _by_category(baseline_cells)
    found, splits = _merged(layout, by_category, merges, all_caps, old, seed)
    halves = {
        one.category: halves_of_merged(one, by_category[one.category])
        for one in found
        if one.category in by_category and one.leads != "external"
    }
    worth, by_plans = worth_tables(found, by_category, halves, seed)
    placed = assignments(layout.labels, found, halves)
    facts = _facts(layout, found, by_category, halves, attributes)
    pairs = list(zip(found, facts, strict=True))
    described = [relabelled(describe(*pair), labels_table) for pair in pairs]
    names = names_table(described)
    if baseline_clusters is not None:
        names = with_old_final_names(names, final_continuity(placed, before), baseline_clusters)
    final = _overridden(layout, placed, names, overrides_table, overrides)
    if final.log.height:
        codes = np.full(placed.height, None, dtype=object)
        codes[final.assignments["row"].to_numpy()] = final.assignments["final_cluster"].to_list()
        described = [
            as_overridden(one, *pair, codes[layout.rows[pair[0].category]])
            for one, pair in zip(described, pairs, strict=True)
        ]
    ratios = [
        kept(one, by_category.get(one.category), layout.space(one.category, 0.5)) for one in found
    ]
    return {
        "assignments": final.assignments.drop("sales", "row"),
        "cells": cells_table(found),
        "clusters": clusters_table(final.assignments, final.names),
        "profiles": profiles_table(described),
        "splits": splits,
        "plans": plans_table(found, halves, splits, verdicts, by_plans),
        "summary": summary(found, ratios, final.assignments, all_caps),
        "overrides": final.log,
        "association": association(layout.labels),
        "cross_profiles": cross_profiles(layout.labels, attributes),
        "continuity": final_continuity(final.assignments, before) if before.height else NOTHING,
        "movers": final_movers(final.assignments, before),
        "worth": worth,
        "worth_by_plans": by_plans,
        "space_breaks": space_breaks(final.assignments, found, merges, attributes),
    }


def _by_category(table: pl.DataFrame | None) -> dict[str, pl.DataFrame]:
    if table is None:
        return {}
    return {str(key[0]): part for key, part in table.partition_by("category", as_dict=True).items()}


def _of_stores(external: pl.DataFrame | None) -> pl.DataFrame:
    """The stores of the external track, which no internal cluster holds."""
    if external is None:
        raise DataError("there are no clusters to merge; run: clustering run")
    return external.with_columns(cluster=pl.lit(None, pl.Int64))


def _merged(
    layout: Layout,
    by_category: dict[str, Mix],
    merges: Mapping[str, Merge],
    caps: Mapping[str, Caps],
    old: tuple[dict[str, pl.DataFrame], dict[str, pl.DataFrame]],
    seed: int,
) -> tuple[list[MergedCategory], pl.DataFrame]:
    """Merge every category, test its splits, and fold those that the label does without; give the
    categories and schemas.Splits. `old` are the assignments and the cells of the baseline.
    """
    old_assignments, old_cells = old
    whole = [merge_category(layout, name, own, caps[name]) for name, own in merges.items()]
    whole = [
        held(one, old_cells[one.category]) if one.category in old_cells else one for one in whole
    ]
    splits = [
        split
        for one in whole
        for split in splits_of(
            one, by_category.get(one.category), layout.space(one.category, 0.5), seed
        )
    ]
    q_values = tested(splits)
    left_out: dict[str, list[int]] = {}
    for split, q_value in zip(splits, q_values, strict=True):
        if is_left_out(split, q_value, merges[split.category]):
            left_out.setdefault(split.category, []).append(split.group)
    found = [folded(one, left_out.get(one.category, []), caps[one.category]) for one in whole]
    found = [
        recoded(one, old_assignments[one.category]) if one.category in old_assignments else one
        for one in found
    ]
    return found, splits_table(splits, q_values, found)


def _facts(
    layout: Layout,
    found: list[MergedCategory],
    by_category: dict[str, Mix],
    halves: dict[str, Halves],
    attributes: pl.DataFrame | None,
) -> list[Facts]:
    """What each category can be described by."""
    known = lay_out_attributes(attributes, layout.labels)
    return [
        Facts(
            by_category.get(one.category),
            halves.get(one.category),
            known.features if known else [],
            known.of(layout.rows[one.category]) if known else None,
        )
        for one in found
    ]


def _overridden(
    layout: Layout,
    placed: pl.DataFrame,
    names: pl.DataFrame,
    table: pl.DataFrame | None,
    overrides: Overrides,
) -> Overridden:
    """The assignments with sales and row, once the decisions in `table` are carried out."""

    def distances(category: str) -> pl.DataFrame:
        return distances_to_final(layout, category, placed["final_cluster"][layout.rows[category]])

    with_sales = placed.with_columns(layout.labels["sales"], row=pl.int_range(pl.len()))
    return apply_overrides(table, with_sales, names, distances, overrides)
