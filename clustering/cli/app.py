"""The Typer app: one short command per stage, plus run, jobs, status, init and sample.

Nothing heavy is imported here: `--help`, completion and a misspelt command answer at once.
"""

from __future__ import annotations

import gc
import os
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from clustering import __version__
from clustering.cli.plain_flags import Command, Group
from clustering.errors import ConfigError, did_you_mean
from clustering.registry import JOBS, STAGE_NAMES

app = typer.Typer(
    name="clustering",
    cls=Group,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Decide which stores belong together: by their need-state sales mix (internal track), by their surroundings "  # noqa: E501
    "(external track), and by both, merged.",
)

command = partial(app.command, cls=Command)

FORMATS = ("table", "csv", "json", "parquet")
HYDRA = {"allow_extra_args": True, "ignore_unknown_options": True}
# no argument of Typer's: to read one it would import pydantic, a tenth of a cached run
METAVAR = "[OPTIONS] [SETTINGS]..."
PIPELINE, VERSIONS, STAGES, PROJECT = (
    "Pipeline",
    "Published versions",
    "Stages, one at a time",
    "Project",
)
SETTINGS = (
    "\n\nSETTINGS are Hydra overrides such as [cyan]model.k_max=8[/cyan] or "
    "[cyan]env=prod[/cyan]; Hydra's flags go first: "
    "[cyan]-m[/cyan] sweeps over comma lists, [cyan]--cfg job[/cyan] prints the settings, "
    "[cyan]--config-dir DIR[/cyan] "
    "adds your own, [cyan]--info[/cyan] explains where they come from."
)

