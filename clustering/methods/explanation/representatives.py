"""Stores that stand for a cluster, stores at its edge, and where every store lies on a map of two
dimensions.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.arrays import Matrix

NUMBER = 3  # prototypes and boundary stores of each cluster


def representatives(assignments: pl.DataFrame, X: Matrix, known: NDArray[np.bool_]) -> pl.DataFrame:
    """Give schemas.Representatives: the stores nearest to their cluster's centre, and those with
    the smallest margin; no store is both.

    X holds the coordinates of the `known` stores (n_known, d); the others can be neither.
    """
    placed = assignments.filter(pl.Series(known))
    labels = placed["cluster"].to_numpy()
    distance = np.empty(len(labels))
    for cluster in np.unique(labels):
        own = labels == cluster
        distance[own] = np.sqrt(((X[own] - X[own].mean(axis=0)) ** 2).sum(axis=1))
    measured = placed.with_columns(pl.Series("distance", np.round(distance, 9)))
    edge = measured.filter(pl.col("margin").is_not_null()).sort("cluster", "margin", "store_nbr")
    # a third of the cluster at most, so that typical stores are left
    boundary = _ranked(edge, "boundary").filter(pl.col("rank") <= pl.col("stores") // 3)
    central = (
        measured.filter(~pl.col("is_outlier"))
        .join(boundary, on="store_nbr", how="anti", maintain_order="left")
        .sort("cluster", "distance", "store_nbr")
    )
    parts = [_ranked(central, "prototype").drop("stores"), boundary.drop("stores")]
    return pl.concat(parts).sort(
        "category", "cluster", "role", "rank", descending=[False, False, True, False]
    )


def _ranked(table: pl.DataFrame, role: str) -> pl.DataFrame:
    rank = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("cluster")
    return (
        table.with_columns(rank.alias("rank"), pl.lit(role).alias("role"))
        .with_columns(pl.len().over("cluster").alias("stores"))
        .filter(pl.col("rank") <= NUMBER)
        .select("category", "cluster", "store_nbr", "role", "rank", "distance", "stores")
    )


def positions(
    stores: pl.DataFrame, X: Matrix, known: NDArray[np.bool_], silhouette: Matrix
) -> pl.DataFrame:
    """Give schemas.Positions: the first two principal components of the coordinates, signs fixed by
    the largest loading.
    """
    flat = np.full((len(known), 2), np.nan)
    if len(X) > 1:
        centred = X - X.mean(axis=0)
        _, vectors = np.linalg.eigh(centred.T @ centred)
        axes = vectors[:, ::-1][:, :2]
        axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
        flat[known, : axes.shape[1]] = centred @ axes
        flat[known, axes.shape[1] :] = 0.0
    elif len(X):
        flat[known] = 0.0
    return stores.select("category", "store_nbr").with_columns(
        pl.Series("x", flat[:, 0]).fill_nan(None),
        pl.Series("y", flat[:, 1]).fill_nan(None),
        pl.Series("silhouette", silhouette).fill_nan(None),
    )
