"""The tidy tables that every format writes: one row per store, and sales by cluster and level."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from clustering.errors import DataError
from clustering.registry import BY_KEY, MERGE
from clustering.store.catalog import Catalog

INTERNAL, FINAL = "internal", "final"


@dataclass(frozen=True)
class Labels:
    """What a run says of its stores and clusters.

    stores: category, store_nbr, sales, internal_cluster, internal_name, external_cluster,
    external_name, merged_cluster, final_cluster (internal_cluster as text where nothing was
    merged), final_name, reassigned, probability, next_cluster, margin, assigned_by, is_outlier.
    clusters, descriptions, profiles, verdicts, metrics: of the internal track.
    """

    stores: pl.DataFrame
    of_clusters: dict[str, pl.DataFrame]
    is_merged: bool
    numbers: dict[str, str] = field(
        default_factory=dict
    )  # of stores that an override gave a new one


def read_labels(catalog: Catalog) -> Labels:
    """Read what the workbook and the files hold; raises DataError where the internal track was not
    analyzed.
    """
    analyze, assign = BY_KEY["internal/analyze"], BY_KEY["internal/assign"]
    if catalog.manifest(analyze) is None:
        raise DataError(
            f"{catalog.name} holds no internal clusters to export; run first: clustering run"
        )
    of_clusters = {
        name: catalog.read(analyze, name)
        for name in ("clusters", "descriptions", "profiles", "metrics")
    }
    of_clusters["verdicts"] = catalog.read(BY_KEY["internal/train"], "verdicts")
    key, is_merged = ["category", "store_nbr"], catalog.manifest(MERGE) is not None
    numbers = _new_numbers(catalog) if is_merged else {}
    renumbered = pl.col("store_nbr").replace(numbers)
    sales = catalog.read(BY_KEY["internal/preprocess"], "stores").select(
        "category", renumbered, "sales"
    )
    stores = (
        catalog.read(assign, "assignments")
        .rename({"cluster": "internal_cluster"})
        .with_columns(renumbered)
        .join(
            _names(of_clusters["clusters"], "internal"),
            on=["category", "internal_cluster"],
            how="left",
        )
        .join(sales, on=key, how="left")
    )
    if is_merged:
        merged = catalog.read(MERGE, "assignments").drop("internal_cluster", "status")
        names = catalog.read(MERGE, "clusters").select(
            "category", "final_cluster", final_name="name"
        )
        merged = merged.join(names, on=["category", "final_cluster"], how="left")
        stores = stores.join(
            _with_external_names(catalog, merged), on=key
        )  # those an override excludes are not there
    else:
        stores = stores.with_columns(
            pl.lit(None, pl.Int64).alias("external_cluster"),
            pl.lit(None, pl.String).alias("external_name"),
            pl.col("internal_cluster").cast(pl.String).alias("merged_cluster"),
            pl.col("internal_cluster").cast(pl.String).alias("final_cluster"),
            pl.lit(False).alias("reassigned"),
            pl.col("internal_name").alias("final_name"),
        )
    named = stores.with_columns(pl.col("sales").fill_null(0.0))
    return Labels(
        named.select(
            *key,
            "final_cluster",
            "final_name",
            "internal_cluster",
            "internal_name",
            "external_cluster",
            "external_name",
            "merged_cluster",
            "reassigned",
            "probability",
            "next_cluster",
            "margin",
            "assigned_by",
            "is_outlier",
            "sales",
        ).sort("category", "final_cluster", "store_nbr"),
        of_clusters,
        is_merged,
        numbers,
    )


def _new_numbers(catalog: Catalog) -> dict[str, str]:
    rows = catalog.read(MERGE, "overrides").filter(kind="renumber", status="applied")
    return dict(rows.select("store_nbr", "value").iter_rows())


def _names(clusters: pl.DataFrame, track: str) -> pl.DataFrame:
    return clusters.select(
        "category",
        pl.col("cluster").alias(f"{track}_cluster"),
        pl.col("name").alias(f"{track}_name"),
    )


def _with_external_names(catalog: Catalog, merged: pl.DataFrame) -> pl.DataFrame:
    external = _names(catalog.read(BY_KEY["external/analyze"], "clusters"), "external").drop(
        "category"
    )
    return merged.join(external, on="external_cluster", how="left")


def sales_by_cluster(labels: Labels, values: pl.DataFrame, dimension: str, by: str) -> pl.DataFrame:
    """Sales of every cluster by the levels of a dimension (need states, or a product attribute).

    Columns: category, dimension, by, cluster (text), level, sales (currency), share (of the
    cluster's sales, 0..1), overall_share (of the category's), index (100 = as overall). `values`:
    category, store_nbr, feature, value.
    """
    cluster = pl.col(f"{by}_cluster").cast(pl.String).alias("cluster")
    values = values.with_columns(pl.col("store_nbr").replace(labels.numbers))
    rows = values.join(
        labels.stores.select("category", "store_nbr", cluster), on=["category", "store_nbr"]
    )
    summed = rows.group_by("category", "cluster", pl.col("feature").alias("level")).agg(
        pl.col("value").sum().alias("sales")
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
        .sort("category", "cluster", "level")
    )
