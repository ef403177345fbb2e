"""How stores are clustered: features, models, the choice of k, assignment and merge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from clustering import criteria
from clustering.config.fields import one_of, subset_of, within


@dataclass
class Weights:
    """What the clusters of the internal track are based on, in percent of the total variance."""

    # what a store sells: its sales shares by need state
    mix: float = within(0, 100, default=100.0)
    # how much a store sells
    level: float = within(0, 100, default=0.0)
    # how sales grow from the first half to the second
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
    """How sales shares or attributes become the numbers that a model is fitted to."""

    # columns (need states or attributes) that do not form clusters; they are still profiled
    ignore: list[str] = field(default_factory=list)
    # how missing attributes are filled in
    impute: str = one_of(
        "mean", "median", "most_frequent", "constant", "knn", "iterative", default="median"
    )
    # the value used by impute=constant
    impute_value: float = 0.0
    # how sales by need state are transformed; none for attributes
    transform: str = one_of("none", "share", "hellinger", "clr", "alr", "ilr", default="hellinger")
    # clr, alr, ilr: zero shares are replaced by this multiple of the smallest positive share
    zero_replacement: float = within(1e-9, 1, default=0.65)
    # how columns are scaled
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
    # how text attributes become numbers
    encode: str = one_of("one_hot", "ordinal", "frequency", default="one_hot")
    # how outlier stores are found; they are not fitted, but assigned afterwards
    outliers: str = one_of(
        "none",
        "isolation_forest",
        "local_outlier_factor",
        "elliptic_envelope",
        "neighbour_distance",
        default="neighbour_distance",
    )
    # the expected share of outliers, for the methods that need one
    outlier_share: float = within(0, 0.5, default=0.05)
    # how dimensions are reduced; parallel_analysis keeps components that exceed those of unrelated
    # columns
    reduce: str = one_of("none", "pca", "parallel_analysis", "kernel_pca", default="pca")
    # pca: keep components up to this share of the variance
    variance: float = within(0.01, 1, default=0.95)
    # keep at most this many components
    max_components: int | None = within(1, None, default=None)
    weights: Weights = field(default_factory=Weights)


@dataclass
class Model:
    """What all model families have in common."""

    # the model family; chosen by model=NAME
    name: str = "gmm"
    # the smallest number of clusters to try
    k_min: int = within(1, 1000, default=2)
    # the largest number of clusters to try
    k_max: int = within(1, 1000, default=10)
    # fixes the number of clusters; the recommended number is still reported
    k: int | None = within(1, 1000, default=None)
    # if a category does not allow k clusters: true stops the run, false uses the nearest number it
    # allows
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

    # the criterion that chooses k; auto: BIC where it finds separate groups, else held-out R2
    rule: str = one_of("auto", *criteria.NAMES, "vote", default="auto")
    # further criteria to compute for every k
    criteria: list[str] = subset_of(*criteria.NAMES, default=criteria.DEFAULT)
    # a k with a cluster below this share of the fitted stores is not chosen, where there are no
    # separate groups
    min_share: float = within(0, 0.5, default=0.05)
    # separate groups with a smaller share of the stores do not count, unless a wide gap surrounds
    # them
    min_group_share: float = within(0, 0.5, default=0.02)
    # bootstrap samples that measure how stable each cluster is (fpc::clusterboot uses 100); 0 turns
    # this off
    trust_replicates: int = within(0, 10_000, default=0)
    # bootstrap samples of the criterion stability
    bootstrap: int = within(1, 10_000, default=20)


@dataclass
class Caps:
    """Limits on the clusters of a category. The summary and rules.parquet name those that cannot be
    met.
    """

    # the most clusters a category may have
    max_clusters: int | None = within(1, None, default=None)
    # the fewest stores a cluster may have
    min_size: int | None = within(1, None, default=None)
    # the most stores a cluster may have
    max_size: int | None = within(1, None, default=None)

    def problems(self) -> Iterator[str]:
        if self.min_size and self.max_size and self.min_size > self.max_size:
            yield f"caps.min_size={self.min_size} exceeds caps.max_size={self.max_size}; swap them"


@dataclass
class Baseline:
    """An earlier run whose clusters keep their numbers and names where they share enough stores."""

    # the earlier run: v3, published, the number of a scenario, or a run's folder; null numbers
    # clusters by size
    run: str | None = None
    # a store leaves its cluster only if its probability rises by at least this much
    margin: float = within(0, 1, default=0.0)
    # k changes only if another k gains this much held-out R2 (attributes: log likelihood per store)
    k_gain: float = within(0, None, default=0.05)

    def problems(self) -> Iterator[str]:
        if self.run == "current":
            yield (
                "baseline.run=current is what this run replaces; publish it first, or name the "
                "folder of a copy"
            )


@dataclass
class Assign:
    """How stores get their cluster."""

    # which stores get a cluster in a category: all stores in any input, or only those with sales
    # there
    stores: str = one_of("all", "with_sales", default="all")
    # the rules that place stores, in order; the first that applies is used, and most_central is
    # always the last
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
    """How internal and external clusters become final clusters."""

    # lead: the leading track keeps its clusters and the other one splits them; joint: cells are
    # joined in the joint space (Ward)
    method: str = one_of("lead", "joint", default="lead")
    # the fewest stores in a final cluster: the smaller of this and min_cluster_share of the
    # category's stores (but at least 5)
    min_cluster_size: int = within(1, None, default=20)
    # see min_cluster_size; null uses min_cluster_size alone
    min_cluster_share: float | None = within(0, 1, default=0.05)
    # the least sales of a piece, as a share of what as many average stores of its cluster sell
    min_sales_share: float = within(0, 0.5, default=0.02)
    # the weight of the internal track; from 0.5 up it is the leading track
    internal_weight: float = within(0, 1, default=0.5)
    # which splits the final clusters keep: all, those that beat random splits, or none
    split: str = one_of("all", "tested", "none", default="all")
    # drops splits that gain less (gain_mix in merged/splits; 0.01 is 1 % of the variance of the
    # mix); null keeps all
    min_gain: float | None = within(-1, 1, default=None)
    # if a category has too few stores for even one cluster of the minimum size
    none_reaches_floor: str = one_of("one_cluster", "error", default="one_cluster")
    # a numeric attribute, such as shelf metres, that divides final clusters into sizes; null does
    # not
    space_by: str | None = None
    # where one size ends and the next begins; [] uses quantiles of the category's stores
    space_breaks: list[float] = field(default_factory=list)
    # the number of sizes, without space_breaks
    space_classes: int = within(2, 9, default=3)


@dataclass
class Overrides:
    """How the decisions in source.overrides are applied to the final clusters."""

    # the day on which overrides with an end date are judged, such as 2026-12-31; null is today
    as_of: str | None = None
    # if a row cannot be applied: error stops the merge, skip records it and goes on
    on_mistake: str = one_of("error", "skip", default="error")

    def problems(self) -> Iterator[str]:
        try:
            date.fromisoformat(self.as_of or "2000-01-01")
        except ValueError:
            yield f"overrides.as_of={self.as_of} is not a date such as 2026-12-31"
