"""Prints the summary of a run, and keeps it for runs in which all is fresh."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from clustering.registry import Stage
from clustering.results.end_of_run.part import Part
from clustering.results.page.marks import made_from
from clustering.store.atomic import read_json, write_text

if TYPE_CHECKING:
    from rich.table import Table

    from clustering.store.catalog import Catalog

log = logging.getLogger(__name__)

NAME = "summary.json"
TEXT_COLUMNS = ("verdict", "check", "how sure")


def print_summary(
    console: Console, catalog: Catalog, stages: Sequence[Stage], folder: Path
) -> None:
    """Print the summary of what `stages` made, and where the files are; `folder` is that of the
    page.
    """
    for part in _parts(catalog, stages, folder / NAME):
        _print(console, part)
    console.print(f"files: {catalog.name}", markup=False, soft_wrap=True)


def _parts(catalog: Catalog, stages: Sequence[Stage], path: Path) -> list[Part]:
    """As they were kept, if the results are the same; else made and kept."""
    mark = [made_from(catalog, Path(__file__).parent), *(stage.key for stage in stages)]
    try:
        kept = read_json(path)
        if kept["of"] == mark:
            return [Part(**part) for part in kept["parts"]]
    except (OSError, ValueError, KeyError, TypeError):
        pass
    from clustering.results.end_of_run.summary_parts import summary_parts

    parts = summary_parts(catalog, stages)
    try:
        write_text(path, json.dumps({"of": mark, "parts": [asdict(part) for part in parts]}))
    except OSError as error:
        log.debug("the summary is not kept: %s", error)
    return parts


def _print(console: Console, part: Part) -> None:
    if part.columns:
        console.print(_table(part))
    for line in part.lines:  # a person reads whole words, a program whole lines
        console.print(line, markup=False, highlight=False, soft_wrap=not console.is_terminal)
    if part.ends_open:
        console.print()


def _table(part: Part) -> Table:
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=part.title, title_justify="left", box=None, pad_edge=False)
    for number, name in enumerate(part.columns):
        is_text = number == 0 or name in TEXT_COLUMNS
        table.add_column(
            name, justify="left" if is_text else "right", no_wrap=not is_text, overflow="ellipsis"
        )
    for row in part.rows:
        table.add_row(*map(escape, row))
    return table
