"""Columns, types and keys of every input and every table that goes through the data directory.

Store and SKU numbers are text throughout, so "0012" stays "0012" and files that disagree on the
type still join. The inputs' rules name the row faults that end in quarantine; the artifacts' rules
are checked on every write.
"""

from __future__ import annotations

import dataframely as dy
import polars as pl

ALL = "ALL"  # the one pseudo-category of the external track


# --- inputs, in canonical column names
# -------------------------------------------------------------------------------


class Sales(dy.Schema):
    """Sales rows; `period` is the week number or the date as an ordinal number, null where the
    input has neither.

    Keys may also arrive as integers, which are read as their text. The pass over the sales
    (aggregation.sales) applies these rules itself, batch by batch; tests hold the two against each
    other.
    """

    store_nbr = dy.String(nullable=False)
    sku_nbr = dy.String(nullable=False)
    category = dy.String(nullable=True)  # null when the category comes from the map
    total_sales = dy.Float64(nullable=False, min=0, max=1e9, allow_inf=False, allow_nan=False)
    period = dy.Int32(nullable=True)


class NeedStates(dy.Schema):
    """The map SKU -> need state; a SKU with m rows counts 1/m of its sales in each."""

    sku_nbr = dy.String(primary_key=True)
    need_state = dy.String(primary_key=True)
    category = dy.String(nullable=True)


class External(dy.Schema):
    """A file of store attributes: the store, and any further columns."""

    store_nbr = dy.String(nullable=False)


class LikeStores(dy.Schema):
    """A store resembles another, with this weight among its like stores."""

    store_nbr = dy.String(nullable=False)
    like_store_nbr = dy.String(nullable=False)
    weight = dy.Float64(nullable=False, min=0)


class Overrides(dy.Schema):
    """What a merchant decided, as text (see overrides.check for the kinds); `until` is the last day
    it holds.
    """

    kind = dy.String(nullable=True)
    category = dy.String(nullable=True)
    store_nbr = dy.String(nullable=True)
    cluster = dy.String(nullable=True)
    value = dy.String(nullable=True)
    who = dy.String(nullable=True)
    why = dy.String(nullable=True)
    until = dy.String(nullable=True)


INPUTS: dict[str, type[dy.Schema]] = {
    "sales": Sales,
    "need_states": NeedStates,
    "external": External,
    "like_stores": LikeStores,
    "overrides": Overrides,
}


# --- preprocess
# ------------------------------------------------------------------------------------------------------


def _ascend(*keys: str) -> pl.Expr:
    """Whether each row comes after the one before it: by the first key, where that is equal by the
    second, and so on.
    """
    after = pl.lit(False)
    for key in reversed(keys):
        previous = pl.col(key).shift(1)
        after = (pl.col(key) > previous) | ((pl.col(key) == previous) & after)
    return after.fill_null(True)  # the first row


class Values(dy.Schema):
    """One row per category, store and feature, sorted by them.

    `value`: sales in the need state (currency) or the numeric or boolean attribute, null where
    unknown. `level`: the level of a categorical attribute, null elsewhere. `half_a`, `half_b`: the
    part of `value` in either half of the sales (earlier and later weeks, or a random split).
    """

    category = dy.String(nullable=False)
    store_nbr = dy.String(nullable=False)
    feature = dy.String(nullable=False)
    value = dy.Float64(nullable=True)
    level = dy.String(nullable=True)
    half_a = dy.Float64(nullable=True)
    half_b = dy.Float64(nullable=True)

    @dy.rule()
    def each_key_once_in_order(cls) -> pl.Expr:
        # rows in order are seen to be unique without hashing millions of keys
        return _ascend("category", "store_nbr", "feature")


class Stores(dy.Schema):
    """One row per category and store; `history` says whether a model may be fitted to the store."""

    category = dy.String(primary_key=True)
    store_nbr = dy.String(primary_key=True)
    sales = dy.Float64(nullable=True)  # null in the external track
    sales_rows = dy.Int64(nullable=True)
    history = dy.Enum(["enough", "poor", "none"], nullable=False)


class Quarantine(dy.Schema):
    """Rows that were set aside, with the rule that caught them."""

    input = dy.String(nullable=False)
    rule = dy.String(nullable=False)
    store_nbr = dy.String(nullable=True)
    sku_nbr = dy.String(nullable=True)
    category = dy.String(nullable=True)
    need_state = dy.String(nullable=True)
    total_sales = dy.Float64(nullable=True, allow_inf=True, allow_nan=True)
    detail = dy.String(nullable=True)


class Reconciliation(dy.Schema):
    """Where every input row went: for each input, `rows` of outcome "read" equals the sum over all
    other outcomes.
    """

    input = dy.String(primary_key=True)
    outcome = dy.String(primary_key=True)  # "read", "used", or the name of a rule
    rows = dy.Int64(nullable=False)


