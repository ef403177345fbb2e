"""The commands for published versions."""

from __future__ import annotations

from typing import Annotated

import typer

from clustering.cli.signatures import (
    Debug,
    Overrides,
    RunOption,
    formats,
    proposing,
    split_runs,
    start,
)


def publish(
    context: typer.Context,
    approver: Annotated[str, typer.Option(help="Who approves the version.")],
    overrides: Overrides = None,
    run: RunOption = "current",
    note: Annotated[str, typer.Option(help="What the version is for.")] = "",
    since: Annotated[
        str | None,
        typer.Option("--from", help="First effective day, such as 2026-12-31 (default: today)."),
    ] = None,
    until: Annotated[str | None, typer.Option(help="Last effective day (default: no end).")] = None,
    debug: Debug = False,
) -> None:
    """Publish a run as a numbered version that never changes, and update the files that other
    systems read.

    Example: [green]clustering publish --approver "Ann Lee" --note "spring reset" --from
    2027-02-01[/green]
    """
    start(
        context, overrides, debug, run=run, approver=approver, note=note, since=since, until=until
    )


def versions(
    context: typer.Context,
    overrides: Overrides = None,
    form: Annotated[
        str, formats("table", "json", note=" json adds inputs, packages and hashes.")
    ] = "table",
    debug: Debug = False,
) -> None:
    """List the published versions and show which one is in effect.

    Example: [green]clustering versions env=prod[/green]
    """
    start(context, overrides, debug, form=form)


def verify(
    context: typer.Context,
    overrides: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[RUN]", show_default=False, autocompletion=proposing("runs", "settings")
        ),
    ] = None,
    form: Annotated[str, formats("table", "json")] = "table",
    debug: Debug = False,
) -> None:
    """Check that no file of a run was changed since it was written.

    Without a run, all published versions are checked. If a file was changed, removed or added, the
    command names it and exits with 1.

    Example: [green]clustering verify v3[/green]
    """
    runs, words = split_runs(overrides, context)
    start(context, words, debug, run=runs[0] if runs else None, form=form)


def rollback(
    context: typer.Context,
    who: Annotated[str, typer.Option(help="Who decides.")],
    overrides: Overrides = None,
    note: Annotated[str, typer.Option(help="Why.")] = "",
    to: Annotated[
        str | None,
        typer.Option(
            help="Withdraw every version newer than this one, such as v2 (default: withdraw the "
            "version in effect).",
            autocompletion=proposing("versions"),
        ),
    ] = None,
    debug: Debug = False,
) -> None:
    """Withdraw the version in effect, so that the one before it takes effect. Deletes nothing.

    Example: [green]clustering rollback --who "Ann Lee" --note "wrong week"[/green]
    """
    start(context, overrides, debug, who=who, note=note, to=to)


def reproduce(
    context: typer.Context,
    version: Annotated[
        str,
        typer.Argument(
            help="v3, or the folder of a version.", autocompletion=proposing("versions")
        ),
    ],
    overrides: Overrides = None,
    debug: Debug = False,
) -> None:
    """Build a version again from its records and check that every file is the same, byte for byte.

    Example: [green]clustering reproduce v3[/green]
    """
    start(context, overrides, debug, version=version)
