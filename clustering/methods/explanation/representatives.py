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
    rows = np.flatnonzero(known)
    labels, margin, is_outlier = (
        assignments[name].to_numpy()[rows] for name in ("cluster", "margin", "is_outlier")
    )
    names = assignments["store_nbr"].to_numpy()[rows].astype(str)
    distance = np.round(_to_centre(X, labels), 9)
    has_next = np.flatnonzero(~np.isnan(margin.astype(float)))
    edge = has_next[np.lexsort((names[has_next], margin[has_next], labels[has_next]))]
    rank, stores = _ranked(labels[edge])
    # a third of the cluster at most, so that typical stores are left
    few = (rank <= NUMBER) & (rank <= stores // 3)
    boundary, of_boundary = edge[few], rank[few]
    is_central = ~is_outlier
    is_central[boundary] = False
    inside = np.flatnonzero(is_central)
    central = inside[np.lexsort((names[inside], distance[inside], labels[inside]))]
    rank, _ = _ranked(labels[central])
    prototypes, of_prototypes = central[rank <= NUMBER], rank[rank <= NUMBER]
    chosen, ranks = np.append(prototypes, boundary), np.append(of_prototypes, of_boundary)
    at_edge = np.arange(len(chosen)) >= len(prototypes)
    order = np.lexsort((ranks, at_edge, labels[chosen]))
    found = assignments.select("category", "cluster", "store_nbr")[rows[chosen[order]]]
    return found.with_columns(
        pl.Series("role", np.where(at_edge[order], "boundary", "prototype"), pl.String),
        pl.Series("rank", ranks[order], pl.Int64),
        pl.Series("distance", distance[chosen[order]], pl.Float64),
    )


def _to_centre(X: Matrix, labels: NDArray[np.int64]) -> Matrix:
    """The distance (n,) of each row of X to the mean of its cluster."""
    distance = np.empty(len(labels))
    for cluster in np.unique(labels):
        own = labels == cluster
        distance[own] = np.sqrt(((X[own] - X[own].mean(axis=0)) ** 2).sum(axis=1))
    return distance


def _ranked(labels: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rank (n,) of each row within its cluster, from 1, and the size of the cluster; rows of a
    cluster follow each other.
    """
    _, first, place, sizes = np.unique(
        labels, return_index=True, return_inverse=True, return_counts=True
    )
    return np.arange(1, len(labels) + 1) - first[place], sizes[place]


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
        pl.Series("x", flat[:, 0], nan_to_null=True),
        pl.Series("y", flat[:, 1], nan_to_null=True),
        pl.Series("silhouette", silhouette, nan_to_null=True),
    )
