"""Fill the template: one file that asks nothing of the network, and pieces beside it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from clustering import __version__
from clustering.errors import ConfigError, StageError
from clustering.registry import BY_KEY, MERGE, STAGES
from clustering.results.page.cards import cards
from clustering.results.page.charts import specifications
from clustering.results.page.figures import write_figures
from clustering.results.page.gather import MERGED_TABLES, TABLES, Run, Track, read_run, shown_tracks
from clustering.results.page.marks import TEMPLATES, made_from
from clustering.results.page.pieces import column_json, json_by_category, packed
from clustering.results.page.rows import chart_rows, drawn_charts, place_rows
from clustering.results.page.search import search_index
from clustering.results.page.vega import vega_script
from clustering.store.atomic import write_text
from clustering.store.catalog import Catalog

MOST_MOVERS, MOST_DRIFTS = 200, 20
Part = dict[str, Any]


@dataclass(frozen=True)
class Since:
    """The run that this one continues."""

    name: str
    catalog: Catalog


def write_page(
    catalog: Catalog,
    folder: Path,
    *,
    wanted: Sequence[str] | None = None,
    figures: Sequence[str] = (),
    since: Since | None = None,
    advanced: Callable[[str], None] = lambda _: None,
) -> Path:
    """Write <folder>/index.html, and <folder>/tables/*.parquet; with `figures` each chart as
    <folder>/figures/*.svg or .png.

    What changed since the baseline `since` is a section of its own. `advanced` is told each
    category that is drawn as figures. Raises ConfigError where the extra is not installed,
    StageError where the disk refuses.
    """
    try:
        import jinja2  # noqa: F401
        import vl_convert  # noqa: F401
    except ImportError as cause:
        raise ConfigError(
            'the report is an extra; install it: pip install "clustering[report]"'
        ) from cause
    with ThreadPoolExecutor(1) as beside:
        vega = beside.submit(vega_script)
        run = read_run(catalog, since.catalog if since else None)
        tracks, places = shown_tracks(run, wanted or ()), place_rows(run)
        rows = {track.name: chart_rows(run, track) for track in tracks}
        parts = [part for track in tracks for part in _parts(run, track, rows[track.name], places)]
        text = _text(run, since, parts, places, vega)
    page = folder / "index.html"
    try:
        write_text(page, text)
        _write_tables(run, folder / "tables")
        for number, part in enumerate(parts if figures else ()):
            advanced(part["category"])
            _write_figures(
                folder / "figures", number, part, rows[part["track"]] | {"places": places}, figures
            )
    except OSError as cause:
        raise StageError(f"the report cannot be written below {folder}: {cause}") from cause
    return page


def _text(
    run: Run, since: Since | None, parts: list[Part], places: pl.DataFrame, vega: Future[str]
) -> str:
    from jinja2 import Environment, FileSystemLoader

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["number"] = _number
    return environment.get_template("page.html.j2").render(
        title=f"Store clusters, {run.catalog.env}",
        made_from=made_from(run.catalog),
        made=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        version=__version__,
        overview=_overview(run),
        since=_since(run, since),
        parts=parts,
        specs=packed(json.dumps(specifications())),
        places=packed(column_json(places)),
        search=packed(search_index(run)),
        style=(TEMPLATES / "page.css").read_text(),
        script=(TEMPLATES / "page.js").read_text(),
        vega=vega.result(),
    )


def _parts(
    run: Run, track: Track, rows: dict[str, pl.DataFrame], places: pl.DataFrame
) -> list[Part]:
    """What the template shows of each category."""
    metrics = track.tables["metrics"].rows_by_key("category")
    verdicts = track.tables["verdicts"].rows_by_key("category", named=True, unique=True)
    found, charts, data = cards(run, track), drawn_charts(rows, places), json_by_category(rows)
    return [
        {
            "track": track.name,
            "category": category,
            "metrics": (known := dict(metrics.get(category, []))),
            "is_mix": known.get("sales") is not None,
            "verdict": verdicts[category],
            "cards": found[category],
            "charts": charts.get(category, []),
            "data": packed(data.get(category, "{}")),
        }
        for category in track.categories
    ]


def _number(value: Any, digits: int = 2) -> str:
    if value is None:
        return "-"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.2g}" if 0 < abs(value) < 0.1 and digits else f"{value:.{digits}f}"


def _overview(run: Run) -> dict[str, Any]:
    stages = [(stage, run.catalog.manifest(stage)) for stage in STAGES]
    verdicts = {
        name: track.tables["verdicts"].group_by("verdict").len().sort("verdict").to_dicts()
        for name, track in run.tracks.items()
    }
    quarantined = [
        {"track": name} | row
        for name, track in run.tracks.items()
        for row in track.tables["reconciliation"]
        .filter(~pl.col("input").str.starts_with("categories of"))
        .to_dicts()
    ]
    stores = pl.concat(
        [track.tables["assignments"].select("store_nbr") for track in run.tracks.values()]
    ).n_unique()
    return {
        "env": run.catalog.env,
        "stores": stores,
        "categories": len(run.tracks["internal"].categories) if "internal" in run.tracks else 0,
        "verdicts": verdicts,
        "rows": quarantined,
        "merge": run.merged["summary"].sort("category").to_dicts() if run.merged else [],
        "association": run.merged["association"].to_dicts() if run.merged else [],
        "stages": [
            {
                "stage": stage.key,
                "run_id": manifest.run_id,
                "started": manifest.started,
                "seconds": manifest.duration_seconds,
            }
            for stage, manifest in stages
            if manifest
        ],
    }


def _since(run: Run, since: Since | None) -> dict[str, Any] | None:
    """What the section on changes shows; None without a baseline."""
    if since is None or run.changes is None:
        return None
    from clustering.results.comparison.drift import CAVEAT

    changes = run.changes
    moved = changes.movers.filter(pl.col("track") != "final")
    return {
        "name": since.name,
        "categories": changes.categories.to_dicts(),
        "fates": changes.clusters.filter(pl.col("fate") != "continued").to_dicts(),
        "movers": moved.head(MOST_MOVERS).to_dicts(),
        "all_movers": moved.height,
        "drift": changes.drift.filter(pl.col("psi") >= 0.01)
        .sort("psi", descending=True)
        .head(MOST_DRIFTS)
        .to_dicts(),
        "caveat": CAVEAT,
    }


def _write_tables(run: Run, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    read = [
        (BY_KEY[f"{track}/{stage}"], name)
        for track in run.tracks
        for stage, names in TABLES.items()
        for name in names
    ]
    read += [(MERGE, name) for name in MERGED_TABLES] if run.merged else []
    for stage, name in read:
        shutil.copyfile(
            run.catalog.table_path(stage, name), folder / f"{stage.track}-{name}.parquet"
        )
    for table, frame in run.changes.tables().items() if run.changes else ():
        frame.write_parquet(folder / f"changes-{table}.parquet")
    if run.places is not None:
        run.places.write_parquet(folder / "places.parquet")


def _write_figures(
    folder: Path, number: int, part: Part, rows: dict[str, pl.DataFrame], formats: Sequence[str]
) -> None:
    """Draw the charts of a category; stores have places in all categories."""
    specs = specifications()
    own = {
        name: table if name == "places" else table.filter(category=part["category"])
        for name, table in rows.items()
    }
    prefix = f"{part['track']}-{number:03d}-{part['category']}"
    write_figures(folder, prefix, {name: specs[name] for name in part["charts"]}, own, formats)
