"""The command `report`: the page of a run."""

from __future__ import annotations

import logging
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from clustering.config import Config
from clustering.errors import ClusteringError, ConfigError, did_you_mean
from clustering.registry import BY_KEY, TRACKS
from clustering.store.runs import open_run
from clustering.store.wholeness import require_unmixed

if TYPE_CHECKING:
    from clustering.results.page.page import Since
    from clustering.store.catalog import Catalog

log = logging.getLogger(__name__)


def report(
    config: Config, *, run: str, categories: Sequence[str], figures: Sequence[str], show: bool
) -> None:
    """Write the page and print where it is."""
    from clustering.cli.console import results
    from clustering.results.page.figures import FIGURES

    for name in figures:
        if name not in FIGURES:
            raise ConfigError(
                f"--figures {name} is not one of {', '.join(FIGURES)}{did_you_mean(name, FIGURES)}"
            )
    page = _write(config, open_run(run, config), categories, figures)
    results().print(str(page), markup=False, soft_wrap=True)
    if show:
        webbrowser.open(page.resolve().as_uri())


def page_of_run(config: Config, catalog: Catalog) -> Path | None:
    """The page of the results as they are, written where it is older than they are; None where
    there is none to be had.

    Nothing that goes wrong here fails the run: its results are complete.
    """
    if not config.report.page:
        return None
    from clustering.results.page.marks import is_current, page_folder

    page = page_folder(config.paths.output_dir, config.env) / "index.html"
    try:
        require_unmixed(catalog)
        return page if is_current(page, catalog) else _write(config, catalog, (), ())
    except ClusteringError as error:
        log.warning("no page: %s", error)
        return None


def _write(
    config: Config, catalog: Catalog, categories: Sequence[str], figures: Sequence[str]
) -> Path:
    from rich.progress import Progress

    from clustering.cli.console import can_redraw, messages
    from clustering.results.page.marks import page_folder
    from clustering.results.page.page import write_page

    folder = page_folder(config.paths.output_dir, config.env)
    with Progress(console=messages(), transient=True, disable=not can_redraw()) as progress:
        task = progress.add_task("report", total=None)
        return write_page(
            catalog,
            folder,
            wanted=categories,
            figures=figures,
            since=_baseline(config, catalog),
            advanced=lambda category: progress.update(task, advance=1, description=category),
        )


def _baseline(config: Config, catalog: Catalog) -> Since | None:
    """The run that the shown one continues, as its manifests name it; None where it is gone."""
    from clustering.results.page.page import Since

    manifests = (catalog.manifest(BY_KEY[f"{track}/assign"]) for track in TRACKS)
    names = [
        name
        for manifest in manifests
        if manifest and (name := manifest.config.get("baseline", {}).get("run"))
    ]
    if not names:
        return None
    try:
        return Since(names[0], open_run(names[0], config))
    except ConfigError as error:
        log.warning("the page will not show what changed: %s", error)
        return None
