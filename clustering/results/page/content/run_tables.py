"""The tables of a run that the page shows, read once, with the stores' numbers in effect."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from clustering.errors import DataError, did_you_mean
from clustering.registry import BY_KEY, MERGE, TRACKS
from clustering.results.page.content.labels import ReadableLabels, labels_of
from clustering.store.catalog import Catalog
from clustering.store.manifest import Manifest

if TYPE_CHECKING:
    from clustering.results.comparison.changes import Changes

KEY = ["category", "store_nbr"]
INTERNAL = {
    "preprocess": ("values", "stores", "reconciliation", "columns"),
    "features": ("not_carried",),
    "train": ("verdicts", "selection"),
    "assign": ("assignments",),
    "analyze": ("metrics", "descriptions"),
}
EXTERNAL = {
    "preprocess": ("values", "reconciliation"),
    "features": ("matrix",),
    "analyze": ("clusters",),
}


@dataclass(frozen=True)
class RunTables:
    """Tables by name; `internal` and `external` are empty where the track did not run. `categories`
    are those to show, those with the most sales first.
    """

    catalog: Catalog
    merged: dict[str, pl.DataFrame]
    internal: dict[str, pl.DataFrame]
    external: dict[str, pl.DataFrame]
    manifests: dict[str, Manifest]
    categories: list[str]
    changes: Changes | None = None
    baseline: str | None = None
    sharing: pl.DataFrame | None = None  # what groups of categories lose against the baseline

    @cached_property
    def place(self) -> dict[str, int]:
        """Where each category stands."""
        return {category: place for place, category in enumerate(self.categories)}

    @cached_property
    def labels(self) -> ReadableLabels:
        """What categories, need states and attributes are called."""
        return labels_of(self.manifests.get(MERGE.key))

    @cached_property
    def stores(self) -> list[str]:
        """The numbers of all stores, sorted."""
        return self.merged["assignments"]["store_nbr"].unique().sort().to_list()

    @cached_property
    def store_places(self) -> pl.DataFrame:
        """store_nbr, place."""
        numbers = pl.Series("store_nbr", self.stores, pl.String)
        return numbers.to_frame().with_row_index("place")


def read_run_tables(
    catalog: Catalog,
    wanted: Collection[str] = (),
    changes: Changes | None = None,
    baseline: str | None = None,
    sharing: pl.DataFrame | None = None,
) -> RunTables:
    """Read what the page shows; raises DataError where nothing was merged yet, or a wanted category
    is not in the run.
    """
    if catalog.manifest(MERGE) is None:
        raise DataError(f"{catalog.name} holds no final clusters; run first: clustering run")
    merged = {name: catalog.read(MERGE, name) for name in MERGE.writes}
    categories = _in_order(merged["clusters"], wanted)
    internal, external = (
        _of_track(catalog, track, stages, _new_numbers(merged["overrides"]))
        for track, stages in zip(TRACKS, (INTERNAL, EXTERNAL), strict=True)
    )
    found = ((stage, catalog.manifest(stage)) for stage in (*BY_KEY.values(), MERGE))
    manifests = {stage.key: manifest for stage, manifest in found if manifest}
    return RunTables(
        catalog, merged, internal, external, manifests, categories, changes, baseline, sharing
    )


def _in_order(clusters: pl.DataFrame, wanted: Collection[str]) -> list[str]:
    """The categories to show, by sales."""
    summed = clusters.group_by("category").agg(pl.col("sales").sum())
    ordered = summed.sort("sales", "category", descending=[True, False])["category"].to_list()
    if missing := [name for name in wanted if name not in set(ordered)]:
        raise DataError(
            f"the run has no category {missing[0]!r}{did_you_mean(missing[0], ordered)}",
            [f"categories: {', '.join(sorted(ordered)[:20])}"],
        )
    return [name for name in ordered if not wanted or name in wanted]


def _of_track(
    catalog: Catalog, track: str, stages: Mapping[str, Sequence[str]], numbers: dict[str, str]
) -> dict[str, pl.DataFrame]:
    if catalog.manifest(BY_KEY[f"{track}/analyze"]) is None:
        return {}
    tables = {
        name: catalog.read(BY_KEY[f"{track}/{stage}"], name)
        for stage, names in stages.items()
        for name in names
    }
    renumbered = pl.col("store_nbr").replace(numbers)
    return {
        name: table.with_columns(renumbered) if "store_nbr" in table.columns and numbers else table
        for name, table in tables.items()
    }


def _new_numbers(overrides: pl.DataFrame) -> dict[str, str]:
    """Of stores that an override gave a new number."""
    rows = overrides.filter(kind="renumber", status="applied")
    return dict(rows.select("store_nbr", "value").iter_rows())
