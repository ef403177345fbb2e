"""The commands that run stages, or show what would run."""

from __future__ import annotations

import os
from pathlib import Path
from textwrap import fill
from typing import Annotated

import typer

from clustering.cli.signatures import SETTINGS, Debug, Force, Overrides, formats, is_setting, start
from clustering.errors import ConfigError, did_you_mean
from clustering.registry import JOBS

RUN_HELP = (
    "Run a job, from raw files to final clusters. Stages that are fresh are skipped.\n\nJOB is one "
    f"of {', '.join(JOBS)} (default: full_pipeline). A setting applies to both tracks unless it "
    f"names one: [cyan]internal.model.k_max=6[/cyan].{SETTINGS}\n\nExamples:\n\n"
    "[green]clustering run source=complete_journey[/green]\n\n"
    "[green]clustering run internal_ml model=kmeans env=staging[/green]\n\n"
    "[green]clustering run -m model=gmm,kmeans[/green]"
)

STAGE_HELP = {
    "preprocess": (
        "Read raw files, check every row, and sum sales per store and need state (internal) or "
        "join the attributes (external).",
        "track=internal source.sales=sales.parquet",
    ),
    "features": (
        "Turn sales shares or attributes into the numbers a model is fitted to; mark outliers.",
        "track=internal features.transform=hellinger",
    ),
    "train": (
        "Fit clusters for every k, score them, and choose k.",
        "track=internal model.k_min=2 model.k_max=8",
    ),
    "assign": ("Give every store a cluster, including outliers and new stores.", "track=external"),
    "analyze": ("Measure the clusters and describe what is in each.", "track=internal"),
    "merge": (
        "Combine internal and external clusters into final clusters of at least the minimum size.",
        "merge.min_cluster_size=30",
    ),
}


def stage_help(name: str) -> str:
    """The help of one stage's command."""
    text, example = STAGE_HELP[name]
    return f"{text}{SETTINGS}\n\nExample: [green]clustering {name} {example}[/green]"


Form = Annotated[str, formats("table", "json", note=" json says what was done.")]
Progress = Annotated[
    str, formats("auto", "json", "none", flag="--progress", note=" json is a line per event.")
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print warnings and errors only.")]


def run(
    context: typer.Context,
    force: Force = False,
    quiet: Quiet = False,
    form: Form = "table",
    progress: Progress = "auto",
    debug: Debug = False,
) -> None:
    """Run a job, or the stage that the command is called after."""
    from clustering.cli.boundary import boundary
    from clustering.cli.typed_words import refuse_split_lists

    options = {"force": force, "quiet": quiet, "form": form, "progress": progress}
    if context.info_name == "run":
        with boundary(debug or bool(context.obj)):
            refuse_split_lists(context.args)
            options["job"], context.args = _job(context.args)
    start(context, None, debug, **options)


def check(
    context: typer.Context,
    overrides: Overrides = None,
    form: Annotated[str, formats("table", "json", note=" json has all details.")] = "table",
    labels: Annotated[
        Path | None, typer.Option(help="Write a table of readable labels to edit (source.labels).")
    ] = None,
    debug: Debug = False,
) -> None:
    """Read all inputs and show what is in them: files, columns, common stores, periods, faulty
    rows, and anything that looks wrong. Computes no clusters.

    The exit code is 0 if `clustering run` can start, and 3 if not; then all reasons are listed.

    Example: [green]clustering check source=mine[/green]
    """
    start(context, overrides, debug, form=form, labels=labels)


def status(
    context: typer.Context,
    overrides: Overrides = None,
    form: Annotated[str, formats("table", "json", note=" json adds every manifest.")] = "table",
    check: Annotated[
        bool, typer.Option("--check", help="Exit with 5 unless every stage is fresh.")
    ] = False,
    debug: Debug = False,
) -> None:
    """Show which stages are fresh, stale or missing under these settings, and why. Runs nothing.

    Example: [green]clustering status internal.model.k_max=6[/green]
    """
    start(context, overrides, debug, form=form, must_be_fresh=check)


def jobs(form: Annotated[str, formats("table", "json")] = "table") -> None:
    """List the jobs that `run` accepts, and the stages of each."""
    if form == "json":
        from clustering.cli.answers import JobListed, Jobs, to_json

        listed = [
            JobListed(name=job.name, summary=job.summary, stages=[one.key for one in job.stages])
            for job in JOBS.values()
        ]
        typer.echo(to_json(Jobs(jobs=listed)))
        return
    indent = " " * 24
    for job in JOBS.values():
        typer.echo(f"{job.name:<24}{job.summary}")
        chain = " > ".join(stage.key for stage in job.stages)
        typer.echo(fill(chain, 80, initial_indent=indent, subsequent_indent=indent))


def ui(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 3000,
    host: Annotated[
        str, typer.Option(help="Address to listen on; beyond 127.0.0.1 a token is asked for.")
    ] = "127.0.0.1",
    debug: Debug = False,
) -> None:
    """Serve Dagster's web page for this folder: stages as assets, runs, schedules.

    Dagster needs an environment of its own. Without one, the command prints how to make it.

    Example: [green]clustering ui --port 3001[/green]
    """
    from clustering.cli.boundary import boundary
    from clustering.cli.hydra_bridge import read_dotenv
    from clustering.ops.orchestration.web import serve

    with boundary(debug):
        read_dotenv()
        serve(host, port, Path(os.environ.get("CLUSTERING_OUTPUT_DIR", "outputs")))


def _job(words: list[str]) -> tuple[str, list[str]]:
    """Split the job's name, if one is given, from the words for Hydra."""
    from clustering.cli.hydra_bridge import split_flags

    flags, rest = split_flags(words)
    for position, word in enumerate(rest):
        if is_setting(word):
            continue
        name = word.removesuffix("_job")
        if name not in JOBS:
            near = did_you_mean(name, JOBS) or f"; jobs: {', '.join(JOBS)}"
            raise ConfigError(f"{word}: no such job{near}")
        return name, flags + rest[:position] + rest[position + 1 :]
    return "full_pipeline", words
