"""The commands that set up a folder and write sample data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clustering.cli.boundary import boundary
from clustering.cli.signatures import Debug


def init(
    directory: Annotated[Path, typer.Argument(help="The folder to set up.")],
    files: Annotated[
        list[str] | None,
        typer.Option(
            "--from", help="Your data files, in any order; repeat, or list them after it."
        ),
    ] = None,
    more: Annotated[list[str] | None, typer.Argument(metavar="[FILE]...", hidden=True)] = None,
    debug: Debug = False,
) -> None:
    """Set up a project folder: an editable copy of all settings and an empty data/ tree.

    With --from, the command finds out which of your files has the sales, the need-state map and
    the attributes, and which column is which. It writes this to conf/source/mine.yaml.

    Example: [green]clustering init mine --from sales.csv products.xlsx stores.csv[/green]
    """
    from clustering.cli.project import create

    with boundary(debug):
        for line in create(directory, [*(files or []), *(more or [])]):
            typer.echo(line)


def sample(
    directory: Annotated[
        Path, typer.Argument(help="Where to write; raw/ and truth/ are created inside.")
    ],
    stores: Annotated[int, typer.Option(min=10, help="Number of stores.")] = 300,
    categories: Annotated[int, typer.Option(min=1, help="Number of categories.")] = 5,
    clusters: Annotated[
        int, typer.Option(min=1, max=12, help="Number of planted clusters per category.")
    ] = 4,
    weeks: Annotated[int, typer.Option(min=1, max=520, help="Weeks of sales.")] = 26,
    seed: Annotated[int, typer.Option(min=0, help="Another seed gives other data.")] = 42,
    dirty: Annotated[bool, typer.Option("--dirty", help="Add faulty rows.")] = False,
    debug: Debug = False,
) -> None:
    """Write a sample data set with known clusters, and the true cluster of every store.

    Example: [green]clustering sample data && clustering run[/green]
    """
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
