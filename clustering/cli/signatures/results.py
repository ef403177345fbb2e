"""The commands that work on finished runs: compare them, report, export and predict."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clustering.cli.signatures import (
    Categories,
    Debug,
    Overrides,
    RunOption,
    formats,
    proposing,
    split_runs,
    start,
)
from clustering.errors import ConfigError

RUNS_AND_SETTINGS = proposing("runs", "settings")
OutputFile = Annotated[
    Path | None, typer.Option("--output", help="Write to this file instead of the terminal.")
]


def compare(
    context: typer.Context,
    overrides: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SWEEP_DIR|RUN]...", show_default=False, autocompletion=RUNS_AND_SETTINGS
        ),
    ] = None,
    baseline: Annotated[
        str | None,
        typer.Option(
            help="Measure the column `agree` against this run's clusters.",
            autocompletion=proposing("runs"),
        ),
    ] = None,
    prefer: Annotated[str | None, typer.Option(help="Mark the scenario you prefer.")] = None,
    sort: Annotated[str | None, typer.Option(help="Sort by this column, best value first.")] = None,
    form: Annotated[
        str,
        formats("table", "json", "csv", "parquet", note=" json adds the agreement of every pair."),
    ] = "table",
    output: OutputFile = None,
    debug: Debug = False,
) -> None:
    """Compare scenarios: their settings, their quality, and how far their clusters agree.

    Without arguments, compares the scenarios of the newest sweep. A run is `current`, `v3`
    (published version), `3` (scenario of the newest sweep), or a folder.

    Example: [green]clustering compare --sort heldout_r2 --baseline current[/green]
    """
    runs, words = split_runs(overrides, context)
    start(
        context,
        words,
        debug,
        runs=runs,
        baseline=baseline,
        prefer=prefer,
        sort=sort,
        form=form,
        output=output,
    )


def diff(
    context: typer.Context,
    overrides: Annotated[
        list[str] | None,
        typer.Argument(metavar="RUN [RUN]", show_default=False, autocompletion=RUNS_AND_SETTINGS),
    ] = None,
    form: Annotated[
        str, formats("table", "json", "parquet", note=" parquet writes one file per table.")
    ] = "table",
    output: Annotated[
        Path | None, typer.Option(help="Write to this file (parquet: to this folder).")
    ] = None,
    debug: Debug = False,
) -> None:
    """Show what changed between two runs: stores that moved, clusters that split or joined, drift.

    The second run is the current one unless you name another. A run is `current`, `published`,
    `v3` (published version), `3` (scenario of the newest sweep), or a folder.

    Example: [green]clustering diff v1[/green]
    """
    runs, words = split_runs(overrides, context)
    start(context, words, debug, runs=runs, form=form, output=output)


def promote(
    context: typer.Context,
    run: Annotated[
        str,
        typer.Argument(
            help="The number of a scenario in the newest sweep, v3, or a run's folder.",
            autocompletion=proposing("runs"),
        ),
    ],
    overrides: Overrides = None,
    debug: Debug = False,
) -> None:
    """Make a scenario the current result of the environment.

    Example: [green]clustering promote 3[/green]
    """
    start(context, overrides, debug, run=run)


def report(
    context: typer.Context,
    overrides: Overrides = None,
    run: RunOption = "current",
    categories: Categories = None,
    figures: Annotated[
        list[str] | None, typer.Option(help="Also save every chart as svg or png; repeat for both.")
    ] = None,
    show: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    debug: Debug = False,
) -> None:
    """Write an HTML page that shows what is in each cluster. It works offline.

    Example: [green]clustering report --open[/green]
    """
    start(
        context,
        overrides,
        debug,
        run=run,
        categories=categories or [],
        figures=figures or [],
        show=show,
    )


def export(
    context: typer.Context,
    overrides: Overrides = None,
    form: Annotated[str, formats("xlsx", "pptx", "csv", "parquet", "planogram")] = "xlsx",
    run: Annotated[
        str | None,
        typer.Option(
            help="current, published, v3, the number of a scenario, or a run's folder. Default: "
            "current; for planogram, the published version that is in effect, if there is one.",
            autocompletion=proposing("runs"),
        ),
    ] = None,
    categories: Categories = None,
    output: Annotated[
        Path | None, typer.Option(help="Write to this folder. Default: outputs/export/<env>.")
    ] = None,
    debug: Debug = False,
) -> None:
    """Write clusters for other tools: workbooks, slides, tables, a file for planogram systems.

    Example: [green]clustering export --format xlsx --category "PAIN RELIEF"[/green]
    """
    start(context, overrides, debug, form=form, run=run, categories=categories or [], output=output)


def predict(
    context: typer.Context,
    overrides: Overrides = None,
    stores: Annotated[
        Path | None, typer.Option(help="Sales of the stores, with the columns of source.sales.")
    ] = None,
    external: Annotated[
        list[Path] | None,
        typer.Option(help="Attributes of the stores, as in source.external; repeat for more."),
    ] = None,
    need_states: Annotated[
        Path | None, typer.Option(help="Need-state map. Default: the one the run used.")
    ] = None,
    like_stores: Annotated[
        Path | None, typer.Option(help="Like stores. Default: the ones the run used.")
    ] = None,
    run: RunOption = "current",
    form: Annotated[str, formats("table", "csv", "json", "parquet", "planogram")] = "table",
    output: OutputFile = None,
    debug: Debug = False,
) -> None:
    """Assign new or changed stores to the clusters of a run. Fits nothing.

    Set preprocess.first_period and last_period to use only some of the sales.

    Example: [green]clustering predict --stores new_stores.parquet --external new_stores.csv
    --format csv[/green]
    """
    from clustering.cli.boundary import boundary

    with boundary(debug or bool(context.obj)):
        if stores is None and not external:
            raise ConfigError(
                "predict needs --stores FILE (sales), --external FILE (attributes), or both"
            )
    start(
        context,
        overrides,
        debug,
        stores=stores,
        external=external or [],
        need_states=need_states,
        like_stores=like_stores,
        run=run,
        form=form,
        output=output,
    )


def plans(
    context: typer.Context,
    overrides: Overrides = None,
    budget: Annotated[
        int | None,
        typer.Option(
            help="Plans for all categories together. Default: the final clusters of the run."
        ),
    ] = None,
    run: RunOption = "current",
    form: Annotated[str, formats("table", "csv", "json")] = "table",
    output: OutputFile = None,
    write: Annotated[
        Path | None,
        typer.Option(help="Write the proposal as settings, such as conf/experiment/budget.yaml."),
    ] = None,
    debug: Debug = False,
) -> None:
    """Propose how many final clusters each category gets if all may have only so many.

    Every plan goes where it meets the most unseen demand. This is a proposal: --write saves it as
    settings, and a run with these settings applies it.

    Example: [green]clustering plans --budget 600 --write conf/experiment/budget.yaml[/green]
    """
    start(
        context, overrides, debug, budget=budget, run=run, form=form, output=output, settings=write
    )


def alike(
    context: typer.Context,
    overrides: Overrides = None,
    categories: Categories = None,
    run: RunOption = "current",
    separate: Annotated[
        str | None,
        typer.Option(
            help="The run that clustered apart what preprocess.group_categories of --run joins."
        ),
    ] = None,
    form: Annotated[str, formats("table", "csv", "json")] = "table",
    output: OutputFile = None,
    debug: Debug = False,
) -> None:
    """Compare how categories group their stores, and what it costs if they share clusters.

    Without --category, the eight largest are compared. --separate shows what categories that
    share clusters lose against clusters of their own.

    Example: [green]clustering alike --category TEA --category COFFEE[/green]
    """
    start(
        context,
        overrides,
        debug,
        run=run,
        categories=categories or [],
        separate=separate,
        form=form,
        output=output,
    )
