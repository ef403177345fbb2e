"""The tables of a run that its charts are drawn from, read once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from clustering.errors import DataError
from clustering.methods.explanation.nearest import LATITUDE, LONGITUDE, coordinate
from clustering.registry import BY_KEY, MERGE, TRACKS
from clustering.store.catalog import Catalog

if TYPE_CHECKING:
    from clustering.results.comparison.changes import Changes

TABLES = {
    "train": ("selection",),
    "assign": ("assignments",),
    "analyze": ("clusters", "profiles", "representatives", "positions"),
}
MERGED_TABLES = ("assignments",)


@dataclass
class Track:
    """The tables of one track."""

    name: str
    tables: dict[str, pl.DataFrame]

    @property
    def categories(self) -> list[str]:
        return sorted(self.tables["clusters"]["category"].unique())

    def only(self, categories: Collection[str]) -> Track:
        """The same track with fewer categories."""
        tables = {
            name: table.filter(pl.col("category").is_in(categories))
            for name, table in self.tables.items()
            if "category" in table.columns
        }
        return Track(self.name, tables)


@dataclass
class Run:
    """What the charts are made of."""

    catalog: Catalog
    tracks: dict[str, Track]
    merged: dict[str, pl.DataFrame]
    places: pl.DataFrame | None  # store_nbr, latitude, longitude
    changes: Changes | None = None  # since the baseline


def read_run(catalog: Catalog, changes: Changes | None = None) -> Run:
    """Read all tables that charts are drawn from; raises DataError where no track was analyzed."""
    tracks = {}
    for track in TRACKS:
        if catalog.manifest(BY_KEY[f"{track}/analyze"]):
            tables = {
                table: catalog.read(BY_KEY[f"{track}/{stage}"], table)
                for stage, names in TABLES.items()
                for table in names
            }
            tracks[track] = Track(track, tables)
    if not tracks:
        raise DataError(f"{catalog.name} holds nothing to report; run first: clustering run")
    merged = {}
    if catalog.manifest(MERGE):
        merged = {name: catalog.read(MERGE, name) for name in MERGED_TABLES}
    return Run(catalog, tracks, merged, _places(catalog), changes)


def _places(catalog: Catalog) -> pl.DataFrame | None:
    if catalog.manifest(BY_KEY["external/preprocess"]) is None:
        return None
    values = catalog.read(BY_KEY["external/preprocess"], "values")
    columns = values["feature"].unique().to_list()
    found = [coordinate(columns, spellings)[:1] for spellings in (LATITUDE, LONGITUDE)]
    if not all(found):
        return None
    latitude, longitude = (
        values.filter(pl.col("feature").is_in(names)).select("store_nbr", pl.col("value").alias(to))
        for names, to in zip(found, ("latitude", "longitude"), strict=True)
    )
    return latitude.join(longitude, on="store_nbr").drop_nulls()


def shown_tracks(run: Run, wanted: Sequence[str]) -> list[Track]:
    """The tracks with the categories to show, external first since it is one; raises DataError for
    unknown names.
    """
    known = {category for track in run.tracks.values() for category in track.categories}
    if missing := [name for name in wanted if name not in known]:
        raise DataError(
            f"the run has no category {missing[0]!r}",
            [f"categories: {', '.join(sorted(known)[:20])}"],
        )
    tracks = [run.tracks[name] for name in reversed(TRACKS) if name in run.tracks]
    return [track.only(wanted) for track in tracks] if wanted else tracks