class ColumnReport(dy.Schema):
    """What became of each attribute column: kept, dropped or renamed, and why."""

    input = dy.String(nullable=False)
    column = dy.String(nullable=False)
    kind = dy.String(nullable=True)  # numeric, boolean, categorical
    action = dy.String(nullable=False)
    reason = dy.String(nullable=True)


# --- features
# --------------------------------------------------------------------------------------------------------


class Matrix(dy.Schema):
    """Model-ready coordinates; within a category every list has the same length.

    `components` is null for a store whose features are unknown (no sales). `is_fitted` stores train
    the model; outliers and stores with poor history are placed afterwards. `information` is
    proportional to the number of observations behind the mix (sales), null where sampling noise has
    no meaning (attributes).
    """

    category = dy.String(primary_key=True)
    store_nbr = dy.String(primary_key=True)
    components = dy.List(dy.Float64(nullable=False), nullable=True)
    information = dy.Float64(nullable=True)
    is_outlier = dy.Bool(nullable=False)
    is_fitted = dy.Bool(nullable=False)


# --- train
# -----------------------------------------------------------------------------------------------------------


class Selection(dy.Schema):
    """Every candidate k with every criterion (null where switched off or undefined)."""

    category = dy.String(primary_key=True)
    k = dy.Int64(primary_key=True)
    bic = dy.Float64(nullable=True)  # lower is better
    icl = dy.Float64(nullable=True)  # lower is better
    silhouette = dy.Float64(nullable=True)
    silhouette_lowest_cluster = dy.Float64(nullable=True)
    calinski_harabasz = dy.Float64(nullable=True)
    davies_bouldin = dy.Float64(nullable=True)  # lower is better
    gap = dy.Float64(nullable=True)
    gap_se = dy.Float64(nullable=True)
    prediction_strength = dy.Float64(nullable=True)
    stability = dy.Float64(nullable=True)
    heldout_r2 = dy.Float64(nullable=True)
    heldout_r2_se = dy.Float64(nullable=True)
    smallest_cluster = dy.Int64(nullable=False)  # stores among the fitted
    votes = dy.Int64(nullable=True)
    recommended = dy.Bool(nullable=False)
    runner_up = dy.Bool(nullable=False)
    chosen = dy.Bool(nullable=False)


class Verdicts(dy.Schema):
    """Per category: separate groups or a continuum, the rule that chose k, and a sentence for the
    merchant.
    """

    category = dy.String(primary_key=True)
    k = dy.Int64(nullable=False)
    recommended_k = dy.Int64(nullable=False)
    rule = dy.String(nullable=False)
    verdict = dy.Enum(["groups", "continuum", "too_few_stores"], nullable=False)
    sentence = dy.String(nullable=False)


# --- assign
# ----------------------------------------------------------------------------------------------------------


class Assignments(dy.Schema):
    """The cluster of every store, 1..k by size or numbered as in the baseline; in the internal
    track also of stores that only attributes know.
    """

    category = dy.String(primary_key=True)
    store_nbr = dy.String(primary_key=True)
    cluster = dy.Int64(nullable=False, min=1)
    probability = dy.Float64(nullable=False, min=0, max=1)
    is_outlier = dy.Bool(nullable=False)
    assigned_by = dy.String(
        nullable=False
    )  # a rule of the ladder, or what overrode it: baseline, caps
    next_cluster = dy.Int64(nullable=True)  # null where there is only one cluster
    margin = dy.Float64(
        nullable=True
    )  # probability minus that of the next cluster; below 0 where the rule overrode it


class Rules(dy.Schema):
    """How many stores each rule placed, and what the attributes are worth as a rule.

    `accuracy` is the share of stores with sales that their attributes alone would place right
    (5-fold cross-validation), `accuracy_of_largest` the share that the largest cluster would.
    """

    category = dy.String(primary_key=True)
    rule = dy.String(primary_key=True)
    stores = dy.Int64(nullable=False)
    accuracy = dy.Float64(nullable=True)
    accuracy_of_largest = dy.Float64(nullable=True)
    note = dy.String(nullable=True)


class Trust(dy.Schema):
    """How far a cluster can be trusted: its mean Jaccard similarity, 0..1, with the most alike
    cluster of bootstrap samples.

    The bands are those of fpc::clusterboot. Empty where select.trust_replicates is 0.
    """

    category = dy.String(primary_key=True)
    cluster = dy.Int64(primary_key=True)
    jaccard = dy.Float64(nullable=False, min=0, max=1)
    trust = dy.Enum(["highly stable", "stable", "doubtful", "do not trust"], nullable=False)


class Continuity(dy.Schema):
    """What became of the clusters of the baseline (baseline.run); empty without one.

    `cluster` is the number both share; of a retired one `stores` is 0, of a new one the baseline's
    side is null. `shared` stores are in both, `jaccard` is their share of the stores in either,
    among stores that both runs know.
    """

    category = dy.String(primary_key=True)
    cluster = dy.Int64(primary_key=True)
    status = dy.Enum(["continued", "new", "retired"], nullable=False)
    stores = dy.Int64(nullable=False)
    baseline_stores = dy.Int64(nullable=True)
    shared = dy.Int64(nullable=True)
    jaccard = dy.Float64(nullable=True)


