"""The rows that the charts draw: one table for all categories, from which a category's rows are
taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from clustering import criteria
from clustering.results.page.gather import Run, Track

if TYPE_CHECKING:
    from clustering.results.comparison.changes import Changes

MOST_POINTS = 1_500  # stores drawn in a chart; all are in the tables and in the search
MOST_FEATURES = 20
KEY = ["category", "store_nbr"]


def chart_rows(run: Run, track: Track) -> dict[str, pl.DataFrame]:
    """The rows of a track, with `category`, by the names that charts.specifications gives to its
    data.
    """
    internal = track.name == "internal"
    rows = {
        "sizes": _sizes(track.tables["clusters"]),
        "stores": _stores(track),
        "mix" if internal else "effects": _mix(track.tables["profiles"]),
        "criteria": _criteria(track.tables["selection"]),
    }
    if internal and run.merged:
        rows["flow"] = _merge_flow(run.merged["assignments"])
    if run.changes:
        rows["moves"] = _moves(run.changes, track.name)
    return rows


def drawn_charts(rows: dict[str, pl.DataFrame], places: pl.DataFrame) -> dict[str, list[str]]:
    """The charts of each category that have something to show, in the order of the page."""
    of_stores = {
        "stores": pl.col("x").is_not_null(),
        "silhouettes": pl.col("silhouette").is_not_null(),
        "places": pl.col("store").is_in(places["store"].implode()),
    }
    having = {name: table["category"] for name, table in rows.items()}
    having |= {name: rows["stores"].filter(some)["category"] for name, some in of_stores.items()}
    charts: dict[str, list[str]] = {}
    for name in (
        "sizes",
        "stores",
        "mix",
        "effects",
        "silhouettes",
        "criteria",
        "places",
        "flow",
        "moves",
    ):
        for category in having[name].unique() if name in having else ():
            charts.setdefault(category, []).append(name)
    return charts


def place_rows(run: Run) -> pl.DataFrame:
    """Where the stores are, as far as a file said so: store, latitude, longitude."""
    if run.places is None:
        return pl.DataFrame(
            schema={"store": pl.String, "latitude": pl.Float64, "longitude": pl.Float64}
        )
    return run.places.rename({"store_nbr": "store"}).sort("store")


def _sizes(clusters: pl.DataFrame) -> pl.DataFrame:
    label = pl.format("{}  {}", "cluster", "name").alias("label")
    return clusters.select("category", label, "cluster", "stores", "sales_per_store", "trust")


def _stores(track: Track) -> pl.DataFrame:
    """The stores of each category, MOST_POINTS of them where there are more. By number: no cluster
    lies above the others.
    """
    representatives = track.tables["representatives"].filter(rank=1).sort("role")
    roles = representatives.unique(KEY, keep="first").select(*KEY, "role")
    drawn = pl.int_range(pl.len()).shuffle(seed=1).over("category") < MOST_POINTS
    return (
        track.tables["assignments"]
        .filter(drawn)
        .join(track.tables["positions"], on=KEY, how="left")
        .join(roles, on=KEY, how="left")
        .sort(KEY)
        .select(
            "category",
            pl.col("store_nbr").alias("store"),
            "cluster",
            pl.col("x", "y").round(4),
            pl.col("silhouette", "probability").round(3),
            pl.col("next_cluster").alias("next"),
            pl.when("is_outlier").then(pl.lit("yes")).otherwise(pl.lit("no")).alias("outlier"),
            "role",
        )
    )


def _mix(profiles: pl.DataFrame) -> pl.DataFrame:
    """The features that set clusters apart the most, in every cluster."""
    size = profiles.group_by("category", "feature").agg(
        pl.col("effect_size").abs().max().alias("size")
    )
    ordered = size.sort(
        "category", "size", "feature", descending=[False, True, False], nulls_last=True
    )
    top = ordered.select(
        "category", "feature", pl.int_range(pl.len()).over("category").alias("place")
    )
    return (
        profiles.join(top.filter(pl.col("place") < MOST_FEATURES), on=["category", "feature"])
        .sort("category", "place", "cluster")
        .select(
            "category",
            "feature",
            "place",
            "cluster",
            pl.col("index").round(1),
            pl.col("mean", "overall").round(5),
            pl.col("effect_size").round(3).alias("effect"),
        )
    )


def _criteria(selection: pl.DataFrame) -> pl.DataFrame:
    """Every criterion at every k, where there was more than one to choose from."""
    chosen = selection.filter("chosen").unique("category", keep="first", maintain_order=True)
    several = selection.filter(pl.len().over("category") > 1)
    place = pl.col("criterion").replace_strict(
        {name: place for place, name in enumerate(criteria.NAMES)}, return_dtype=pl.Int64
    )
    return (
        several.unpivot(
            criteria.NAMES, index=["category", "k"], variable_name="criterion", value_name="value"
        )
        .drop_nulls("value")
        .join(chosen.select("category", chosen_k="k"), on="category", how="left")
        .with_columns(pl.col("value").round_sig_figs(8), place=place)
        .sort("category", "place", "k")
    )


def _merge_flow(merged: pl.DataFrame) -> pl.DataFrame:
    pairs = merged.group_by("category", merged="merged_cluster", final="final_cluster").agg(
        pl.len().alias("stores"), moved=pl.col("reassigned").any()
    )
    return _flow(pairs, "merged", "final")


def _moves(changes: Changes, track: str) -> pl.DataFrame:
    """The stores of each old cluster in each new one, where any moved."""
    pairs = changes.flows.filter(track=track).filter(pl.col("is_move").any().over("category"))
    named = pairs.select(
        "category", "stores", before="from_cluster", after="to_cluster", moved="is_move"
    )
    return _flow(named, "before", "after")


def _flow(pairs: pl.DataFrame, left: str, right: str) -> pl.DataFrame:
    """Two points for every pair of clusters, at the heights of either."""
    moved = pl.when("moved").then(pl.lit("yes")).otherwise(pl.lit("no"))
    pair = pl.int_range(pl.len()).over("category")
    pairs = pairs.sort("category", left, right).with_columns(moved=moved, pair=pair)
    heights = {
        side: (pl.col(side).rank("dense") - 0.5) * pl.col(left).n_unique() / pl.col(side).n_unique()
        for side in (left, right)
    }
    points = (
        pairs.with_columns(pl.lit(side).alias("side"), y=-height.round(3).over("category"))
        for side, height in heights.items()
    )
    return pl.concat(points).sort("category", "pair", maintain_order=True)
