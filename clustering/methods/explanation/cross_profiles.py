"""What the clusters of one track look like in terms of the other."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.arrays import Matrix, runs


def cross_profiles(labels: pl.DataFrame, attributes: pl.DataFrame | None) -> pl.DataFrame:
    """Give schemas.CrossProfiles: internal clusters by attributes, external clusters by the
    internal clusters in them.

    `labels` has a row for each category and store, with its internal_cluster and external_cluster,
    null where unknown.
    """
    internal = labels.drop_nulls("internal_cluster")
    crossed = [_by_clusters(internal.drop_nulls("external_cluster"))]
    if attributes is not None and not attributes.is_empty():
        crossed.insert(0, _by_attributes(internal, indicators(attributes)))
    index = pl.when(
        (pl.col("overall") > 0) & (pl.col("mean").min().over("track", "feature") >= 0)
    ).then(pl.col("mean") / pl.col("overall") * 100)
    return (
        pl.concat(crossed)
        .with_columns(
            index.alias("index"), (pl.col("mean") - pl.col("overall")).alias("difference")
        )
        .sort("category", "track", "cluster", "feature")
    )


def indicators(attributes: pl.DataFrame) -> pl.DataFrame:
    """Stores by attributes, a column each; a categorical attribute as one column of 0 and 1 per
    level.
    """
    numeric = attributes.filter(pl.col("level").is_null()).select("store_nbr", "feature", "value")
    levels = attributes.filter(pl.col("level").is_not_null()).select(
        "store_nbr",
        pl.concat_str("feature", pl.lit("="), "level").alias("feature"),
        pl.lit(1.0).alias("value"),
    )
    wide = pl.concat([numeric, levels]).pivot(
        "feature", index="store_nbr", values="value", sort_columns=True
    )
    return wide.with_columns(pl.col(name).fill_null(0.0) for name in levels["feature"].unique())


def _by_attributes(internal: pl.DataFrame, wide: pl.DataFrame) -> pl.DataFrame:
    """Per internal cluster, the mean of every attribute over the stores that have it, and that of
    the whole category.
    """
    features = [name for name in wide.columns if name != "store_nbr"]
    values = wide.select(pl.col(features).cast(pl.Float64).fill_null(np.nan)).to_numpy()
    known = ~np.isnan(values)
    counted = np.hstack([np.where(known, values, 0.0), known])
    placed = internal.join(wide.select("store_nbr").with_row_index("row"), on="store_nbr").sort(
        "category"
    )
    rows, clusters = placed["row"].to_numpy(), placed["internal_cluster"].to_numpy()
    parts = [_profiles("", rows[:0], clusters[:0], counted)]
    parts += [
        _profiles(category, rows[own], clusters[own], counted)
        for category, own in runs(placed["category"]).items()
    ]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return pl.DataFrame(columns, schema_overrides={"category": pl.String}).select(
        "category",
        pl.lit("internal").alias("track"),
        "cluster",
        pl.Series(features, dtype=pl.String).gather(columns["feature"]).alias("feature"),
        pl.col("mean", "overall").fill_nan(None),
    )


def _profiles(
    category: str, rows: NDArray[np.uint32], clusters: NDArray[np.int64], counted: Matrix
) -> dict[str, NDArray[Any]]:
    """Columns of the table for one category, a row per cluster and attribute, of stores that are
    `rows` of `counted`.

    `counted` (n, 2 p) has the values of p attributes, 0 where unknown, and then whether each is
    known.
    """
    numbers, members = np.unique(clusters, return_inverse=True)
    member = np.zeros((len(numbers), len(counted)))
    member[members, rows] = 1
    sums, counts = np.hsplit(member @ counted, 2)
    with np.errstate(invalid="ignore"):
        means, overall = sums / counts, sums.sum(axis=0) / counts.sum(axis=0)
    k, p = means.shape
    return {
        "category": np.full(k * p, category, dtype=object),
        "cluster": np.repeat(numbers, p),
        "feature": np.tile(np.arange(p), k),
        "mean": means.ravel(),
        "overall": np.tile(overall, k),
    }


def _by_clusters(both: pl.DataFrame) -> pl.DataFrame:
    """Per external cluster, the share of its stores that each internal cluster holds."""
    counts = both.group_by("category", "external_cluster", "internal_cluster").len("stores")
    cells = (
        counts.select("category", "external_cluster")
        .unique()
        .join(counts.select("category", "internal_cluster").unique(), on="category")
        .join(counts, on=["category", "external_cluster", "internal_cluster"], how="left")
        .with_columns(pl.col("stores").fill_null(0))
    )
    stores = pl.col("stores")
    overall = stores.sum().over("category", "internal_cluster") / stores.sum().over("category")
    return cells.select(
        "category",
        pl.lit("external").alias("track"),
        pl.col("external_cluster").alias("cluster"),
        pl.format("internal cluster {}", "internal_cluster").alias("feature"),
        (stores / stores.sum().over("category", "external_cluster")).alias("mean"),
        overall.alias("overall"),
    )
