"""How a run is carried out: workers, engines, sinks, logs and alerts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from clustering.config.fields import database_problems, one_of, within


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
        yield from database_problems("sink", self.name, self.uri)
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
    # `run track=external`: the stages of that track and the merge; empty means both tracks
    track: str = ""
    # run stages even when their results are fresh
    force: bool = False
    run_id: str = ""
    # in a sweep, the scenario's own folder (see runs); empty where the environment's results are
    # meant
    run_folder: str = ""
