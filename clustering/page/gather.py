"""The tables of a run, read once and handed out category by category as what the page shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from clustering.catalog import Catalog
from clustering.comparison.changes import Changes, changes
from clustering.errors import DataError
from clustering.registry import BY_KEY, MERGE, TRACKS

MOST_POINTS = 1_500  # stores drawn in a chart; all are in the tables and in the search
MOST_FEATURES = 20
TABLES = {
    "preprocess": ("reconciliation",), "train": ("verdicts", "selection"), "assign": ("assignments",),
    "analyze": ("metrics", "clusters", "profiles", "descriptions", "representatives", "positions"),
}  # fmt: skip
MERGED_TABLES = ("assignments", "summary", "names", "overrides", "reassignments", "association", "cross_profiles")
CRITERIA = ("bic", "icl", "silhouette", "calinski_harabasz", "davies_bouldin", "gap", "prediction_strength", "stability",
            "heldout_r2")  # fmt: skip
Rows = list[dict[str, Any]]


@dataclass
class Track:
    """The tables of one track, each split by category."""

    name: str
    whole: dict[str, pl.DataFrame]
    by_category: dict[str, dict[str, pl.DataFrame]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.by_category = {
            name: {str(key[0]): part for key, part in table.partition_by("category", as_dict=True).items()}
            for name, table in self.whole.items()
            if "category" in table.columns
        }

    @property
    def categories(self) -> list[str]:
        return sorted(self.by_category["clusters"])

    def table(self, name: str, category: str) -> pl.DataFrame:
        return self.by_category[name].get(category, self.whole[name].clear())


@dataclass
class Run:
    """What the page is made of."""

    catalog: Catalog
    tracks: dict[str, Track]
    merged: dict[str, pl.DataFrame]
    places: pl.DataFrame | None  # store_nbr, latitude, longitude
    changes: Changes | None = None  # since the baseline
    across: dict[tuple[str, str], pl.DataFrame] = field(default_factory=dict)  # track, category: cross_profiles

    def __post_init__(self) -> None:
        if "cross_profiles" in self.merged:
            parts = self.merged["cross_profiles"].partition_by("track", "category", as_dict=True)
            self.across = {(str(track), str(category)): part for (track, category), part in parts.items()}


def read_run(catalog: Catalog, baseline: Catalog | None = None) -> Run:
    """Read all tables, and what changed since the baseline; raises DataError where no track was analyzed."""
    tracks = {}
    for track in TRACKS:
        if catalog.manifest(BY_KEY[f"{track}/analyze"]):
            whole = {
                table: catalog.read(BY_KEY[f"{track}/{stage}"], table) for stage, names in TABLES.items() for table in names
            }
            tracks[track] = Track(track, whole)
    if not tracks:
        raise DataError(f"{catalog.name} holds nothing to report; run first: clustering run")
    merged = {}
    if catalog.manifest(MERGE):
        merged = {name: catalog.read(MERGE, name) for name in MERGED_TABLES}
    return Run(catalog, tracks, merged, _places(catalog), changes(baseline, catalog) if baseline else None)


def _places(catalog: Catalog) -> pl.DataFrame | None:
    if catalog.manifest(BY_KEY["external/preprocess"]) is None:
        return None
    values = catalog.read(BY_KEY["external/preprocess"], "values").filter(
        pl.col("feature").str.to_lowercase().is_in(["latitude", "longitude"])
    )
    wide = values.with_columns(pl.col("feature").str.to_lowercase()).pivot("feature", index="store_nbr", values="value")
    return wide.drop_nulls() if {"latitude", "longitude"} <= set(wide.columns) else None


# --- one category ----------------------------------------------------------------------------------------------------


def chart_rows(run: Run, track: Track, category: str) -> dict[str, Rows]:
    """The rows of each chart of charts.specifications that has any."""
    clusters, stores = track.table("clusters", category), _stores(track, category)
    drawn = stores if stores.height <= MOST_POINTS else stores.sample(MOST_POINTS, seed=1).sort("store")
    rows = {
        "sizes": _sizes(clusters),
        "stores": drawn.drop_nulls("x").select(
            "store", "cluster", "order", "x", "y", "probability", "next", "outlier", "role").to_dicts(),
        "mix" if track.name == "internal" else "effects": _mix(track.table("profiles", category)),
        "silhouettes": _silhouettes(drawn),
        "criteria": _criteria(track.table("selection", category)),
        "places": _placed(run.places, drawn),
        "flow": _merge_flow(run.merged, category) if track.name == "internal" else [],
        "moves": _moves(run.changes, track.name, category),
    }  # fmt: skip
    return {name: found for name, found in rows.items() if found}


def _label() -> pl.Expr:
    return pl.format("{}  {}", "cluster", "name").alias("label")


def _sizes(clusters: pl.DataFrame) -> Rows:
    return clusters.select(
        _label(), pl.col("cluster").cast(pl.String), pl.col("cluster").alias("order"), "stores", "sales_per_store", "trust"
    ).to_dicts()  # fmt: skip


def _stores(track: Track, category: str) -> pl.DataFrame:
    roles = track.table("representatives", category).filter(rank=1).unique("store_nbr").select("store_nbr", "role")
    return (
        track.table("assignments", category)
        .join(track.table("positions", category), on=["category", "store_nbr"], how="left")
        .join(roles, on="store_nbr", how="left")
        .sort("cluster", "store_nbr")
        .select(
            pl.col("store_nbr").alias("store"), pl.col("cluster").cast(pl.String), pl.col("cluster").alias("order"),
            pl.col("x", "y").round(4), pl.col("silhouette").round(3), pl.col("probability").round(3),
            pl.col("next_cluster").cast(pl.String).alias("next"),
            pl.when("is_outlier").then(pl.lit("yes")).otherwise(pl.lit("no")).alias("outlier"), "role",
            pl.col("assigned_by"),
        )
    )  # fmt: skip


def _mix(profiles: pl.DataFrame) -> Rows:
    size = profiles.group_by("feature").agg(pl.col("effect_size").abs().max().alias("size"))
    top = size.sort("size", "feature", descending=[True, False], nulls_last=True).head(MOST_FEATURES).with_row_index("place")
    return profiles.join(top, on="feature").sort("place", "cluster").select(
        "feature", "place", pl.col("cluster").cast(pl.String), pl.col("cluster").alias("order"), pl.col("index").round(1),
        pl.col("mean", "overall").round(5), pl.col("effect_size").round(3).alias("effect"),
    ).to_dicts()  # fmt: skip


def _silhouettes(stores: pl.DataFrame) -> Rows:
    known = stores.drop_nulls("silhouette").sort("order", "silhouette", descending=[False, True])
    return known.with_row_index("place").select("place", "store", "cluster", "order", "silhouette").to_dicts()


def _criteria(selection: pl.DataFrame) -> Rows:
    if selection.height < 2:
        return []
    order = {name: place for place, name in enumerate(CRITERIA)}
    long = selection.unpivot(CRITERIA, index="k", variable_name="criterion", value_name="value").drop_nulls("value")
    chosen = selection.filter("chosen")["k"].first()
    return long.with_columns(chosen_k=chosen, place=pl.col("criterion").replace_strict(order, return_dtype=pl.Int64)).to_dicts()


def _placed(places: pl.DataFrame | None, stores: pl.DataFrame) -> Rows:
    if places is None:
        return []
    return (
        stores.select("store", "cluster", "order").join(places, left_on="store", right_on="store_nbr").sort("store").to_dicts()
    )


def _merge_flow(merged: dict[str, pl.DataFrame], category: str) -> Rows:
    if not merged:
        return []
    own = merged["assignments"].filter(category=category)
    pairs = own.group_by(merged="merged_cluster", final="final_cluster").len("stores")
    return _flow(pairs.with_columns(moved=pl.col("merged") != pl.col("final")), "merged", "final")


def _moves(changes: Changes | None, track: str, category: str) -> Rows:
    """The stores of each old cluster in each new one, where any moved."""
    if changes is None:
        return []
    pairs = changes.flows.filter(track=track, category=category)
    if not pairs["is_move"].any():
        return []
    return _flow(pairs.select("stores", before="from_cluster", after="to_cluster", moved="is_move"), "before", "after")


def _flow(pairs: pl.DataFrame, left: str, right: str) -> Rows:
    """Two points for every pair of clusters, at the heights of either."""
    pairs = pairs.sort(left, right)
    levels = {side: {name: n for n, name in enumerate(pairs[side].unique().sort())} for side in (left, right)}
    spread, rows = max(len(levels[left]), 1), []
    for number, row in enumerate(pairs.iter_rows(named=True)):
        for side, places in levels.items():
            y = -(places[row[side]] + 0.5) * spread / len(places)
            rows.append(row | {"side": side, "pair": number, "y": round(y, 3), "moved": "yes" if row["moved"] else "no"})
    return rows


def cards(run: Run, track: Track, category: str) -> Rows:
    """One card a cluster: name, numbers, rule, top differences, prototypes, boundary stores, and the other track's view."""
    profiles, stores = track.table("profiles", category), track.table("representatives", category)
    across = run.across.get((track.name, category))
    rules = {row["cluster"]: row for row in track.table("descriptions", category).to_dicts()}
    found = []
    for row in track.table("clusters", category).sort("cluster").to_dicts():
        own = profiles.filter(cluster=row["cluster"]).sort("rank").head(5)
        picked = stores.filter(cluster=row["cluster"]).sort("rank")
        found.append(
            row
            | {"rule": rules[row["cluster"]], "differences": own.to_dicts()}
            | {"across": _strongest(across, row["cluster"])}
            | {role: picked.filter(role=role)["store_nbr"].to_list() for role in ("prototype", "boundary")}
        )
    return found


