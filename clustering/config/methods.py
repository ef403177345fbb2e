"""How stores are clustered: features, models, the choice of k, assignment and merge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from clustering import criteria
from clustering.config.fields import one_of, subset_of, within


@dataclass
class Weights:
    """What clusters of the internal track go by, in percent of the total variance; see
    transforms/performance.py.
    """

    # sales by need state
    mix: float = within(0, 100, default=100.0)
    # how much a store sells
    level: float = within(0, 100, default=0.0)
    # how its sales grow from the earlier to the later half
    trend: float = within(0, 100, default=0.0)

    def problems(self) -> Iterator[str]:
        total = self.mix + self.level + self.trend
        if abs(total - 100) > 1e-9:
            yield (
                f"features.weights sum to {total:g} %, not 100 %: mix={self.mix:g} "
                f"level={self.level:g} trend={self.trend:g}"
            )


@dataclass
class Features:
    # columns (need states or attributes) left out of the clustering; they are still profiled
    ignore: list[str] = field(default_factory=list)
    impute: str = one_of(
        "mean", "median", "most_frequent", "constant", "knn", "iterative", default="median"
    )
    # the value of impute=constant
    impute_value: float = 0.0
    # how a mix (rows of sales by need state) becomes coordinates; none for attributes
    transform: str = one_of("none", "share", "hellinger", "clr", "alr", "ilr", default="hellinger")
    # log-ratio transforms: zero shares are replaced by this many times the smallest positive share
    # (multiplicative)
    zero_replacement: float = within(1e-9, 1, default=0.65)
    scale: str = one_of(
        "none",
        "standard",
        "robust",
        "min_max",
        "max_abs",
        "quantile",
        "yeo_johnson",
        default="none",
    )
    encode: str = one_of("one_hot", "ordinal", "frequency", default="one_hot")
    outliers: str = one_of(
        "none",
        "isolation_forest",
        "local_outlier_factor",
        "elliptic_envelope",
        "neighbour_distance",
        default="neighbour_distance",
    )
    # the expected share of outlier stores, for the methods that need to be told
    outlier_share: float = within(0, 0.5, default=0.05)
    # parallel_analysis keeps the principal components that columns unrelated to each other would
    # not give
    reduce: str = one_of("none", "pca", "parallel_analysis", "kernel_pca", default="pca")
    # pca: keep components up to this share of variance, at most max_components
    variance: float = within(0.01, 1, default=0.95)
    max_components: int | None = within(1, None, default=None)
    weights: Weights = field(default_factory=Weights)


@dataclass
class Model:
    """What every model family has; a family's own file adds its own fields (see models/)."""

    name: str = "gmm"
    k_min: int = within(1, 1000, default=2)
    k_max: int = within(1, 1000, default=10)
    # fixes the number of clusters; the recommended one is still reported
    k: int | None = within(1, 1000, default=None)
    # a category that does not allow model.k clusters ends the run; else it takes what it allows
    strict_k: bool = False

    def problems(self) -> Iterator[str]:
        if self.k_min > self.k_max:
            yield (
                f"model.k_min={self.k_min} exceeds model.k_max={self.k_max}; swap them or set "
                "model.k"
            )


@dataclass
class Select:
    """How k is chosen among the candidates."""

    rule: str = one_of("auto", *criteria.NAMES, "vote", default="auto")
    # criteria computed for every k besides the one the rule needs
    criteria: list[str] = subset_of(*criteria.NAMES, default=criteria.DEFAULT)
    # a cluster below this share of the fitted stores makes its k ineligible (continuum
    # segmentation)
    min_share: float = within(0, 0.5, default=0.05)
    # bootstrap replicates that tell how far each cluster can be trusted (fpc::clusterboot uses
    # 100); 0 leaves it out
    trust_replicates: int = within(0, 10_000, default=0)
    # bootstrap replicates of the criterion stability
    bootstrap: int = within(1, 10_000, default=20)


@dataclass
class Caps:
    """Bounds on the clusters of a category; those that cannot hold are named in the summary and in
    rules.parquet.
    """

    max_clusters: int | None = within(1, None, default=None)
    # stores in a cluster
    min_size: int | None = within(1, None, default=None)
    max_size: int | None = within(1, None, default=None)

    def problems(self) -> Iterator[str]:
        if self.min_size and self.max_size and self.min_size > self.max_size:
            yield f"caps.min_size={self.min_size} exceeds caps.max_size={self.max_size}; swap them"


@dataclass
class Baseline:
    """An earlier run whose clusters are continued: those that share enough stores keep their
    numbers and names.
    """

    # v3 (published), published, a scenario's number, or a run's folder; null numbers clusters by
    # size
    run: str | None = None
    # a store of the baseline moves only where it gains at least this much probability; 0 moves it
    # for any gain
    margin: float = within(0, 1, default=0.0)
    # k stays that of the baseline unless another gains so much held-out R2 (of attributes, log
    # likelihood per store)
    k_gain: float = within(0, None, default=0.05)

    def problems(self) -> Iterator[str]:
        if self.run == "current":
            yield (
                "baseline.run=current is what this run replaces; publish it first, or name the "
                "folder of a copy"
            )


@dataclass
class Assign:
    # which stores have a row in a category: all that any input knows, or those with sales there
    stores: str = one_of("all", "with_sales", default="all")
    # the rules that may place a store, the first that knows something about it decides; a guess,
    # the `most_central` cluster, is always the last
    ladder: list[str] = subset_of(
        "model",
        "external_attributes",
        "like_stores",
        "largest",
        "most_central",
        default=("model", "external_attributes", "like_stores", "most_central"),
    )


@dataclass
class Merge:
    # lead: the track with most of the weight keeps its clusters, and the other one splits them;
    # joint: cells join by least loss in the joint space (Ward), neither track leads
    method: str = one_of("lead", "joint", default="lead")
    # stores that a final cluster needs: the smaller of this number and min_cluster_share of the
    # category's stores, which counts as at least 5
    min_cluster_size: int = within(1, None, default=20)
    # null makes min_cluster_size the exact number
    min_cluster_share: float | None = within(0, 1, default=0.05)
    # a piece of a split cluster needs this share of the cluster's sales, or of an average
    # cluster's if that is less
    min_sales_share: float = within(0, 0.5, default=0.02)
    # the internal track's share in the joint space; from 0.5 on it leads, below the external one
    internal_weight: float = within(0, 1, default=0.5)
    # splits that the final label contains: all, those that beat random splits, none
    split: str = one_of("all", "tested", "none", default="all")
    # a split is left out if it gains less (merged/splits, gain_mix: 0.01 is 1 % of what differs
    # between the stores of a mix); null keeps all
    min_gain: float | None = within(-1, 1, default=None)
    # when the stores of a category reach the floor only all together, or not at all
    none_reaches_floor: str = one_of("one_cluster", "error", default="one_cluster")


@dataclass
class Overrides:
    """How source.overrides is replayed on the final clusters."""

    # the day that `until` is held against, as 2026-12-31; null is the day of the run
    as_of: str | None = None
    # a row that cannot be applied stops the merge, or is left out and recorded
    on_mistake: str = one_of("error", "skip", default="error")

    def problems(self) -> Iterator[str]:
        try:
            date.fromisoformat(self.as_of or "2000-01-01")
        except ValueError:
            yield f"overrides.as_of={self.as_of} is not a date such as 2026-12-31"
