"""Tables of train, assign and analyze: candidates, clusters of every store, what is in each."""

from __future__ import annotations

from types import new_class

import dataframely as dy

from clustering import criteria

_COLUMNS: dict[str, dy.Column] = {
    "category": dy.String(primary_key=True),
    "k": dy.Int64(primary_key=True),
    **{name: dy.Float64(nullable=True) for name in criteria.COLUMNS},
    "smallest_cluster": dy.Int64(nullable=False),  # stores among the fitted
    "votes": dy.Int64(nullable=True),
    "recommended": dy.Bool(nullable=False),
    "runner_up": dy.Bool(nullable=False),
    "chosen": dy.Bool(nullable=False),
}
# Every candidate k with every criterion (null where switched off or undefined).
Selection: type[dy.Schema] = new_class(
    "Selection", (dy.Schema,), exec_body=lambda namespace: namespace.update(_COLUMNS)
)


class Verdicts(dy.Schema):
    """Per category: separate groups or a continuum, the rule that chose k, and a sentence for the
    merchant.

    "groups" means that gaps separate the clusters. `limits` names the bounds that shaped the choice
    (methods/selection/limits.py). `plan_gain` is the gain in ClusterWorth, but of stores with
    enough history alone. Its error `plan_gain_se` is that of the sales, as the stores are given; it
    decides whether one plan will do.
    """

    category = dy.String(primary_key=True)
    k = dy.Int64(nullable=False)
    recommended_k = dy.Int64(nullable=False)
    rule = dy.String(nullable=False)
    verdict = dy.Enum(["groups", "continuum", "too_few_stores", "all_alike"], nullable=False)
    sentence = dy.String(nullable=False)
    limits = dy.String(nullable=True)
    one_plan_will_do = dy.Bool(nullable=True)  # null without halves of sales, and for one cluster
    plan_gain = dy.Float64(nullable=True)
    plan_gain_se = dy.Float64(nullable=True)


class Assignments(dy.Schema):
    """The cluster of every store, 1..k by size or numbered as in the baseline; in the internal
    track also of stores that only attributes know.
    """

    category = dy.String(primary_key=True)
    store_nbr = dy.String(primary_key=True)
    cluster = dy.Int64(nullable=False, min=1)
    # in separate groups: of belonging to the cluster; in a continuum: that a second sample of sales
    # of the same size would place the store here again
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

    `cluster` is the number in both runs. A retired cluster has 0 `stores`; a new one has nulls for
    the baseline. `shared` counts the stores in both, `jaccard` is their share of the stores in
    either, among stores that both runs know.
    """

    category = dy.String(primary_key=True)
    cluster = dy.Int64(primary_key=True)
    status = dy.Enum(["continued", "new", "retired"], nullable=False)
    stores = dy.Int64(nullable=False)
    baseline_stores = dy.Int64(nullable=True)
    shared = dy.Int64(nullable=True)
    jaccard = dy.Float64(nullable=True)


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


class ClusterWorth(dy.Schema):
    """What internal clusters alone are worth, before the merge: the same figures as in Worth.

    A row for all stores of a category (`cluster` is null) and one for each cluster. Empty on the
    external track, which knows no demand, and where the halves of the sales are not known.
    """

    category = dy.String(nullable=False)
    cluster = dy.Int64(nullable=True)
    stores = dy.Int64(nullable=False)  # those that sold in both halves
    plans = dy.Int64(nullable=False)
    gain = dy.Float64(nullable=False, min=-1, max=1)
    standard_error = dy.Float64(nullable=False, min=0)
    random = dy.Float64(nullable=False, min=-1, max=1)
    own = dy.Float64(nullable=False, min=-1, max=1)
    gain_in_sales = dy.Float64(nullable=False)


class Profiles(dy.Schema):
    """One row per cluster and feature (for a categorical attribute, per level: feature
    "format=express").

    `mean`: mean share (0..1) of a need state, or mean of an attribute, in the cluster; `overall`:
    in all stores. `index`: mean / overall x 100, null where values are negative;
    `relative_difference`: mean / overall - 1. `difference`: mean - overall (shares: x 100 =
    percentage points). `effect_size` is Cohen's d against the other stores, `p_value` Welch's,
    `q_value` its Benjamini-Hochberg correction within the category; `rank` 1 sets the cluster apart
    most. Of a mix, p and q come from the second half of the sales, with the stores placed by the
    first half: sales that made the clusters would differ even where stores do not. Attributes have
    no second half: theirs compare the same stores.
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
    """A statement that tells the cluster from the others, taken from a decision tree of depth 3;
    the metric rules_fidelity judges the tree.

    `coverage`: the share of the cluster's stores that meet it; `precision`: the share of the stores
    meeting it that belong to the cluster.
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
