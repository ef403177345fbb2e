"""Where the data are, and how rows become sales per store and need state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from clustering.config.fields import database_problems, one_of, within


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
    sales: str | None = "${paths.data_dir}/raw/sales.parquet"
    need_states: str = "${paths.data_dir}/raw/need_states.csv"
    # null or [] clusters by the other input alone
    external: list[str] | None = field(default_factory=lambda: ["${paths.data_dir}/raw/external/*"])
    # stores that resemble others: store_nbr, like_store_nbr, weight; for stores without history of
    # their own
    like_stores: str | None = None
    # what merchants decided against or beside the model, see docs/after-the-first-run.md
    overrides: str | None = None
    columns: Columns = field(default_factory=Columns)

    def problems(self) -> Iterator[str]:
        yield from database_problems("source", self.name, self.uri)


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
    # returns (negative sales): net takes them from the sales of the same store, SKU and period, as
    # far as there are any; drop sets them aside
    returns: str = one_of("net", "drop", default="net")
    # files that repeat the same stores, SKUs and periods: last keeps the rows of the last file by
    # name, sum adds them up
    overlap: str = one_of("error", "last", "sum", default="error")
    # a store or a period that is the sum of the others ("Grand Total"): drop sets its rows aside
    totals: str = one_of("drop", "keep", "error", default="drop")
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
