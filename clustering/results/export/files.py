"""Writes workbooks, slides, plain tables, or a planogram file."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from clustering import __version__
from clustering.config import Config, Report
from clustering.errors import (
    ClusteringError,
    ConfigError,
    DataError,
    StageError,
    did_you_mean,
    missing_extra,
)
from clustering.methods.overrides.apply import told
from clustering.registry import BY_KEY, MERGE, STAGES
from clustering.results.budget import shared_out
from clustering.results.export.downstream import write_planogram
from clustering.results.export.spreadsheet import for_spreadsheets
from clustering.results.export.tables import (
    FINAL,
    INTERNAL,
    Results,
    read_results,
    sales_by_cluster,
)
from clustering.store.atomic import replacing
from clustering.store.catalog import Catalog
from clustering.store.manifest import Manifest

if TYPE_CHECKING:
    from clustering.results.page.content.content import Content

log = logging.getLogger(__name__)


FORMS = ("xlsx", "pptx", "csv", "parquet", "planogram")
Progress = Callable[[str, Iterable[Any]], Iterable[Any]]


def _unseen(_: str, items: Iterable[Any]) -> Iterable[Any]:
    return items


def write_files(
    catalog: Catalog,
    config: Config,
    form: str,
    categories: Sequence[str],
    folder: Path,
    progress: Progress = _unseen,
) -> list[Path]:
    """Write the files of a run in one of FORMS and give their paths; `progress` is told what is
    gone through. Raises ConfigError, DataError or StageError (a disk that refuses).
    """
    if form not in FORMS:
        raise ConfigError(
            f"form={form} is not one of {', '.join(FORMS)}{did_you_mean(form, FORMS)}"
        )
    results = _chosen(read_results(catalog), categories)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if form == "planogram":
            return [write_planogram(results, folder, config.report)]
        if form == "pptx":
            return [_write_deck(catalog, categories, folder)]
        sales = _sales(config, catalog, results, progress)
        if form == "xlsx":
            return _write_workbooks(catalog, results, sales, folder, progress)
        return _write_tables(results, sales, folder, form, config.report)
    except OSError as cause:
        raise StageError(f"nothing can be written to {folder}: {cause}") from cause


def _chosen(results: Results, categories: Sequence[str]) -> Results:
    known = results.stores["category"].unique().sort().to_list()
    for name in categories:
        if name not in known:
            raise DataError(
                f"the run has no category {name!r}{did_you_mean(name, known)}",
                [f"categories: {', '.join(known[:20])}"],
            )
    if not categories:
        return results
    return replace(
        results, stores=results.stores.filter(pl.col("category").is_in(list(categories)))
    )


def _sales(
    config: Config, catalog: Catalog, results: Results, progress: Progress
) -> dict[tuple[str, str], pl.DataFrame]:
    """Sales by cluster and level, for every dimension there is."""
    from clustering.results.export.attributes import attribute_values

    if results.track != INTERNAL:
        return {}
    kinds = (INTERNAL, FINAL) if results.is_merged else (INTERNAL,)
    values = catalog.read(BY_KEY["internal/preprocess"], "values")
    found = {
        ("need_state", by): sales_by_cluster(results, values, "need_state", by) for by in kinds
    }
    try:
        attributes = attribute_values(config, catalog)
        for name, by_attribute in progress("sales by product attribute", attributes):
            found[name, kinds[-1]] = sales_by_cluster(results, by_attribute, name, kinds[-1])
    except ClusteringError as error:
        log.warning("no sheets by product attribute: %s", error.message)
    return found


def _write_tables(
    results: Results,
    sales: dict[tuple[str, str], pl.DataFrame],
    folder: Path,
    form: str,
    report: Report,
) -> list[Path]:
    paths = []
    frames = {"stores": results.stores} | ({"sales": pl.concat(sales.values())} if sales else {})
    for name, frame in frames.items():
        path = folder / f"{name}.{form}"
        written = for_spreadsheets(frame, form == "csv" and report.csv_for_spreadsheets)
        with replacing(path) as temporary:
            getattr(written, f"write_{form}")(temporary)
        paths.append(path)
    return paths


def _write_workbooks(
    catalog: Catalog,
    results: Results,
    sales: dict[tuple[str, str], pl.DataFrame],
    folder: Path,
    progress: Progress,
) -> list[Path]:
    try:
        from clustering.results.export.category import (
            all_clusters,
            budget,
            category_cover,
            category_sheets,
            overview,
            overview_cover,
            worth,
        )
        from clustering.results.export.workbook import Sheet, file_name, write_workbook
    except ImportError as cause:
        raise missing_extra("workbooks", "report") from cause
    facts, settings = (
        _facts(catalog),
        Sheet("Settings", "Settings the results depend on", _settings(catalog), {}),
    )
    content = _content(catalog, results.stores["category"].unique().to_list())
    names = [category["key"] for category in content.main["categories"]]
    taken, files = {"clusters"}, {}
    of_category = {key: dict(_by_category(table)) for key, table in sales.items()}
    for place, name in progress("workbooks", list(enumerate(names))):
        files[name] = file_name(name, taken) + ".xlsx"
        own = {key: tables[name] for key, tables in of_category.items() if name in tables}
        write_workbook(
            folder / files[name],
            category_cover(content, place, facts),
            [*category_sheets(results, own, content, place), settings],
        )
    first = folder / "clusters.xlsx"
    sheets = [overview(content, files), all_clusters(content)]
    if results.is_merged:
        sheets.append(worth(catalog.read(MERGE, "worth"), content))
        by_plans, summary = (catalog.read(MERGE, name) for name in ("worth_by_plans", "summary"))
        if by_plans.height:
            sheets.append(budget(shared_out(by_plans, summary, None).curve, content))
    write_workbook(first, overview_cover(content, facts), [*sheets, settings])
    return [first]


def _content(catalog: Catalog, categories: Sequence[str]) -> Content:
    """What the page shows of some categories: workbooks and decks have the same numbers."""
    from clustering.results.page.content.content import content_of
    from clustering.results.page.content.run_tables import read_run_tables

    return content_of(read_run_tables(catalog, categories))


MOST_SLIDES = 10  # of categories, where none were chosen


def _write_deck(catalog: Catalog, categories: Sequence[str], folder: Path) -> Path:
    """One slide for all categories, one for each chosen one, or else for the largest."""
    try:
        from clustering.results.export.deck import write_deck
    except ImportError as cause:
        raise missing_extra("decks", "report") from cause
    content = _content(catalog, ())
    largest = [category["key"] for category in content.main["categories"][:MOST_SLIDES]]
    return write_deck(content, categories or largest, folder / "clusters.pptx")


def _by_category(table: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
    return [
        (str(key[0]), part) for key, part in table.partition_by("category", as_dict=True).items()
    ]


def _facts(catalog: Catalog) -> dict[str, Any]:
    """What the cover says of the run."""
    made = _manifests(catalog)
    overrides = told(catalog.read(MERGE, "overrides"))[:1] if catalog.manifest(MERGE) else []
    return {
        "Written": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "Environment": catalog.env,
        "Run": ", ".join(sorted({manifest.run_id for manifest in made})),
        "Version": f"clustering {__version__}",
        "Seed": made[0].seed,
        **({"Overrides": overrides[0].removeprefix("overrides: ")} if overrides else {}),
    }


def _settings(catalog: Catalog) -> pl.DataFrame:
    """Every setting the results depend on: stage, setting, value."""
    rows = [
        {"stage": manifest.stage, "setting": f"{section}.{key}", "value": str(value)}
        for manifest in _manifests(catalog)
        for section, values in manifest.config.items()
        for key, value in values.items()
    ]
    return pl.DataFrame(rows)


def _manifests(catalog: Catalog) -> list[Manifest]:
    found = (catalog.manifest(stage) for stage in STAGES)
    return [manifest for manifest in found if manifest]
