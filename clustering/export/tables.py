"""The tidy tables that every format writes: one row per store, and sales by cluster and level."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from clustering.catalog import Catalog
from clustering.errors import DataError
from clustering.registry import BY_KEY, MERGE

INTERNAL, FINAL = "internal", "final"


@dataclass(frozen=True)
class Labels:
    """What a run says of its stores and clusters.

    stores: category, store_nbr, sales, internal_cluster, internal_name, external_cluster, external_name, merged_cluster,
    final_cluster (internal_cluster as text where nothing was merged), final_name, reassigned, probability, next_cluster,
    margin, assigned_by, is_outlier. clusters, descriptions, profiles, verdicts, metrics: of the internal track.
    """

    stores: pl.DataFrame
    of_clusters: dict[str, pl.DataFrame]
    is_merged: bool


def read_labels(catalog: Catalog) -> Labels:
    """Read what the workbook and the files hold; raises DataError where the internal track was not analyzed."""
    analyze, assign = BY_KEY["internal/analyze"], BY_KEY["internal/assign"]
    if catalog.manifest(analyze) is None:
        raise DataError(f"{catalog.root} holds no internal clusters to export; run first: clustering run")
    of_clusters = {name: catalog.read(analyze, name) for name in ("clusters", "descriptions", "profiles", "metrics")}
    of_clusters["verdicts"] = catalog.read(BY_KEY["internal/train"], "verdicts")
    sales = catalog.read(BY_KEY["internal/preprocess"], "stores").select("category", "store_nbr", "sales")
    key = ["category", "store_nbr"]
    stores = (
        catalog.read(assign, "assignments")
        .rename({"cluster": "internal_cluster"})
        .join(_names(of_clusters["clusters"], "internal"), on=["category", "internal_cluster"], how="left")
        .join(sales, on=key, how="left")
    )
    is_merged = catalog.manifest(MERGE) is not None
    if is_merged:
        merged = catalog.read(MERGE, "assignments").drop("internal_cluster", "status")
        stores = stores.join(_with_external_names(catalog, merged), on=key, how="left")
    else:
        stores = stores.with_columns(
            pl.lit(None, pl.Int64).alias("external_cluster"), pl.lit(None, pl.String).alias("external_name"),
            pl.col("internal_cluster").cast(pl.String).alias("merged_cluster"),
            pl.col("internal_cluster").cast(pl.String).alias("final_cluster"), pl.lit(False).alias("reassigned"),
        )  # fmt: skip
    named = stores.with_columns(final_name=_final_name(stores), sales=pl.col("sales").fill_null(0.0))
    return Labels(
        named.select(
            *key, "final_cluster", "final_name", "internal_cluster", "internal_name", "external_cluster", "external_name",
            "merged_cluster", "reassigned", "probability", "next_cluster", "margin", "assigned_by", "is_outlier", "sales",
        ).sort("category", "final_cluster", "store_nbr"),
        of_clusters, is_merged,
    )  # fmt: skip


def _names(clusters: pl.DataFrame, track: str) -> pl.DataFrame:
    return clusters.select(
        "category", pl.col("cluster").alias(f"{track}_cluster"), pl.col("name").alias(f"{track}_name"))  # fmt: skip


def _with_external_names(catalog: Catalog, merged: pl.DataFrame) -> pl.DataFrame:
    external = _names(catalog.read(BY_KEY["external/analyze"], "clusters"), "external").drop("category")
    return merged.join(external, on="external_cluster", how="left")


def _final_name(stores: pl.DataFrame) -> pl.Expr:
    """The names of both clusters a final cluster is called after: "2_1" is internal 2, external 1."""
    of = {"internal": "category", "external": None}
    parts = []
    for place, track in enumerate(of):
        names = stores.drop_nulls(f"{track}_name").unique(["category", f"{track}_cluster"])
        known = {
            (category, str(cluster)): name
            for category, cluster, name in names.select("category", f"{track}_cluster", f"{track}_name").iter_rows()
        }
        pieces = stores["final_cluster"].str.split("_").list.get(place, null_on_oob=True)
        parts.append([known.get(pair) for pair in zip(stores["category"], pieces, strict=True)])
    return pl.lit(pl.Series([" | ".join(name for name in pair if name) for pair in zip(*parts, strict=True)], dtype=pl.String))


def sales_by_cluster(labels: Labels, values: pl.DataFrame, dimension: str, by: str) -> pl.DataFrame:
    """Sales of every cluster by the levels of a dimension (need states, or a product attribute).

    Columns: category, dimension, by, cluster (text), level, sales (currency), share (of the cluster's sales, 0..1),
    overall_share (of the category's), index (100 = as overall). `values`: category, store_nbr, feature, value.
    """
    cluster = pl.col(f"{by}_cluster").cast(pl.String).alias("cluster")
    rows = values.join(labels.stores.select("category", "store_nbr", cluster), on=["category", "store_nbr"])
    summed = rows.group_by("category", "cluster", pl.col("feature").alias("level")).agg(pl.col("value").sum().alias("sales"))
    of_cluster, of_level, of_all = (pl.col("sales").sum().over(["category", *names]) for names in (["cluster"], ["level"], []))
    return (
        summed.with_columns((pl.col("sales") / of_cluster).alias("share"), (of_level / of_all).alias("overall_share"))
        .with_columns((pl.col("share") / pl.col("overall_share") * 100).alias("index"))
        .select("category", pl.lit(dimension).alias("dimension"), pl.lit(by).alias("by"), "cluster", "level", "sales", "share",
                "overall_share", "index")
        .sort("category", "cluster", "level")
    )  # fmt: skip
