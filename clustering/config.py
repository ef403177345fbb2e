"""The configuration: one dataclass per config group, with the range of every field beside it.

Hydra composes YAML against these types, so an unknown key or a wrong type is refused at
composition. What a type cannot say (ranges, choices, one field against another) is in the metadata
of the fields and in `problems`, and `check` reports all of it at once. Below this module there is
no DictConfig, only these dataclasses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from typing import Any

from clustering.errors import ConfigError, did_you_mean
from clustering.redaction import holds_password

__all__ = ["Config", "check"]


def one_of(*choices: str, default: str) -> Any:
    """A text field restricted to `choices`."""
    return field(default=default, metadata={"choices": choices})


def within(low: float | None, high: float | None, *, default: Any) -> Any:
    """A number restricted to low..high, both ends included; None leaves a side open and is a valid
    value where typed so.
    """
    return field(default=default, metadata={"low": low, "high": high})


def subset_of(*choices: str, default: tuple[str, ...]) -> Any:
    """A list whose items come from `choices`."""
    return field(default_factory=lambda: list(default), metadata={"items": choices})


@dataclass
class Paths:
    # where stages read and write parquet; a folder or an object-store URI
    data_dir: str = "data"
    # reports, figures, models, sweeps and logs
    output_dir: str = "outputs"


@dataclass
class Columns:
    """The user's name for each canonical column; null accepts the usual names (see
    sources.columns).
    """

    sku_nbr: str | None = None
    store_nbr: str | None = None
    category: str | None = None
    need_state: str | None = None
    total_sales: str | None = None
    week: str | None = None
    date: str | None = None


@dataclass
class Source:
    name: str = "files"
    # source=postgres and the like: where the database is; $NAME stands for an environment variable,
    # see databases
    uri: str | None = None
    # path, glob or URI; parquet, CSV (also .gz) or Excel by its ending; in a database, a table or a
    # query
    sales: str = "${paths.data_dir}/raw/sales.parquet"
    need_states: str = "${paths.data_dir}/raw/need_states.csv"
    external: list[str] = field(default_factory=lambda: ["${paths.data_dir}/raw/external/*"])
    # stores that resemble others: store_nbr, like_store_nbr, weight; for stores without history of
    # their own
    like_stores: str | None = None
    # what merchants decided against or beside the model, see docs/after-the-first-run.md
    overrides: str | None = None
    columns: Columns = field(default_factory=Columns)

    def problems(self) -> Iterator[str]:
        yield from _database_problems("source", self.name, self.uri)


@dataclass
class Within:
    """Nested clustering: every cluster of an earlier run is a category of its own, in which stores
    are clustered again.
    """

    # v3, published, a scenario's number, or a run's folder; null clusters whole categories
    run: str | None = None
    # whose clusters: those of the category (internal) or of the surroundings (external)
    track: str = one_of("internal", "external", default="internal")

    def problems(self) -> Iterator[str]:
        if self.run == "current":
            yield (
                "within.run=current is what this run replaces; publish it first, or name the "
                "folder of a copy"
            )


@dataclass
class Preprocess:
    # a store with fewer sales rows than this in a category is not fitted, but placed afterwards
    # ("poor history")
    min_sales_rows: int = within(0, None, default=10)
    # only sales from this week number or date on, and up to that one, both included: a season; null
    # is open
    first_period: str | None = None
    last_period: str | None = None
    # how sales are split in two halves for held-out scores: by time where there is a week or date
    # column, else at random
    holdout: str = one_of("auto", "time", "random", default="auto")
    # quarantined rows over all rows of an input; above it the run stops
    max_quarantined_share: float = within(0, 1, default=1.0)
    # rows kept per input and rule in quarantine.parquet; every row is counted, whatever this says
    quarantine_rows: int = within(0, None, default=100_000)
    # external attributes: what to do with several rows for one store
    duplicates: str = one_of("first", "last", "mean", "error", default="first")
    # external columns with a larger share of nulls are dropped
    max_null_share: float = within(0, 1, default=0.5)
    # categorical columns with more levels than this are dropped (they are names, not attributes)
    max_levels: int = within(2, None, default=30)
    # use only this many stores, drawn by seed (for a quick look); null uses all
    sample_stores: int | None = within(2, None, default=None)
    # memory for the dense stores x need states table; above it packed keys are used
    dense_budget_mb: int = within(1, None, default=512)


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

    def problems(self) -> Iterator[str]:
        if self.k_min > self.k_max:
            yield (
                f"model.k_min={self.k_min} exceeds model.k_max={self.k_max}; swap them or set "
                "model.k"
            )


@dataclass
class Select:
    """How k is chosen among the candidates."""

    rule: str = one_of(
        "auto",
        "bic",
        "icl",
        "silhouette",
        "calinski_harabasz",
        "davies_bouldin",
        "gap",
        "prediction_strength",
        "stability",
        "heldout_r2",
        "vote",
        default="auto",
    )
    # criteria computed for every k besides the one the rule needs
    criteria: list[str] = subset_of(
        "bic",
        "icl",
        "silhouette",
        "calinski_harabasz",
        "davies_bouldin",
        "gap",
        "prediction_strength",
        "stability",
        "heldout_r2",
        default=("bic", "icl", "silhouette", "calinski_harabasz", "davies_bouldin", "heldout_r2"),
    )
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

    def problems(self) -> Iterator[str]:
        if self.run == "current":
            yield (
                "baseline.run=current is what this run replaces; publish it first, or name the "
                "folder of a copy"
            )


@dataclass
class Assign:
    # the rules that may place a store, the first that knows something about it decides; `largest`
    # is always the last
    ladder: list[str] = subset_of(
        "model",
        "external_attributes",
        "like_stores",
        "most_cohesive",
        "largest",
        default=("model", "external_attributes", "like_stores", "most_cohesive"),
    )


@dataclass
class Merge:
    # merged clusters with fewer stores than this are reassigned
    min_cluster_size: int = within(1, None, default=20)
    # the share of the internal track in the joint distance; the external track has the rest
    internal_weight: float = within(0, 1, default=0.5)
    # when no merged cluster of a category reaches the floor
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


@dataclass
class Sink:
    """Where final results are written besides the data directory."""

    name: str = one_of("none", "database", default="none")
    # $NAME stands for an environment variable
    uri: str | None = None
    # tables are made where they are not there: <prefix>assignments, <prefix>metrics, <prefix>runs;
    # a schema may lead it
    prefix: str = "clustering_"

    def problems(self) -> Iterator[str]:
        yield from _database_problems("sink", self.name, self.uri)
        if not re.fullmatch(r"(\w+\.)?\w*", self.prefix):
            yield (
                f"sink.prefix={self.prefix} is not the beginning of a table's name; use letters, "
                "digits and _"
            )


@dataclass
class Executor:
    name: str = one_of("local", "dask", "ray", default="local")
    # worker processes for categories; null uses all cores where there is work enough, or what the
    # cluster has
    workers: int | None = within(1, None, default=None)
    # dask, ray: the scheduler of a cluster that is there, such as tcp://10.0.0.5:8786; null starts
    # one on this machine
    address: str | None = None
    # seconds to wait for another run on the same data directory
    lock_timeout: float = within(0, None, default=600.0)


@dataclass
class Engine:
    """What checks and sums the sales rows; the result does not depend on it."""

    name: str = one_of("polars", "duckdb", "spark", default="polars")
    # of Spark: local[4], spark://host:7077, yarn
    master: str = "local[*]"


@dataclass
class Objective:
    """What a sweep's scenario is worth, for sweepers that search: the mean over categories,
    weighted by their sales.
    """

    # all are better when higher; of the internal track, or of the external one where only that is
    # run
    metric: str = one_of(
        "heldout_r2",
        "r2",
        "silhouette",
        "stability",
        "prediction_strength",
        "mean_probability",
        default="heldout_r2",
    )


@dataclass
class Report:
    # write the page at the end of `run`, where the extra "report" is installed; `clustering report`
    # writes it at any time
    page: bool = True


@dataclass
class Log:
    # what the terminal shows; the log file of a run (outputs/logs/<run_id>.jsonl) begins at info,
    # or debug where that is set
    level: str = one_of("debug", "info", "warning", "error", default="info")
    # a Prometheus text file to write after each run, for node_exporter's textfile collector (its
    # name must end in .prom)
    prometheus_file: str | None = None


@dataclass
class Alerts:
    """Sent to the address in $CLUSTERING_WEBHOOK_URL, as Slack and others take them; nothing is
    sent where it is unset.
    """

    on_failure: bool = True
    # thresholds by category, in either track; what is below is logged as a warning and sent
    min_silhouette: float | None = within(-1, 1, default=None)
    min_r2: float | None = within(0, 1, default=None)
    min_mean_probability: float | None = within(0, 1, default=None)
    # seconds per attempt, and how often to try
    timeout: float = within(0.1, 60, default=5.0)
    attempts: int = within(1, 10, default=3)


@dataclass
class Invocation:
    """What the command line asked for; the commands fill it in, users have no reason to."""

    command: str = "run"
    job: str = "full_pipeline"
    # run stages even when their results are fresh
    force: bool = False
    run_id: str = ""
    # in a sweep, the scenario's own folder (see runs); empty where the environment's results are
    # meant
    run_folder: str = ""


@dataclass
class Config:
    env: str = "dev"
    track: str = "internal"
    # every random choice derives from it
    seed: int = within(0, 2**32 - 1, default=42)
    paths: Paths = field(default_factory=Paths)
    source: Source = field(default_factory=Source)
    within: Within = field(default_factory=Within)
    preprocess: Preprocess = field(default_factory=Preprocess)
    features: Features = field(default_factory=Features)
    model: Model = field(default_factory=Model)
    select: Select = field(default_factory=Select)
    caps: Caps = field(default_factory=Caps)
    baseline: Baseline = field(default_factory=Baseline)
    assign: Assign = field(default_factory=Assign)
    merge: Merge = field(default_factory=Merge)
    overrides: Overrides = field(default_factory=Overrides)
    sink: Sink = field(default_factory=Sink)
    executor: Executor = field(default_factory=Executor)
    engine: Engine = field(default_factory=Engine)
    objective: Objective = field(default_factory=Objective)
    report: Report = field(default_factory=Report)
    log: Log = field(default_factory=Log)
    alerts: Alerts = field(default_factory=Alerts)
    invocation: Invocation = field(default_factory=Invocation)


def _database_problems(section: str, name: str, uri: str | None) -> Iterator[str]:
    if name == "database" and not uri:
        yield (
            f"{section}.uri is not set; name a database, such as "
            f"{section}.uri='$CLUSTERING_DATABASE_URI'"
        )
    if uri and holds_password(uri):
        yield (
            f"{section}.uri holds a password; write the name of an environment variable there, "
            "such as $PGPASSWORD"
        )


def check(config: Config) -> Config:
    """Return `config` unchanged, or raise one ConfigError that lists every value out of range."""
    found = list(_problems(config))
    if found:
        first, *rest = found
        raise ConfigError(first, rest)
    return config


def _problems(node: Any, prefix: str = "") -> Iterator[str]:
    for item in fields(node):
        key, value = prefix + item.name, getattr(node, item.name)
        if is_dataclass(value):
            yield from _problems(value, key + ".")
        else:
            yield from _field_problems(key, value, item.metadata)
    if hasattr(node, "problems"):
        yield from node.problems()


def _field_problems(key: str, value: Any, rules: Any) -> Iterator[str]:
    if value is None:
        return
    if "choices" in rules and value not in rules["choices"]:
        yield (
            f"{key}={value} is not one of "
            f"{', '.join(rules['choices'])}{did_you_mean(value, rules['choices'])}"
        )
    for item in value if "items" in rules else ():
        if item not in rules["items"]:
            yield (
                f"{key} holds {item!r}, not one of "
                f"{', '.join(rules['items'])}{did_you_mean(item, rules['items'])}"
            )
    low, high = rules.get("low"), rules.get("high")
    if (low is not None and value < low) or (high is not None and value > high):
        yield f"{key}={value} is out of range; use {_range(low, high)}"


def _range(low: float | None, high: float | None) -> str:
    if high is None:
        return f"{low} or more"
    return f"{high} or less" if low is None else f"{low} to {high}"
