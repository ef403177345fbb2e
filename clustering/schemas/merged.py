"""Tables of the merge: final clusters, what they are made of, and what is kept of both tracks."""

from __future__ import annotations

import dataframely as dy

STATUSES = ["both", "internal_only", "external_only", "no_sales"]
SURENESS = ["sure", "fairly sure", "rather unsure", "unsure"]


class MergedAssignments(dy.Schema):
    """The final cluster of every category and store.

    `merged_cluster` is the store's cell, "<internal>_<external>", with "-" for a track that does
    not place the store. `final_cluster` is a code such as "A1": the letter is the mix (the leading
    track's clusters), the digit the surroundings within it; "A" where the mix is not split.
    `reassigned`: the store's cell was below the floor and joined another, or an override moved the
    store. `same_in_halves`: either half of the store's sales alone gives the same mix; null where a
    half is empty. `other_cluster`: the final cluster that the differing half gives.
    """

    category = dy.String(primary_key=True)
    store_nbr = dy.String(primary_key=True)
    internal_cluster = dy.Int64(nullable=True)
    external_cluster = dy.Int64(nullable=True)
    merged_cluster = dy.String(nullable=False)
    final_cluster = dy.String(nullable=False)
    reassigned = dy.Bool(nullable=False)
    status = dy.Enum(STATUSES, nullable=False)
    same_in_halves = dy.Bool(nullable=True)
    other_cluster = dy.String(nullable=True)


class Cells(dy.Schema):
    """The final cluster of every pair of internal and external cluster, also of pairs that no store
    has: the rule by which later stores are placed.

    A null cluster stands for a track that does not know the store. `joined`: the cell was below the
    floor and joined another.
    """

    category = dy.String(nullable=False)
    internal_cluster = dy.Int64(nullable=True)
    external_cluster = dy.Int64(nullable=True)
    merged_cluster = dy.String(nullable=False)
    final_cluster = dy.String(nullable=False)
    stores = dy.Int64(nullable=False)
    joined = dy.Bool(nullable=False)


class FinalClusters(dy.Schema):
    """Final clusters: their cells, size and name.

    `mix` is the letter, `name` is "<mix_name> · <surroundings_name>". `sales` are null where none
    are known. `kept`: no cell of another cluster was joined to it.
    """

    category = dy.String(primary_key=True)
    final_cluster = dy.String(primary_key=True)
    mix = dy.String(nullable=False)
    name = dy.String(nullable=False)
    mix_name = dy.String(nullable=False)
    surroundings_name = dy.String(nullable=True)
    named_by = dy.Enum(["members", "override"], nullable=False)
    cells = dy.String(nullable=False)
    stores = dy.Int64(nullable=False)
    sales = dy.Float64(nullable=True)
    share_of_sales = dy.Float64(nullable=True)
    kept = dy.Bool(nullable=False)


class FinalProfiles(dy.Schema):
    """What the stores of a final cluster sell and where they are.

    Of a need state, `mean` and `overall` are shares of sales (0..1), of the cluster and of the
    category; of an attribute, means over stores. `difference` is mean minus overall, `index` 100 x
    mean / overall. `q_value` is that of Welch's t test against the other stores, adjusted over the
    category. `holds_for`: the share of the cluster's stores that differ from `overall` in the same
    direction. `in_name`: the cluster is named after the feature.
    """

    category = dy.String(primary_key=True)
    final_cluster = dy.String(primary_key=True)
    kind = dy.Enum(["need_state", "attribute"], primary_key=True)
    feature = dy.String(primary_key=True)
    mean = dy.Float64(nullable=True)
    overall = dy.Float64(nullable=True)
    difference = dy.Float64(nullable=True)
    index = dy.Float64(nullable=True)
    q_value = dy.Float64(nullable=True)
    holds_for = dy.Float64(nullable=True)
    rank = dy.Int64(nullable=False)
    in_name = dy.Bool(nullable=False)


class Splits(dy.Schema):
    """Every split of a mix by surroundings, against 199 random splits of the same sizes
    (999 where few of those gain as much).

    The gains are shares of what differs between the stores of the mix (0..1): `gain_mix` is how
    much better either half of the sales of the pieces predicts the other half than the whole mix
    does; `gain_sales_level` (logarithm of sales) and `gain_attributes` are adjusted R2, 0 by
    chance. `q_value` is adjusted over the splits of all categories (Benjamini and Hochberg 1995).
    `carries`: q_value is at most 0.05. `in_label`: the final label contains the split.
    """

    category = dy.String(primary_key=True)
    mix = dy.String(primary_key=True)
    pieces = dy.Int64(nullable=False)
    gain_mix = dy.Float64(nullable=True)
    gain_sales_level = dy.Float64(nullable=True)
    gain_attributes = dy.Float64(nullable=True)
    random_mean = dy.Float64(nullable=True)
    p_value = dy.Float64(nullable=True)
    q_value = dy.Float64(nullable=True)
    carries = dy.Bool(nullable=False)
    in_label = dy.Bool(nullable=False)


