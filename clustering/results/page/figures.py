"""The charts of a run as files, for slides."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from clustering.results.page.charts import Spec, specifications
from clustering.results.page.gather import read_run, shown_tracks
from clustering.results.page.rows import chart_rows, drawn_charts, place_rows
from clustering.store.catalog import Catalog

if TYPE_CHECKING:
    from clustering.results.comparison.changes import Changes

FIGURES = ("svg", "png")


def write_all_figures(
    catalog: Catalog,
    folder: Path,
    wanted: Sequence[str],
    formats: Sequence[str],
    changes: Changes | None,
    advanced: Callable[[str], None],
) -> None:
    """Draw every chart of the wanted categories; `advanced` is told each category."""
    run, specs = read_run(catalog, changes), specifications()
    places, number = place_rows(run), 0
    for track in shown_tracks(run, wanted):
        rows = chart_rows(run, track)
        charts = drawn_charts(rows, places)
        for category in track.categories:
            advanced(category)
            own = {name: table.filter(category=category) for name, table in rows.items()}
            shown = {name: specs[name] for name in charts.get(category, [])}
            write_figures(
                folder,
                f"{track.name}-{number:03d}-{category}",
                shown,
                own | {"places": places},
                formats,
            )
            number += 1


def write_figures(
    folder: Path,
    prefix: str,
    charts: dict[str, Spec],
    rows: dict[str, pl.DataFrame],
    formats: Sequence[str],
) -> None:
    """Write each chart with its rows as <folder>/<prefix>-<chart>.svg or .png."""
    import vl_convert

    folder.mkdir(exist_ok=True)
    datasets = {name: table.to_dicts() for name, table in rows.items()}
    for name, chart in charts.items():
        filled = chart | {"datasets": datasets}
        path = folder / re.sub(r"[^\w.-]+", "_", f"{prefix}-{name}")[:120]
        if "svg" in formats:
            path.with_name(path.name + ".svg").write_text(
                vl_convert.vegalite_to_svg(filled), encoding="utf-8"
            )
        if "png" in formats:
            path.with_name(path.name + ".png").write_bytes(
                vl_convert.vegalite_to_png(filled, scale=2)
            )
