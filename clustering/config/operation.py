"""How a run is carried out: workers, engines, sinks, logs and alerts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from clustering.config.fields import database_problems, one_of, within


@dataclass
class Sink:
    """Where final results are written besides the data directory."""

    # the kind of sink; chosen by sink=NAME
    name: str = one_of("none", "database", default="none")
    # the address of the database; $NAME is replaced by the environment variable NAME
    uri: str | None = None
    # tables are called <prefix>assignments, clusters, metrics and runs; may start with a
    # schema
    prefix: str = "clustering_"

    def problems(self) -> Iterator[str]:
        yield from database_problems("sink", self.name, self.uri)
        if not re.fullmatch(r"(\w+\.)?\w*", self.prefix):
            yield (
                f"sink.prefix={self.prefix} is not a valid beginning of a table name; use letters, "
                "digits and _"
            )


@dataclass
class Executor:
    """Where categories are computed in parallel."""

    # where the work runs; chosen by executor=NAME
    name: str = one_of("local", "dask", "ray", default="local")
    # worker processes; null uses all cores if there is enough work, or all of the cluster
    workers: int | None = within(1, None, default=None)
    # dask, ray: the address of a running cluster, such as tcp://10.0.0.5:8786; null starts one on
    # this machine
    address: str | None = None
    # seconds to wait for another run on the same data directory
    lock_timeout: float = within(0, None, default=600.0)


@dataclass
class Engine:
    """What checks and sums the sales rows. The result does not depend on it."""

    # the engine; chosen by engine=NAME
    name: str = one_of("polars", "duckdb", "spark", default="polars")
    # spark: its master, such as local[4], spark://host:7077 or yarn
    master: str = "local[*]"


@dataclass
class Objective:
    """What a searching sweeper maximizes: the mean over categories, weighted by their sales."""

    # the measure, higher is better; of the internal track, or of the external one if only that is
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
    """The HTML page."""

    # write the page at the end of `run`, if the extra "report" is installed
    page: bool = True
    # in CSV files, put an apostrophe before text that a spreadsheet would run as a formula; false
    # leaves names exactly as they are, as parquet and JSON always do
    csv_for_spreadsheets: bool = True


@dataclass
class Log:
    """Messages and metrics of a run."""

    # what the terminal shows; the log file (outputs/logs/<run_id>.jsonl) always has info
    level: str = one_of("debug", "info", "warning", "error", default="info")
    # file to write metrics to after each run, for node_exporter's textfile collector; must end in
    # .prom
    prometheus_file: str | None = None


@dataclass
class Alerts:
    """Alerts to the webhook in $CLUSTERING_WEBHOOK_URL (Slack and compatible). Without it, nothing
    is sent.
    """

    # send an alert when a run fails
    on_failure: bool = True
    # warn about categories with a lower silhouette
    min_silhouette: float | None = within(-1, 1, default=None)
    # warn about categories with a lower R2
    min_r2: float | None = within(0, 1, default=None)
    # warn about categories with a lower mean probability
    min_mean_probability: float | None = within(0, 1, default=None)
    # seconds to wait for an answer
    timeout: float = within(0.1, 60, default=5.0)
    # how often to try
    attempts: int = within(1, 10, default=3)


@dataclass
class Invocation:
    """What the command line asked for; the commands fill it in, users have no reason to."""

    command: str = "run"
    job: str = "full_pipeline"
    # `run track=external`: the stages of that track and the merge; empty means both tracks
    track: str = ""
    # run stages even when their results are fresh
    force: bool = False
    run_id: str = ""
    # in a sweep, the scenario's own folder (see runs); empty where the environment's results are
    # meant
    run_folder: str = ""
