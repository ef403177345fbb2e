"""The tables that every export format writes."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from clustering.errors import DataError
from clustering.registry import BY_KEY, MERGE, TRACKS
from clustering.schemas import Clusters
from clustering.store.catalog import Catalog

INTERNAL, FINAL = "internal", "final"
KEY = ["category", "store_nbr"]
COLUMNS = (
    *KEY,
    "final_cluster",
    "final_name",
    "internal_cluster",
    "internal_name",
    "external_cluster",
    "external_name",
    "merged_cluster",
    "reassigned",
    "status",
    "probability",
    "next_cluster",
    "margin",
    "assigned_by",
    "is_outlier",
    "sales",
)


@dataclass(frozen=True)
class Results:
    """What a run says of its stores and clusters.

    stores: COLUMNS; final_cluster is the cluster of the track where nothing was merged. With sizes
    within final clusters also `plan`, such as "A1 S".
    clusters, descriptions, profiles, verdicts, metrics, not_carried: of the internal track, or of
    the external one where it is alone; so are probability, next_cluster, margin, assigned_by and
    is_outlier.
    """

    stores: pl.DataFrame
    of_clusters: dict[str, pl.DataFrame]
    is_merged: bool
    track: str = "internal"  # that the categories are of
    numbers: dict[str, str] = field(
        default_factory=dict
    )  # of stores that an override gave a new one


def read_results(catalog: Catalog) -> Results:
    """Read what the workbook and the files hold, of both tracks or the one there is; raises
    DataError where none was analyzed.
    """
    track = next((name for name in TRACKS if catalog.manifest(BY_KEY[f"{name}/analyze"])), None)
    if track is None:
        raise DataError(f"{catalog.name} holds no clusters to export; run first: clustering run")
    analyze, is_merged = BY_KEY[f"{track}/analyze"], catalog.manifest(MERGE) is not None
    of_clusters = {
        name: catalog.read(analyze, name)
        for name in ("clusters", "descriptions", "profiles", "metrics")
    }
    of_clusters["verdicts"] = catalog.read(BY_KEY[f"{track}/train"], "verdicts")
    numbers = _new_numbers(catalog) if is_merged else {}
    of_clusters["not_carried"] = catalog.read(
        BY_KEY[f"{track}/features"], "not_carried"
    ).with_columns(pl.col("store_nbr").replace(numbers))
    placed = _placed(catalog, track, numbers)
    # stores that an override excludes are not in the merge
    labelled = (
        placed.join(_final(catalog, track), on=KEY) if is_merged else _unmerged(placed, track)
    )
    for name in TRACKS:
        labelled = labelled.join(
            _names(catalog, name),
            on=[f"{name}_cluster"] if name == "external" else ["category", f"{name}_cluster"],
            how="left",
        )
    stores = labelled.with_columns(pl.col("sales").fill_null(0.0)).select(COLUMNS)
    if is_merged:
        stores = _with_plans(stores, catalog.read(MERGE, "space_breaks"))
    return Results(
        stores.sort("category", "final_cluster", "store_nbr"),
        of_clusters,
        is_merged,
        track,
        numbers,
    )


def _with_plans(stores: pl.DataFrame, breaks: pl.DataFrame) -> pl.DataFrame:
    """With the plan of each store, where final clusters are divided by size."""
    if breaks.is_empty():
        return stores
    known = stores.join(breaks.select(*KEY, "plan"), on=KEY, how="left")
    return known.with_columns(pl.coalesce("plan", "final_cluster").alias("plan"))


def _placed(catalog: Catalog, track: str, numbers: dict[str, str]) -> pl.DataFrame:
    """The stores of a track with their clusters and sales."""
    assigned = catalog.read(BY_KEY[f"{track}/assign"], "assignments")
    sales = catalog.read(BY_KEY[f"{track}/preprocess"], "stores").select(*KEY, "sales")
    return (
        assigned.rename({"cluster": f"{track}_cluster"})
        .join(sales, on=KEY, how="left")
        .with_columns(pl.col("store_nbr").replace(numbers))
    )


def _final(catalog: Catalog, track: str) -> pl.DataFrame:
    """The final clusters of all stores, with the clusters of the other track."""
    names = catalog.read(MERGE, "clusters").select("category", "final_cluster", final_name="name")
    merged = catalog.read(MERGE, "assignments").drop(f"{track}_cluster")
    return merged.join(names, on=["category", "final_cluster"], how="left")


def _unmerged(placed: pl.DataFrame, track: str) -> pl.DataFrame:
    other = TRACKS[1 - TRACKS.index(track)]
    code = pl.col(f"{track}_cluster").cast(pl.String)
    return placed.with_columns(
        pl.lit(None, pl.Int64).alias(f"{other}_cluster"),
        code.alias("merged_cluster"),
        code.alias("final_cluster"),
        code.alias("final_name"),
        pl.lit(False).alias("reassigned"),
        pl.lit(None, pl.String).alias("status"),
    )


def _names(catalog: Catalog, track: str) -> pl.DataFrame:
    """What the clusters of a track are called; nothing where the run has no such track."""
    stage = BY_KEY[f"{track}/analyze"]
    has_track = catalog.manifest(stage) is not None
    clusters: pl.DataFrame = (
        catalog.read(stage, "clusters") if has_track else Clusters.create_empty()
    )
    named = clusters.select(
        "category",
        pl.col("cluster").alias(f"{track}_cluster"),
        pl.col("name").alias(f"{track}_name"),
    )
    return named.drop("category") if track == "external" else named


def _new_numbers(catalog: Catalog) -> dict[str, str]:
    rows = catalog.read(MERGE, "overrides").filter(kind="renumber", status="applied")
    return dict(rows.select("store_nbr", "value").iter_rows())


def sales_by_cluster(
    results: Results, values: pl.DataFrame, dimension: str, by: str
) -> pl.DataFrame:
    """Sales of every cluster by the levels of a dimension (need states, or a product attribute).

    Columns: category, dimension, by, cluster (text), level, sales (currency), share (of the
    cluster's sales, 0..1), overall_share (of the category's), index (100 = as overall). `values`:
    category, store_nbr, feature, value.
    """
    cluster = pl.col(f"{by}_cluster").cast(pl.String).alias("cluster")
    values = values.with_columns(pl.col("store_nbr").replace(results.numbers))
    rows = values.join(
        results.stores.select("category", "store_nbr", cluster), on=["category", "store_nbr"]
    )
    keys = ("category", "cluster", pl.col("feature").alias("level"))
    summed = (  # in one order, so that sums are the same to the last bit
        rows.sort("category", "feature", "store_nbr")
        .group_by(keys, maintain_order=True)
        .agg(pl.col("value").sum().alias("sales"))
        .sort("category", "cluster", "level")
    )
    of_cluster, of_level, of_all = (
        pl.col("sales").sum().over(["category", *names]) for names in (["cluster"], ["level"], [])
    )
    return (
        summed.with_columns(
            (pl.col("sales") / of_cluster).alias("share"),
            (of_level / of_all).alias("overall_share"),
        )
        .with_columns((pl.col("share") / pl.col("overall_share") * 100).alias("index"))
        .select(
            "category",
            pl.lit(dimension).alias("dimension"),
            pl.lit(by).alias("by"),
            "cluster",
            "level",
            "sales",
            "share",
            "overall_share",
            "index",
        )
    )
