"""Weighted k-means by Lloyd's iteration from a given start."""

from __future__ import annotations

import numpy as np

from clustering.arrays import Matrix
from clustering.methods.fitting.placement import CentroidPlacement
from clustering.methods.fitting.space import Labels, Space, means_by_label, nearest
from clustering.methods.transforms.distances import squared_distances

ITERATIONS = 200
# a cut that continues the baseline may leave this many times the spread within clusters
AS_GOOD = 1.02


def cut_into(space: Space, k: int, weights: Matrix | None = None) -> CentroidPlacement:
    """K-means from the Ward tree, or, where that is about as good, from the clusters of the
    baseline: a gradual change can be cut in many ways, and stores should not move between them.
    """
    found, old = fit_kmeans(space.X, space.start(k), weights), space.continued(k)
    if old is None:
        return found
    again = fit_kmeans(space.X, old, weights)
    return again if again.variance <= AS_GOOD * found.variance else found


def fit_kmeans(X: Matrix, start: Labels, weights: Matrix | None = None) -> CentroidPlacement:
    """Lloyd (1982) from the labels `start` (n,) in 0..k-1; `weights` (n,) say how much each store
    counts.

    scikit-learn's KMeans gives the same centres; this saves importing it in every worker process.
    """
    labels, k = start, int(start.max()) + 1
    for _ in range(ITERATIONS):
        centres = means_by_label(X, labels, k, weights)
        moved = nearest(X, centres)
        moved = _without_empty(X, centres, moved, k)
        if (moved == labels).all():
            break
        labels = moved
    weight = np.ones(len(X)) if weights is None else weights
    spread = float(
        (((X - centres[labels]) ** 2).sum(axis=1) * weight).sum()
        / weight.sum()
        / max(X.shape[1], 1)
    )
    return CentroidPlacement(centres, max(spread, 1e-12))


def _without_empty(X: Matrix, centres: Matrix, labels: Labels, k: int) -> Labels:
    """Give an empty cluster the store that lies farthest from its own centre."""
    for empty in np.flatnonzero(np.bincount(labels, minlength=k) == 0):
        labels = labels.copy()
        labels[squared_distances(X, centres)[np.arange(len(X)), labels].argmax()] = empty
    return labels
