"""Final clusters of stores that are placed after a run, and the run's own rows."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from clustering.methods.merging.tables import place
from clustering.registry import MERGE
from clustering.results.nearest import nearest_of_own
from clustering.results.prediction.saved_run import SavedRun
from clustering.results.prediction.track_inputs import KEY
from clustering.schemas import Assignments

FINAL = {"final_cluster": pl.String, "final_name": pl.String}


def nothing() -> pl.DataFrame:
    """No row, with the columns of rows of a track."""
    return Assignments.create_empty().with_columns(
        pl.lit("").alias("track"),
        pl.lit(False).alias("has_little"),
        pl.lit(None, pl.String).alias("nearest_stores"),
    )


def run_rows(run: SavedRun, track: str, names: Collection[str]) -> pl.DataFrame:
    """The run's own rows of some of its stores."""
    poor = run.table(track, "preprocess", "stores").filter(pl.col("history") == "poor")
    rows = run.table(track, "assign", "assignments").filter(pl.col("store_nbr").is_in(list(names)))
    little = poor.select(*KEY, has_little=True)
    near = nearest_of_own(run, track, names)
    for table in (little, near):
        rows = rows.join(table, on=KEY, how="left", maintain_order="left")
    return rows.with_columns(pl.lit(track).alias("track"), pl.col("has_little").fill_null(False))


def with_final(run: SavedRun, placed: pl.DataFrame, own: Collection[str]) -> pl.DataFrame:
    """Add FINAL to rows of both tracks: for stores in `own` what the run says, for others by their
    cell. Null in the rows of the external track beside an internal one, and without a merge.
    """
    if run.catalog.manifest(MERGE) is None:
        return placed.with_columns(pl.lit(None, kind).alias(name) for name, kind in FINAL.items())
    leading = "internal" if run.has("internal") else "external"
    names = run.catalog.read(MERGE, "clusters").select(
        "category", "final_cluster", final_name="name"
    )
    rows = placed.filter(track=leading)
    of_run = pl.col("store_nbr").is_in(list(own))
    final = pl.concat(
        [_of_run(run, rows.filter(of_run)), _by_cell(run, placed, rows.filter(~of_run), leading)]
    ).with_columns(track=pl.lit(leading))
    final = final.join(names, on=["category", "final_cluster"], how="left")
    return placed.join(final, on=["track", *KEY], how="left", maintain_order="left")


def _of_run(run: SavedRun, rows: pl.DataFrame) -> pl.DataFrame:
    """What the merge and its overrides gave to the run's own stores."""
    numbers = run.catalog.read(MERGE, "overrides").filter(kind="renumber", status="applied")
    old = dict(numbers.select("value", "store_nbr").iter_rows())
    merged = run.catalog.read(MERGE, "assignments").select(
        "category", pl.col("store_nbr").replace(old), "final_cluster"
    )
    return rows.select(KEY).join(merged, on=KEY, how="left")


def _by_cell(run: SavedRun, placed: pl.DataFrame, rows: pl.DataFrame, leading: str) -> pl.DataFrame:
    """Where the merge's own rule puts each pair of an internal and an external cluster."""
    external = placed.filter(track="external").select("store_nbr", external_cluster="cluster")
    own = pl.col("cluster") if leading == "internal" else pl.lit(None, pl.Int64)
    stores = rows.select(*KEY, own.alias("internal_cluster")).join(
        external, on="store_nbr", how="left"
    )
    return place(run.catalog.read(MERGE, "cells"), stores).select(*KEY, "final_cluster")
