"""Fill the template: one file that asks nothing of the network, and pieces beside it."""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from clustering import __version__
from clustering.catalog import Catalog
from clustering.comparison.drift import CAVEAT
from clustering.errors import ConfigError, StageError
from clustering.page.gather import Run, Track, cards, categories, chart_rows, read_run, search_index
from clustering.page.marks import TEMPLATES, made_from
from clustering.registry import STAGES

FIGURES = ("svg", "png")
MOST_MOVERS, MOST_DRIFTS = 200, 20
BUNDLE: Any = None  # of vega, vega-lite and vega-embed whole: None is the default, but its stub wants a text


@dataclass(frozen=True)
class Since:
    """The run that this one continues."""

    name: str
    catalog: Catalog


def write_page(
    catalog: Catalog, folder: Path, *, wanted: Sequence[str] | None = None, figures: Sequence[str] = (),
    since: Since | None = None, advanced: Callable[[str], None] = lambda _: None,
) -> Path:  # fmt: skip
    """Write <folder>/index.html, and <folder>/tables/*.parquet; with `figures` each chart as <folder>/figures/*.svg or .png.

    What changed since the baseline `since` is a section of its own. `advanced` is told each category. Raises ConfigError
    where the extra is not installed, StageError where the disk refuses.
    """
    try:
        import vl_convert
        from jinja2 import Environment, FileSystemLoader

        from clustering.page.charts import specifications
    except ImportError as cause:
        raise ConfigError('the report is an extra; install it: pip install "clustering[report]"') from cause
    run, specs = read_run(catalog, since.catalog if since else None), specifications()
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["number"] = _number
    parts = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, (track, category) in enumerate(categories(run, wanted)):
            rows = chart_rows(run, track, category)
            parts.append(_part(run, number, track, category, rows))
            for name in rows if figures else ():
                _write_figures(
                    folder / "figures", f"{track.name}-{number:03d}-{category}-{name}", specs[name], rows[name], figures
                )
            advanced(category)
        text = environment.get_template("page.html.j2").render(
            title=f"Store clusters, {catalog.env}",
            made_from=made_from(catalog),
            made=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
            version=__version__,
            overview=_overview(run),
            since=_since(run, since),
            parts=parts,
            specs=_packed(specs),
            search=_packed(search_index(run)),
            style=(TEMPLATES / "page.css").read_text(),
            script=(TEMPLATES / "page.js").read_text(),
            vega=vl_convert.javascript_bundle(BUNDLE).replace("</script", "<\\/script"),
        )
        page = folder / "index.html"
        temporary = folder / ".writing-index.html"
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(page)
        _write_tables(run, folder / "tables")
    except OSError as cause:
        raise StageError(f"the report cannot be written below {folder}: {cause}") from cause
    return page


def _packed(value: Any) -> str:
    """JSON, gzip, base64: what a browser unpacks when it is asked for; nothing in it can end the script it stands in."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=str)
    return base64.b64encode(gzip.compress(text.encode(), compresslevel=6, mtime=0)).decode()


def _number(value: Any, digits: int = 2) -> str:
    if value is None:
        return "-"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.2g}" if 0 < abs(value) < 0.1 and digits else f"{value:.{digits}f}"


def _part(run: Run, number: int, track: Track, category: str, rows: dict[str, Any]) -> dict[str, Any]:
    metrics = dict(track.table("metrics", category).select("metric", "value").iter_rows())
    verdict = track.table("verdicts", category).row(0, named=True)
    return {
        "id": f"part-{number}",
        "track": track.name,
        "category": category,
        "metrics": metrics,
        "verdict": verdict,
        "cards": cards(run, track, category),
        "charts": list(rows),
        "data": _packed(rows),
        "criteria": track.table("selection", category).sort("k").to_dicts(),
        "is_mix": metrics.get("sales") is not None,
    }


def _overview(run: Run) -> dict[str, Any]:
    stages = [(stage, run.catalog.manifest(stage)) for stage in STAGES]
    verdicts = {
        name: track.whole["verdicts"].group_by("verdict").len().sort("verdict").to_dicts() for name, track in run.tracks.items()
    }
    quarantined = [
        {"track": name} | row
        for name, track in run.tracks.items()
        for row in track.whole["reconciliation"].filter(
            ~pl.col("input").str.starts_with("categories of")).to_dicts()
    ]  # fmt: skip
    stores = pl.concat([track.whole["assignments"].select("store_nbr") for track in run.tracks.values()]).n_unique()
    return {
        "env": run.catalog.env,
        "stores": stores,
        "categories": len(run.tracks["internal"].categories) if "internal" in run.tracks else 0,
        "verdicts": verdicts,
        "rows": quarantined,
        "merge": run.merged["summary"].sort("category").to_dicts() if run.merged else [],
        "association": run.merged["association"].to_dicts() if run.merged else [],
        "stages": [
            {"stage": stage.key, "run_id": manifest.run_id, "started": manifest.started, "seconds": manifest.duration_seconds}
            for stage, manifest in stages if manifest
        ],
    }  # fmt: skip


def _since(run: Run, since: Since | None) -> dict[str, Any] | None:
    """What the section on changes shows; None without a baseline."""
    if since is None or run.changes is None:
        return None
    changes = run.changes
    moved = changes.movers.filter(pl.col("track") != "final")
    return {
        "name": since.name,
        "categories": changes.categories.to_dicts(),
        "fates": changes.clusters.filter(pl.col("fate") != "continued").to_dicts(),
        "movers": moved.head(MOST_MOVERS).to_dicts(),
        "all_movers": moved.height,
        "drift": changes.drift.filter(pl.col("psi") >= 0.01).sort("psi", descending=True).head(MOST_DRIFTS).to_dicts(),
        "caveat": CAVEAT,
    }


def _write_tables(run: Run, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for name, track in run.tracks.items():
        for table, frame in track.whole.items():
            frame.write_parquet(folder / f"{name}-{table}.parquet")
    for table, frame in run.merged.items():
        frame.write_parquet(folder / f"merged-{table}.parquet")
    for table, frame in run.changes.tables().items() if run.changes else ():
        frame.write_parquet(folder / f"changes-{table}.parquet")
    if run.places is not None:
        run.places.write_parquet(folder / "places.parquet")


def _write_figures(folder: Path, name: str, spec: dict[str, Any], rows: list[Any], formats: Sequence[str]) -> None:
    import vl_convert

    folder.mkdir(exist_ok=True)
    filled = spec | {"datasets": {"rows": rows}}
    path = folder / re.sub(r"[^\w.-]+", "_", name)[:120]
    if "svg" in formats:
        path.with_name(path.name + ".svg").write_text(vl_convert.vegalite_to_svg(filled), encoding="utf-8")
    if "png" in formats:
        path.with_name(path.name + ".png").write_bytes(vl_convert.vegalite_to_png(filled, scale=2))