def _strongest(across: pl.DataFrame | None, cluster: int) -> Rows:
    """The three features of the other track that differ the most from the overall mean, by their index."""
    if across is None:
        return []
    far = (pl.col("index") / 100).clip(1e-3, 1e3).log().abs()
    own = across.filter(pl.col("index").is_not_null(), cluster=cluster).sort(far, "feature", descending=[True, False])
    return own.head(3).to_dicts()


# --- all stores, for the search ---------------------------------------------------------------------------------------


def search_index(run: Run) -> dict[str, Any]:
    """Every store's clusters in every category, column by column: numbers point into the lists `stores` and `categories`."""
    parts = []
    final = run.merged.get("assignments")
    for track in run.tracks.values():
        table = track.whole["assignments"].select(
            "category", "store_nbr", pl.lit(track.name).alias("track"), "cluster", "probability", "next_cluster", "assigned_by"
        )
        labels = pl.lit(None, pl.String).alias("final_cluster")
        if final is not None and track.name == "internal":
            table = table.join(final.select("category", "store_nbr", "final_cluster"), on=["category", "store_nbr"], how="left")
        else:
            table = table.with_columns(labels)
        parts.append(table)
    rows = pl.concat(parts).sort("store_nbr", "track", "category")
    lists = {name: rows[name].unique().sort().to_list() for name in ("store_nbr", "category", "track", "assigned_by")}
    places = {name: {value: n for n, value in enumerate(values)} for name, values in lists.items()}
    columns = {
        name: (rows[name].replace_strict(places[name], return_dtype=pl.Int64) if name in places else rows[name]).to_list()
        for name in ("store_nbr", "category", "track", "cluster", "next_cluster", "final_cluster", "assigned_by")
    }
    return {"lists": lists, "columns": columns | {"probability": rows["probability"].round(3).to_list()}}


def categories(run: Run, wanted: Sequence[str] | None) -> Iterator[tuple[Track, str]]:
    """Track and category of each part of the page, external first since it is one; raises DataError for unknown names."""
    known = {category for track in run.tracks.values() for category in track.categories}
    if wanted and (missing := [name for name in wanted if name not in known]):
        raise DataError(f"the run has no category {missing[0]!r}", [f"categories: {', '.join(sorted(known)[:20])}"])
    for name in reversed(TRACKS):
        if track := run.tracks.get(name):
            yield from ((track, category) for category in track.categories if not wanted or category in wanted)
