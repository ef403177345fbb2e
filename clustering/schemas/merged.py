"""Tables of the merge: final clusters and what became of the two tracks."""

from __future__ import annotations

import dataframely as dy


class MergedAssignments(dy.Schema):
    """The final cluster of every category and store.

    `merged_cluster` is "<internal>_<external>", with "-" for a track that does not know the store;
    `final_cluster` is the merged cluster after small ones were reassigned.
    """

    category = dy.String(primary_key=True)
    store_nbr = dy.String(primary_key=True)
    internal_cluster = dy.Int64(nullable=True)
    external_cluster = dy.Int64(nullable=True)
    merged_cluster = dy.String(nullable=False)
    final_cluster = dy.String(nullable=False)
    reassigned = dy.Bool(nullable=False)
    status = dy.Enum(["both", "internal_only", "external_only"], nullable=False)


class Reassignments(dy.Schema):
    """Every store that left its merged cluster: from, to, how far (joint space), and the next-best
    target.
    """

    category = dy.String(primary_key=True)
    store_nbr = dy.String(primary_key=True)
    from_cluster = dy.String(nullable=False)
    to_cluster = dy.String(nullable=False)
    distance = dy.Float64(nullable=True)
    runner_up = dy.String(nullable=True)
    runner_up_distance = dy.Float64(nullable=True)
    reason = dy.String(nullable=False)  # "below_floor", "one_track", "none_reaches_floor"


class MergeSummary(dy.Schema):
    """Per category: how the merge went."""

    category = dy.String(primary_key=True)
    stores = dy.Int64(nullable=False)
    merged_clusters = dy.Int64(nullable=False)
    final_clusters = dy.Int64(nullable=False)
    reassigned = dy.Int64(nullable=False)
    smallest = dy.Int64(nullable=False)
    largest = dy.Int64(nullable=False)
    warning = dy.String(nullable=True)


class Names(dy.Schema):
    """What final clusters are called: after those of the tracks, or as an override says; unique
    labels, not unique names.
    """

    category = dy.String(primary_key=True)
    final_cluster = dy.String(primary_key=True)
    name = dy.String(nullable=False)
    named_by = dy.Enum(["clusters", "override"], nullable=False)


class AppliedOverrides(dy.Schema):
    """Every row of source.overrides, what became of it, and what a pin costs.

    `distance_before`, `distance_after`: the pinned store's distance (joint space) to the centres of
    its old and new cluster.
    """

    row = dy.Int64(primary_key=True)
    kind = dy.String(nullable=True)
    category = dy.String(nullable=True)
    store_nbr = dy.String(nullable=True)
    cluster = dy.String(nullable=True)
    value = dy.String(nullable=True)
    who = dy.String(nullable=True)
    why = dy.String(nullable=True)
    until = dy.String(nullable=True)
    status = dy.Enum(["applied", "expired", "mistake"], nullable=False)
    distance_before = dy.Float64(nullable=True)
    distance_after = dy.Float64(nullable=True)
    note = dy.String(nullable=True)


class Association(dy.Schema):
    """How far internal and external clusters go together: Cramer's V and adjusted mutual
    information, on shared stores.
    """

    category = dy.String(primary_key=True)
    stores = dy.Int64(nullable=False)
    cramers_v = dy.Float64(nullable=True, min=0)
    adjusted_mutual_information = dy.Float64(nullable=True)


class CrossProfiles(dy.Schema):
    """Clusters of one track in terms of the other: internal ones by attributes, external ones by
    internal clusters (shares).
    """

    category = dy.String(primary_key=True)
    track = dy.Enum(["internal", "external"], primary_key=True)
    cluster = dy.Int64(primary_key=True)
    feature = dy.String(primary_key=True)
    mean = dy.Float64(nullable=True)
    overall = dy.Float64(nullable=True)
    index = dy.Float64(nullable=True)
    difference = dy.Float64(nullable=True)
