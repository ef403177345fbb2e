"""The stores that changed their cluster between two runs, and what changed in their sales."""

from __future__ import annotations

import polars as pl

from clustering.registry import BY_KEY, MERGE, TRACKS
from clustering.store.catalog import Catalog

FINAL = "final"
KEY = ["track", "category"]
MOST_CHANGES = 3  # features named for a mover
LEAST_CHANGE = 0.005  # of the store's sales
PLACED: tuple[tuple[str, type[pl.DataType]], ...] = (
    ("probability", pl.Float64),
    ("margin", pl.Float64),
    ("assigned_by", pl.String),
)


def movers(moves: pl.DataFrame, before: Catalog, after: Catalog) -> pl.DataFrame:
    """The stores that moved, the surest first within a category."""
    found = moves.select(*KEY, "store_nbr", from_cluster="before", to_cluster="after")
    for name, catalog, column in (
        ("from_name", before, "from_cluster"),
        ("to_name", after, "to_cluster"),
    ):
        names = pl.concat([_names(catalog, track) for track in (*TRACKS, FINAL)])
        found = found.join(
            names.rename({"cluster": column, "name": name}), on=[*KEY, column], how="left"
        )
    placed = pl.concat([_placed(after, track) for track in TRACKS])
    found = found.join(placed, on=[*KEY, "store_nbr"], how="left")
    mixes = _mix_changes(found, before, after)
    found = found.join(mixes, on=[*KEY, "store_nbr"], how="left")
    return in_order(found, pl.col("margin").fill_null(-1).neg(), "store_nbr")


def _names(catalog: Catalog, track: str) -> pl.DataFrame:
    stage = MERGE if track == FINAL else BY_KEY[f"{track}/analyze"]
    if catalog.manifest(stage) is None:
        return pl.DataFrame(schema=dict.fromkeys([*KEY, "cluster", "name"], pl.String))
    code = pl.col("final_cluster" if track == FINAL else "cluster").cast(pl.String)
    return catalog.read(stage, "clusters").select(
        pl.lit(track).alias("track"), "category", code.alias("cluster"), "name"
    )


def _placed(catalog: Catalog, track: str) -> pl.DataFrame:
    stage = BY_KEY[f"{track}/assign"]
    if catalog.manifest(stage) is None:
        return pl.DataFrame(schema=[*((name, pl.String) for name in (*KEY, "store_nbr")), *PLACED])
    return catalog.read(stage, "assignments").select(
        pl.lit(track).alias("track"), "category", "store_nbr", *dict(PLACED)
    )


def _mix_changes(movers: pl.DataFrame, before: Catalog, after: Catalog) -> pl.DataFrame:
    """For each mover of the internal track, the need states whose share changed the most, in
    words.
    """
    stage, key = BY_KEY["internal/preprocess"], ["category", "store_nbr"]
    wanted = movers.filter(track="internal").select(key)
    if wanted.is_empty() or before.manifest(stage) is None or after.manifest(stage) is None:
        return pl.DataFrame(schema=dict.fromkeys([*KEY, "store_nbr", "changes"], pl.String))
    old, new = (
        _shares(catalog.read(stage, "values").join(wanted, on=key, how="semi"))
        for catalog in (before, after)
    )
    both = old.join(new, on=[*key, "feature"], how="full", coalesce=True, suffix="_after")
    both = both.with_columns(pl.col("share", "share_after").fill_null(0.0))
    change = (pl.col("share_after") - pl.col("share")).abs()
    words = pl.format(
        "{} {} % -> {} %",
        "feature",
        *((pl.col(name) * 100).round(1) for name in ("share", "share_after")),
    )
    top = both.filter(change >= LEAST_CHANGE).sort(change, "feature", descending=[True, False])
    told = top.group_by(key, maintain_order=True).agg(
        words.head(MOST_CHANGES).str.join("; ").alias("changes")
    )
    return told.select(pl.lit("internal").alias("track"), *key, "changes")


def _shares(values: pl.DataFrame) -> pl.DataFrame:
    total = pl.col("value").sum().over(["category", "store_nbr"])
    return values.select(
        "category", "store_nbr", "feature", (pl.col("value") / total).fill_nan(0.0).alias("share")
    )


def in_order(table: pl.DataFrame, *by: str | pl.Expr) -> pl.DataFrame:
    """Sort rows by track, category and `by`."""
    place = pl.col("track").replace_strict(
        {FINAL: 0, "internal": 1, "external": 2}, return_dtype=pl.Int64
    )
    return table.sort(place, "category", *by)
