"""The Typer app: the table of commands, in the order in which `--help` lists them.

Nothing heavy is imported here: `--help`, completion and a misspelt command answer at once.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

from clustering import __version__
from clustering.cli.boundary import boundary
from clustering.cli.plain_flags import Command, Group
from clustering.cli.signatures import Debug, pipeline, project, results, versions
from clustering.registry import STAGE_NAMES

app = typer.Typer(
    name="clustering",
    cls=Group,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Group stores into clusters: by their need-state sales mix (internal track), by their "
    "surroundings (external track), and by both, merged.",
)

HYDRA = {"allow_extra_args": True, "ignore_unknown_options": True}
PIPELINE, STAGES = "Pipeline", "Stages, one at a time"
PUBLISHED, PROJECT = "Published versions", "Project"


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"clustering {__version__}")
        raise typer.Exit


@app.callback()
def _app(
    context: typer.Context,
    _wanted: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
    debug: Debug = False,
) -> None:
    context.obj = debug


def _add(panel: str, function: Callable[..., None], name: str | None = None, **more: Any) -> None:
    more.setdefault("help", _paragraphs(function.__doc__ or ""))
    app.command(name, cls=Command, rich_help_panel=panel, **more)(function)


def _paragraphs(text: str) -> str:
    """Lines joined within each paragraph, so that the terminal's width decides where they break."""
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def _add_with_settings(
    panel: str, function: Callable[..., None], name: str | None = None, **more: Any
) -> None:
    """Add a command that hands what Typer does not know to Hydra."""
    _add(panel, function, name, context_settings=HYDRA, **more)


_add_with_settings(
    PIPELINE,
    pipeline.run,
    help=pipeline.RUN_HELP,
    # not an argument of Typer's, which would import pydantic to read it: a tenth of a cached run
    options_metavar="[OPTIONS] [JOB] [SETTINGS]...",
)
_add_with_settings(PIPELINE, pipeline.check)
_add_with_settings(PIPELINE, pipeline.status)
_add(PIPELINE, pipeline.jobs)
_results: tuple[Callable[..., None], ...] = (
    results.compare,
    results.diff,
    results.promote,
    results.report,
    results.export,
    results.predict,
    results.plans,
    results.alike,
)
for _function in _results:
    _add_with_settings(PIPELINE, _function)
_add(PIPELINE, pipeline.ui)
_versions: tuple[Callable[..., None], ...] = (
    versions.publish,
    versions.versions,
    versions.verify,
    versions.rollback,
    versions.reproduce,
)
for _function in _versions:
    _add_with_settings(PUBLISHED, _function)
for _name in STAGE_NAMES:
    _add_with_settings(
        STAGES,
        pipeline.run,
        _name,
        help=pipeline.stage_help(_name),
        options_metavar="[OPTIONS] [SETTINGS]...",
    )
_add(PROJECT, project.init)
_add(PROJECT, project.sample)


def main() -> None:
    """The console script.

    The garbage collector is off until the work begins (see cli.execution): looking through what is
    imported takes a sixth of a short command.
    """
    gc.disable()
    # stages use one thread of BLAS; where it may not start more, it would end the process
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    words = sys.argv[1:] or ["--help"]
    if "_CLUSTERING_COMPLETE" in os.environ:
        from clustering.cli.completion import join_words

        join_words(os.environ)
    try:
        with boundary(debug="--debug" in words):
            code = app(words, prog_name="clustering", standalone_mode=False)
    finally:
        gc.freeze()
    sys.exit(code)
