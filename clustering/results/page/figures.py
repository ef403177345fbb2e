"""The charts of the page as files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from clustering.results.page.charts import Spec

FIGURES = ("svg", "png")


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
