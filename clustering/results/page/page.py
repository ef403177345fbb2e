"""The page of a run, its tables beside it, and its charts as files where they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from clustering.errors import ConfigError, DataError, StageError, missing_extra
from clustering.results.comparison.changes import Changes
from clustering.results.page.content.content import content_of
from clustering.results.page.content.run_tables import RunTables, read_run_tables
from clustering.results.page.html import page_html
from clustering.results.page.marks import made_from
from clustering.store.atomic import write_text
from clustering.store.catalog import Catalog


@dataclass(frozen=True)
class Since:
    """The run that this one continues."""

    name: str
    catalog: Catalog


def write_page(
    catalog: Catalog,
    folder: Path,
    *,
    wanted: Sequence[str] = (),
    figures: Sequence[str] = (),
    since: Since | None = None,
    advanced: Callable[[str], None] = lambda _: None,
) -> Path:
    """Write <folder>/index.html and <folder>/tables/*.csv and *.parquet; with `figures` each chart
    as <folder>/figures/*.svg or .png.

    The page shows what changed since the baseline `since`. `advanced` is told each category that is
    drawn as figures. Raises DataError where nothing was merged yet or a wanted category is unknown,
    ConfigError where figures need an extra that is not installed, StageError where the disk
    refuses.
    """
    if figures:
        _need_vega()
    run = read_run_tables(
        catalog,
        wanted,
        _changes(since, catalog),
        since.name if since else None,
        _sharing(since, catalog),
    )
    page = folder / "index.html"
    try:
        write_text(page, page_html(content_of(run), made_from(catalog)))
        _write_tables(run, folder / "tables")
        if figures:
            from clustering.results.page.figures import write_all_figures

            write_all_figures(catalog, folder / "figures", wanted, figures, run.changes, advanced)
    except OSError as cause:
        raise StageError(f"the report cannot be written below {folder}: {cause}") from cause
    return page


def _need_vega() -> None:
    try:
        import vl_convert  # noqa: F401
    except ImportError as cause:
        raise missing_extra("figures", "report") from cause


def _changes(since: Since | None, catalog: Catalog) -> Changes | None:
    if since is None:
        return None
    from clustering.results.comparison.changes import changes

    return changes(since.catalog, catalog)


def _sharing(since: Since | None, catalog: Catalog) -> pl.DataFrame | None:
    """What groups of categories lose; None where there are none, or the baseline had none apart."""
    if since is None:
        return None
    from clustering.results.alike import of_groups

    try:
        return of_groups(catalog, since.catalog)
    except (DataError, ConfigError):
        return None


def _write_tables(run: RunTables, folder: Path) -> None:
    """Every table of the page, for spreadsheets (CSV) and for programs (parquet)."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = {
        f"{track}-{name}": table
        for track, of_track in (
            ("merged", run.merged),
            ("internal", run.internal),
            ("external", run.external),
            ("changes", run.changes.tables() if run.changes else {}),
        )
        for name, table in of_track.items()
        if name not in ("values", "matrix")
    }
    for name, table in tables.items():
        table.write_parquet(folder / f"{name}.parquet")
        table.write_csv(folder / f"{name}.csv", include_bom=True)