# --- analyze
# ---------------------------------------------------------------------------------------------------------


class Metrics(dy.Schema):
    """Per category: silhouette, calinski_harabasz, davies_bouldin, r2, stores, k, largest_share,
    ...
    """

    category = dy.String(primary_key=True)
    metric = dy.String(primary_key=True)
    value = dy.Float64(nullable=True)


class Clusters(dy.Schema):
    """One row per cluster."""

    category = dy.String(primary_key=True)
    cluster = dy.Int64(primary_key=True)
    stores = dy.Int64(nullable=False)
    share_of_stores = dy.Float64(nullable=False)
    sales = dy.Float64(nullable=True)
    sales_per_store = dy.Float64(nullable=True)
    outliers = dy.Int64(nullable=False)
    mean_probability = dy.Float64(nullable=False)
    silhouette = dy.Float64(nullable=True)
    name = dy.String(nullable=False)  # from what sets it apart; unique within the category
    jaccard = dy.Float64(nullable=True)  # null where it was not asked for
    trust = dy.String(nullable=True)


class Profiles(dy.Schema):
    """One row per cluster and feature (for a categorical attribute, per level: feature
    "format=express").

    `mean`: mean share (0..1) of a need state, or mean of an attribute, in the cluster; `overall`:
    in all stores. `index`: mean / overall x 100, null where values are negative;
    `relative_difference`: mean / overall - 1. `difference`: mean - overall (shares: x 100 =
    percentage points). `effect_size` is Cohen's d against the other stores, `p_value` Welch's,
    `q_value` its Benjamini-Hochberg correction within the category; `rank` 1 sets the cluster apart
    most.
    """

    category = dy.String(primary_key=True)
    cluster = dy.Int64(primary_key=True)
    feature = dy.String(primary_key=True)
    mean = dy.Float64(nullable=True)
    overall = dy.Float64(nullable=True)
    index = dy.Float64(nullable=True)
    difference = dy.Float64(nullable=True)
    relative_difference = dy.Float64(nullable=True)
    effect_size = dy.Float64(nullable=True)
    p_value = dy.Float64(nullable=True)
    q_value = dy.Float64(nullable=True)
    rank = dy.Int64(nullable=False, min=1)
    used = dy.Bool(nullable=False)  # false: profiled but left out of the clustering


class Descriptions(dy.Schema):
    """A rule that tells the cluster from the others, off a tree of depth 3; the metric
    rules_fidelity judges the tree.

    `coverage`: the share of the cluster's stores that meet it; `precision`: the share of stores
    meeting it that are of it.
    """

    category = dy.String(primary_key=True)
    cluster = dy.Int64(primary_key=True)
    rule = dy.String(nullable=False)
    coverage = dy.Float64(nullable=False, min=0, max=1)
    precision = dy.Float64(nullable=False, min=0, max=1)


class Representatives(dy.Schema):
    """Stores nearest to their cluster's centre (prototype) and those nearest to another cluster
    (boundary), 1 first.
    """

    category = dy.String(primary_key=True)
    cluster = dy.Int64(nullable=False)
    store_nbr = dy.String(primary_key=True)
    role = dy.Enum(["prototype", "boundary"], primary_key=True)
    rank = dy.Int64(nullable=False, min=1)
    distance = dy.Float64(nullable=False, min=0)


class Positions(dy.Schema):
    """Where a store lies on the first two principal components; null for a store without
    coordinates.
    """

    category = dy.String(primary_key=True)
    store_nbr = dy.String(primary_key=True)
    x = dy.Float64(nullable=True)
    y = dy.Float64(nullable=True)
    silhouette = dy.Float64(nullable=True)


# --- merge
# -----------------------------------------------------------------------------------------------------------


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


_PREPROCESSED: dict[str, type[dy.Schema]] = {
    "values": Values,
    "stores": Stores,
    "quarantine": Quarantine,
    "reconciliation": Reconciliation,
    "columns": ColumnReport,
}
TABLES: dict[str, dict[str, type[dy.Schema]]] = {
    "preprocess": _PREPROCESSED,
    "features": {"matrix": Matrix},
    "train": {"selection": Selection, "verdicts": Verdicts},
    "assign": {
        "assignments": Assignments,
        "rules": Rules,
        "trust": Trust,
        "continuity": Continuity,
    },
    "analyze": {
        "metrics": Metrics,
        "clusters": Clusters,
        "profiles": Profiles,
        "descriptions": Descriptions,
        "representatives": Representatives,
        "positions": Positions,
    },
    "merged": {
        "assignments": MergedAssignments,
        "reassignments": Reassignments,
        "summary": MergeSummary,
        "names": Names,
        "overrides": AppliedOverrides,
        "association": Association,
        "cross_profiles": CrossProfiles,
    },
}
