"""The command `export`: workbooks, slides, plain tables, or a planogram file."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from clustering.cli.console import can_redraw, messages, results
from clustering.config import Config
from clustering.results.export.downstream import settle
from clustering.results.export.files import write_files
from clustering.store.runs import CURRENT, PUBLISHED, open_run
from clustering.store.versions import number_in_force, today

log = logging.getLogger(__name__)


def export(
    config: Config, *, form: str, run: str | None, categories: Sequence[str], output: Path | None
) -> None:
    """Write the files and print where they are."""
    if wrong := settle(config):
        log.warning("%s", wrong)
    catalog = open_run(run or _default_run(config, form), config)
    folder = output or Path(config.paths.output_dir) / "export" / config.env
    for path in write_files(catalog, config, form, categories, folder, _shown):
        results().print(str(path), markup=False, soft_wrap=True)


def _default_run(config: Config, form: str) -> str:
    """What other systems read is the version in effect; what analysts read is the last run."""
    output_dir = config.paths.output_dir
    number = number_in_force(output_dir, config.env, today()) if form == "planogram" else None
    if number is None:
        return CURRENT
    messages().print(f"of v{number}, which is in effect (--run current takes the last run)")
    return PUBLISHED


def _shown(label: str, items: Iterable[Any]) -> Iterable[Any]:
    """Go through the items with a progress bar on a terminal."""
    from rich.progress import track

    return track(items, label, console=messages(), transient=True, disable=not can_redraw())