Overrides = Annotated[
    list[str] | None,
    typer.Argument(metavar="SETTINGS", help="Hydra overrides: KEY=VALUE ...", show_default=False),
]
Force = Annotated[bool, typer.Option("--force", help="Run even what is fresh.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"clustering {__version__}")
        raise typer.Exit


@app.callback()
def _app(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
    debug: Debug = False,
) -> None:
    context.obj = debug


def _words(overrides: list[str] | None, context: typer.Context) -> list[str]:
    return [*(overrides or []), *context.args]


def _stage(name: str, text: str, example: str) -> None:
    """Add the command of one stage."""

    def stage(context: typer.Context, force: Force = False, debug: Debug = False) -> None:
        from clustering.cli.hydra_bridge import launch

        launch(name, context.args, force=force, debug=debug or bool(context.obj))

    help_text = f"{text}{SETTINGS}\n\nExample: [green]clustering {name} {example}[/green]"
    command(
        name,
        help=help_text,
        rich_help_panel=STAGES,
        context_settings=HYDRA,
        options_metavar=METAVAR,
    )(stage)


@command(
    rich_help_panel=PIPELINE,
    context_settings=HYDRA,
    options_metavar="[OPTIONS] [JOB] [SETTINGS]...",
    help=(
        "Run a job from raw files to final clusters; what is fresh is skipped.\n\nJOB is one of "
        f"{', '.join(JOBS)} (the default is full_pipeline). A setting applies to both tracks "
        "unless it is addressed to one: "
        f"[cyan]internal.model.k_max=6[/cyan].{SETTINGS}\n\nExamples:\n\n[green]clustering run "
        "source=complete_journey[/green]"
        "\n\n[green]clustering run internal_ml model=kmeans env=staging[/green]"
        "\n\n[green]clustering run -m model=gmm,kmeans[/green]"
    ),
)
def run(context: typer.Context, force: Force = False, debug: Debug = False) -> None:
    from clustering.cli.boundary import boundary
    from clustering.cli.hydra_bridge import launch

    debug = debug or bool(context.obj)
    with boundary(debug):
        job, words = _job(context.args)
    launch("run", words, job=job, force=force, debug=debug)


@command(rich_help_panel=PIPELINE, context_settings=HYDRA)
def status(
    context: typer.Context,
    overrides: Overrides = None,
    format: Annotated[
        Literal["table", "json"], typer.Option(help="json adds every manifest.")
    ] = "table",
    debug: Debug = False,
) -> None:
    """Show what is fresh, stale or missing under these settings, and why. Nothing is run.

    Example: [green]clustering status internal.model.k_max=6[/green]
    """
    from clustering.cli.hydra_bridge import launch

    launch("status", _words(overrides, context), format=format, debug=debug or bool(context.obj))


@command(rich_help_panel=PIPELINE)
def jobs() -> None:
    """List the jobs `run` knows and the stages of each."""
    for job in JOBS.values():
        typer.echo(f"{job.name:<24}{job.summary}")
        typer.echo(f"{'':<24}{' > '.join(stage.key for stage in job.stages)}")


@command(rich_help_panel=PIPELINE, context_settings=HYDRA)
def compare(
    context: typer.Context,
    overrides: Annotated[
        list[str] | None, typer.Argument(metavar="[SWEEP_DIR|RUN]...", show_default=False)
    ] = None,
    baseline: Annotated[
        str | None, typer.Option(help="The run whose clusters `agree` is measured against.")
    ] = None,
    prefer: Annotated[str | None, typer.Option(help="Mark the scenario you prefer.")] = None,
    sort: Annotated[
        str | None, typer.Option(help="Order by this column, best number first.")
    ] = None,
    format: Annotated[
        Literal["table", "json", "csv", "parquet"], typer.Option(help="json adds all agreements.")
    ] = "table",
    output: Annotated[
        Path | None, typer.Option(help="Write to this file instead of the terminal.")
    ] = None,
    debug: Debug = False,
) -> None:
    """Set scenarios side by side: what differs in their settings, how good they are, how far they
    agree.

    Without a name, those of the newest sweep. A run is `current`, `v3` (published), `3` (of the
    newest sweep), or a folder.

    Example: [green]clustering compare --sort heldout_r2 --baseline current[/green]
    """
    from clustering.cli.hydra_bridge import launch

    runs, words = _runs(_words(overrides, context))
    launch(
        "compare",
        words,
        debug=debug or bool(context.obj),
        runs=runs,
        baseline=baseline,
        prefer=prefer,
        sort=sort,
        format=format,
        output=output,
    )


@command(rich_help_panel=PIPELINE, context_settings=HYDRA)
def diff(
    context: typer.Context,
    overrides: Annotated[
        list[str] | None, typer.Argument(metavar="RUN [RUN]", show_default=False)
    ] = None,
    format: Annotated[
        Literal["table", "json", "parquet"], typer.Option(help="parquet: one file per table.")
    ] = "table",
    output: Annotated[
        Path | None, typer.Option(help="Write to this file (parquet: folder).")
    ] = None,
    debug: Debug = False,
) -> None:
    """Tell what changed from one run to another (by default the current one): retention, splits,
    movers, drift.

    A run is `current`, `published`, `v3` (a version), `3` (of the newest sweep), or a folder.

    Example: [green]clustering diff v1[/green]
    """
    from clustering.cli.hydra_bridge import launch

    runs, words = _runs(_words(overrides, context))
    launch("diff", words, debug=debug or bool(context.obj), runs=runs, format=format, output=output)


@command(rich_help_panel=PIPELINE, context_settings=HYDRA)
def promote(
    context: typer.Context,
    run: Annotated[
        str, typer.Argument(help="A scenario's number in the newest sweep, v3, or a run's folder.")
    ],
    overrides: Overrides = None,
    debug: Debug = False,
) -> None:
    """Make a scenario the environment's current result.

    Example: [green]clustering promote 3[/green]
    """
    from clustering.cli.hydra_bridge import launch

    launch("promote", _words(overrides, context), debug=debug or bool(context.obj), run=run)


@command(rich_help_panel=PIPELINE, context_settings=HYDRA)
def report(
    context: typer.Context,
    overrides: Overrides = None,
    run: Annotated[
        str, typer.Option(help="current, v3, a scenario's number, or a run's folder.")
    ] = "current",
    categories: Annotated[
        list[str] | None, typer.Option("--category", help="Only this one; repeat for more.")
    ] = None,
    figures: Annotated[
        list[str] | None, typer.Option(help="Also every chart as svg or png; repeat for both.")
    ] = None,
    show: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    debug: Debug = False,
) -> None:
    """Write one HTML page with what is in each cluster: offline, searchable, with all tables beside
    it.

    Example: [green]clustering report --open[/green]
    """
    from clustering.cli.hydra_bridge import launch

    launch(
        "report",
        _words(overrides, context),
        debug=debug or bool(context.obj),
        run=run,
        categories=categories or [],
        figures=figures or [],
        show=show,
    )


@command(rich_help_panel=PIPELINE, context_settings=HYDRA)
def export(
    context: typer.Context,
    overrides: Overrides = None,
    form: Annotated[
        str, typer.Option("--format", help="xlsx, csv, parquet or planogram.")
    ] = "xlsx",
    run: Annotated[
        str | None,
        typer.Option(
            help="current, published, v3, a scenario's number, or a run's folder. By default "
            "current; of planogram, the published version where one is in force."
        ),
    ] = None,
    categories: Annotated[
        list[str] | None, typer.Option("--category", help="Only this one; repeat for more.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="A folder; by default outputs/export/<env>.")
    ] = None,
    debug: Debug = False,
) -> None:
    """Write clusters for other tools: a workbook per category, tidy tables, or one file for
    planogram systems.

    Example: [green]clustering export --format xlsx --category "PAIN RELIEF"[/green]
    """
    from clustering.cli.hydra_bridge import launch

    launch(
        "export",
        _words(overrides, context),
        debug=debug or bool(context.obj),
        form=form,
        run=run,
        categories=categories or [],
        output=output,
    )


@command(rich_help_panel=PIPELINE, context_settings=HYDRA)
def predict(
    context: typer.Context,
    overrides: Overrides = None,
    stores: Annotated[
        Path | None, typer.Option(help="Sales rows of the stores, as in source.sales.")
    ] = None,
    external: Annotated[
        list[Path] | None,
        typer.Option(help="Attributes of the stores, as in source.external; repeat."),
    ] = None,
    need_states: Annotated[
        Path | None, typer.Option(help="The need-state map; the run's own by default.")
    ] = None,
    like_stores: Annotated[
        Path | None, typer.Option(help="Stores that resemble others; the run's own by default.")
    ] = None,
    form: Annotated[str, typer.Option("--format", help="table, csv, json or parquet.")] = "table",
    output: Annotated[
        Path | None, typer.Option(help="Write to this file instead of the terminal.")
    ] = None,
    debug: Debug = False,
) -> None:
    """Place new or changed stores in the clusters of the last run. Nothing is fitted again.

    Example: [green]clustering predict --stores new_stores.parquet --external new_stores.csv
    --format csv[/green]
    """
    from clustering.cli.boundary import boundary
    from clustering.cli.hydra_bridge import launch

    debug = debug or bool(context.obj)
    with boundary(debug):
        if form not in FORMATS:
            raise ConfigError(
                f"--format {form} is not one of {', '.join(FORMATS)}{did_you_mean(form, FORMATS)}"
            )
        if stores is None and not external:
            raise ConfigError(
                "predict needs --stores FILE (sales), --external FILE (attributes), or both"
            )
    launch(
        "predict",
        _words(overrides, context),
        debug=debug,
        stores=stores,
        external=external or [],
        need_states=need_states,
        like_stores=like_stores,
        form=form,
        output=output,
    )


@command(rich_help_panel=VERSIONS, context_settings=HYDRA)
def publish(
    context: typer.Context,
    approver: Annotated[str, typer.Option(help="Who approves it.")],
    overrides: Overrides = None,
    run: Annotated[
        str, typer.Option(help="current, v3, a scenario's number, or a run's folder.")
    ] = "current",
    note: Annotated[str, typer.Option(help="What it is for.")] = "",
    since: Annotated[
        str | None, typer.Option("--from", help="First day in force, as 2026-12-31; today.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="Last day in force; open.")] = None,
    debug: Debug = False,
) -> None:
    """Turn a run into a numbered version that never changes, and renew the files other systems
    read.

    Example: [green]clustering publish --approver "Ann Lee" --note "spring reset" --from
    2027-02-01[/green]
    """
    from clustering.cli.hydra_bridge import launch

    launch(
        "publish",
        _words(overrides, context),
        debug=debug or bool(context.obj),
        run=run,
        approver=approver,
        note=note,
        since=since,
        until=until,
    )


@command(rich_help_panel=VERSIONS, context_settings=HYDRA)
def versions(
    context: typer.Context,
    overrides: Overrides = None,
    format: Annotated[
        Literal["table", "json"], typer.Option(help="json adds inputs, packages and hashes.")
    ] = "table",
    debug: Debug = False,
) -> None:
    """List the published versions and which one is in force.

    Example: [green]clustering versions env=prod[/green]
    """
    from clustering.cli.hydra_bridge import launch

    launch("versions", _words(overrides, context), debug=debug or bool(context.obj), format=format)


@command(rich_help_panel=VERSIONS, context_settings=HYDRA)
def verify(
    context: typer.Context,
    overrides: Annotated[
        list[str] | None, typer.Argument(metavar="[RUN]", show_default=False)
    ] = None,
    debug: Debug = False,
) -> None:
    """Check that every file of a run is as it was written; without a name, of all versions.

    Exits with 1 and names every file that was changed, removed or added.

    Example: [green]clustering verify v3[/green]
    """
    from clustering.cli.hydra_bridge import launch

    runs, words = _runs(_words(overrides, context))
    launch("verify", words, debug=debug or bool(context.obj), run=runs[0] if runs else None)


@command(rich_help_panel=VERSIONS, context_settings=HYDRA)
def rollback(
    context: typer.Context,
    who: Annotated[str, typer.Option(help="Who decides it.")],
    overrides: Overrides = None,
    note: Annotated[str, typer.Option(help="Why.")] = "",
    to: Annotated[
        str | None,
        typer.Option(help="v2: withdraw all that is newer; by default the one in force."),
    ] = None,
    debug: Debug = False,
) -> None:
    """Withdraw the version in force; the one before it is in force again. Nothing is deleted.

    Example: [green]clustering rollback --who "Ann Lee" --note "wrong week"[/green]
    """
    from clustering.cli.hydra_bridge import launch

    launch(
        "rollback",
        _words(overrides, context),
        debug=debug or bool(context.obj),
        who=who,
        note=note,
        to=to,
    )


@command(rich_help_panel=VERSIONS, context_settings=HYDRA)
def reproduce(
    context: typer.Context,
    version: Annotated[str, typer.Argument(help="v3, or the folder of a version.")],
    overrides: Overrides = None,
    debug: Debug = False,
) -> None:
    """Make a version again from what it records, and prove that every file is the same, byte for
    byte.

    Example: [green]clustering reproduce v3[/green]
    """
    from clustering.cli.hydra_bridge import launch

    launch(
        "reproduce", _words(overrides, context), debug=debug or bool(context.obj), version=version
    )


@command(rich_help_panel=PIPELINE)
def ui(
    port: Annotated[int, typer.Option(min=1, max=65535, help="On 127.0.0.1.")] = 3000,
    debug: Debug = False,
) -> None:
    """Serve Dagster's web page on this folder: stages as assets, runs, schedules. Dagster has an
    environment of its own.

    Example: [green]clustering ui --port 3001[/green]
    """
    from clustering.cli.boundary import boundary
    from clustering.cli.hydra_bridge import read_dotenv
    from clustering.ops.orchestration.web import serve

    with boundary(debug):
        read_dotenv()
        serve(port, Path(os.environ.get("CLUSTERING_OUTPUT_DIR", "outputs")))


STAGE_HELP = {
    "preprocess": (
        "Read raw files, check every row, and sum sales per store and need state (or join the "
        "attributes).",
        "track=internal source.sales=sales.parquet",
    ),
    "features": (
        "Turn shares or attributes into the coordinates a model works on; set outliers aside.",
        "track=internal features.transform=hellinger",
    ),
    "train": (
        "Fit clusters for every k, judge them, and choose k.",
        "track=internal model.k_min=2 model.k_max=8",
    ),
    "assign": ("Give every store its cluster, outliers and new stores included.", "track=external"),
    "analyze": ("Measure the clusters and describe what is in each.", "track=internal"),
    "merge": (
        "Join internal and external clusters and repair those that are too small.",
        "merge.min_cluster_size=30",
    ),
}
for _name in STAGE_NAMES:
    _stage(_name, *STAGE_HELP[_name])


@command(rich_help_panel=PROJECT)
def init(
    directory: Annotated[Path, typer.Argument(help="The folder to set up.")], debug: Debug = False
) -> None:
    """Set up a folder of your own: an editable copy of all settings and an empty data/ tree."""
    from clustering.cli.boundary import boundary
    from clustering.cli.project import create

    with boundary(debug):
        for line in create(directory):
            typer.echo(line)


@command(rich_help_panel=PROJECT)
def sample(
    directory: Annotated[
        Path, typer.Argument(help="Where to write; raw/ and truth/ are made inside it.")
    ],
    stores: Annotated[int, typer.Option(min=10, help="Number of stores.")] = 300,
    categories: Annotated[int, typer.Option(min=1, help="Number of categories.")] = 5,
    clusters: Annotated[
        int, typer.Option(min=1, max=12, help="Planted clusters per category.")
    ] = 4,
    weeks: Annotated[int, typer.Option(min=1, max=520, help="Weeks of sales.")] = 26,
    seed: Annotated[int, typer.Option(min=0, help="Other seeds give other data.")] = 42,
    dirty: Annotated[bool, typer.Option("--dirty", help="Plant faulty rows, too.")] = False,
    debug: Debug = False,
) -> None:
    """Write a retail-shaped data set with planted clusters, and its truth.

    Example: [green]clustering sample data && clustering run[/green]
    """
    from clustering.cli.boundary import boundary

    with boundary(debug):
        from clustering.sample.write import write_sample

        for path in write_sample(
            directory,
            stores=stores,
            categories=categories,
            clusters=clusters,
            weeks=weeks,
            seed=seed,
            dirty=dirty,
        ):
            typer.echo(str(path))


def _runs(words: list[str]) -> tuple[list[str], list[str]]:
    """Split the names of runs from the words for Hydra."""
    from clustering.cli.hydra_bridge import split_flags

    flags, rest = split_flags(words)
    settings = [word for word in rest if "=" in word or word.startswith("~")]
    return [word for word in rest if word not in settings], flags + settings


def _job(words: list[str]) -> tuple[str, list[str]]:
    """Split the job's name, if one is given, from the words for Hydra."""
    from clustering.cli.hydra_bridge import split_flags

    flags, rest = split_flags(words)
    for position, word in enumerate(rest):
        if "=" in word or word.startswith("~"):
            continue
        name = word.removesuffix("_job")
        if name not in JOBS:
            raise ConfigError(
                f"run knows no job {word!r}{did_you_mean(name, JOBS)}", [f"jobs: {', '.join(JOBS)}"]
            )
        return name, flags + rest[:position] + rest[position + 1 :]
    return "full_pipeline", words


def main() -> None:
    """The console script.

    What is imported and composed stays until the end: looking through it for garbage takes a sixth
    of a short command.
    """
    gc.disable()  # until the work begins, see launch
    try:
        app()
    finally:
        gc.freeze()
