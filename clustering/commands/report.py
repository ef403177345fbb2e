"""`clustering report`: the page of the last run."""

from __future__ import annotations

import logging
import webbrowser
from collections.abc import Sequence

from rich.progress import Progress

from clustering.config import Config
from clustering.console import messages, results
from clustering.errors import ConfigError, did_you_mean
from clustering.page.render import FIGURES, page_folder, write_page
from clustering.runs import current_run, open_run

log = logging.getLogger(__name__)


def report(
    config: Config, per_track: dict[str, Config], *, run: str, categories: Sequence[str], figures: Sequence[str], show: bool
) -> None:
    """Write the page and print where it is."""
    for name in figures:
        if name not in FIGURES:
            raise ConfigError(f"--figures {name} is not one of {', '.join(FIGURES)}{did_you_mean(name, FIGURES)}")
    catalog = open_run(run, config) if run != "current" else current_run(config)
    folder = page_folder(config.paths.output_dir, config.env)
    with Progress(console=messages(), transient=True, disable=not messages().is_terminal) as progress:
        task = progress.add_task("report", total=None)
        page = write_page(catalog, folder, wanted=categories or None, figures=figures,
                          advanced=lambda category: progress.update(task, advance=1, description=category))  # fmt: skip
    results().print(str(page), markup=False, soft_wrap=True)
    if show:
        webbrowser.open(page.resolve().as_uri())