class Plans(dy.Schema):
    """How many plans a category needs, in a sentence, and how sure its mixes are.

    `agreement` is the share of stores for which both halves of the sales give the same mix,
    `chance` what luck alone would give; both and `sureness` are null for a single mix.
    `stores_to_look_at` counts stores with enough history whose halves disagree.
    """

    category = dy.String(primary_key=True)
    plans = dy.Int64(nullable=False)
    sentence = dy.String(nullable=False)
    sureness = dy.Enum(SURENESS, nullable=True)
    agreement = dy.Float64(nullable=True)
    chance = dy.Float64(nullable=True)
    stores_to_look_at = dy.Int64(nullable=False)


class Worth(dy.Schema):
    """How much more of the demand in unseen sales final clusters meet than one plan for the chain.

    A row for each category (`final_cluster` is null) and for each of its clusters, before
    overrides; no rows where the halves of the sales are not known. Gains are shares of the sales of
    the row (0.01 is 1 %), against one plan for the chain: of one plan per final cluster, of
    `random` clusters of the same sizes (mean of 20), and of a plan for every single store (`own`).
    `standard_error` is that of `gain`, over stores and both halves. `gain_in_sales` is `gain` of
    all sales in the data, in their unit.
    """

    category = dy.String(nullable=False)
    final_cluster = dy.String(nullable=True)
    stores = dy.Int64(nullable=False)  # those that sold in both halves
    plans = dy.Int64(nullable=False)
    gain = dy.Float64(nullable=False, min=-1, max=1)
    standard_error = dy.Float64(nullable=False, min=0)
    random = dy.Float64(nullable=False, min=-1, max=1)
    own = dy.Float64(nullable=False, min=-1, max=1)
    gain_in_sales = dy.Float64(nullable=False)


class WorthByPlans(dy.Schema):
    """What a category gains with `plans` final clusters: those of the run, and as caps.max_clusters
    joins them, down to one.
    """

    category = dy.String(primary_key=True)
    plans = dy.Int64(primary_key=True)
    gain = dy.Float64(nullable=False, min=-1, max=1)
    standard_error = dy.Float64(nullable=False, min=0)
    gain_in_sales = dy.Float64(nullable=False)


class SpaceBreaks(dy.Schema):
    """Per category with merge.space_by and store: `size` is the attribute, `space` its class within
    the final cluster (S, M, L, or a number), `plan` both together, such as "A1 S"; "A1" where the
    cluster has one class only.
    """

    category = dy.String(primary_key=True)
    store_nbr = dy.String(primary_key=True)
    final_cluster = dy.String(nullable=False)
    size = dy.Float64(nullable=True)
    space = dy.String(nullable=False)
    plan = dy.String(nullable=False)


class MergeSummary(dy.Schema):
    """Per category: how the merge went.

    `captured`: what the final clusters explain of the mix (R2 of shares, weighted by sales).
    `kept_internal`: the same as a ratio to what the internal clusters explain; `kept_external`
    likewise of the external coordinates. "by_mates": the same, with each store predicted by the
    other stores of its cluster. Null where there is nothing to explain or keep. `joined` counts
    stores whose cell joined another, or that an override put elsewhere.
    """

    category = dy.String(primary_key=True)
    stores = dy.Int64(nullable=False)
    internal_k = dy.Int64(nullable=False)
    external_k = dy.Int64(nullable=False)
    final_k = dy.Int64(nullable=False)
    floor = dy.Int64(nullable=False)
    captured = dy.Float64(nullable=True, max=1.0)
    kept_internal = dy.Float64(nullable=True)
    kept_internal_by_mates = dy.Float64(nullable=True)
    kept_external = dy.Float64(nullable=True)
    kept_external_by_mates = dy.Float64(nullable=True)
    joined = dy.Int64(nullable=False)
    smallest = dy.Int64(nullable=False)
    largest = dy.Int64(nullable=False)
    warning = dy.String(nullable=True)


class FinalContinuity(dy.Schema):
    """What became of the baseline's final clusters; no rows without a baseline.

    `baseline_stores` are the stores of the baseline's cluster that the category still has,
    `shared` those of them in the cluster of the same code now. The clusters of a category that is
    no longer in the sales are `vanished`.
    """

    category = dy.String(primary_key=True)
    final_cluster = dy.String(primary_key=True)
    status = dy.Enum(["continued", "new", "retired", "vanished"], nullable=False)
    stores = dy.Int64(nullable=False)
    baseline_stores = dy.Int64(nullable=True)
    shared = dy.Int64(nullable=False)


class FinalMovers(dy.Schema):
    """The stores whose final cluster is another than in the baseline."""

    category = dy.String(primary_key=True)
    store_nbr = dy.String(primary_key=True)
    from_cluster = dy.String(nullable=False)
    to_cluster = dy.String(nullable=False)


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
