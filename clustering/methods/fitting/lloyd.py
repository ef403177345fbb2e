"""Weighted k-means by Lloyd's iteration from a given start."""

from __future__ import annotations

import numpy as np

from clustering.arrays import Matrix
from clustering.methods.fitting.placement import CentroidPlacement
from clustering.methods.fitting.space import Labels, Space, means_by_label, nearest
from clustering.methods.transforms.distances import squared_distances

ITERATIONS = 200
# of the spread of all stores: a new cut must leave so much less within clusters than the baseline's
WORTH_MOVING = 0.05


def cut_into(space: Space, k: int, weights: Matrix | None = None) -> CentroidPlacement:
    """K-means from the Ward tree, or, where that is about as good, the cut of the baseline: a
    gradual change can be cut in many ways, and stores should not move between them.

    The means of the baseline's clusters are tried first, then k-means from there.
    """
    found, old = fit_kmeans(space.X, space.start(k), weights), space.continued(k)
    if old is None:
        return found
    everyone = fit_kmeans(space.X, np.zeros_like(old), weights, 0).variance
    for iterations in (0, ITERATIONS):
        again = fit_kmeans(space.X, old, weights, iterations)
        if again.variance - found.variance <= WORTH_MOVING * everyone:
            return again
    return found


def fit_kmeans(
    X: Matrix, start: Labels, weights: Matrix | None = None, iterations: int = ITERATIONS
) -> CentroidPlacement:
    """Lloyd (1982) from the labels `start` (n,) in 0..k-1, at most so many `iterations` after their
    means; `weights` (n,) say how much each store counts.

    scikit-learn's KMeans gives the same centres; this saves importing it in every worker process.
    """
    labels, k = start, int(start.max()) + 1
    centres = means_by_label(X, labels, k, weights)
    near = nearest(X, centres)
    for _ in range(iterations):
        moved = _without_empty(X, centres, near, k)
        if (moved == labels).all():
            break
        labels, centres = moved, means_by_label(X, moved, k, weights)
        near = nearest(X, centres)
    return CentroidPlacement(centres, max(_spread(X, centres[near], weights), 1e-12))


def _spread(X: Matrix, centres: Matrix, weights: Matrix | None) -> float:
    """The mean squared distance, by axis, of stores (n, d) from their nearest `centres` (n, d)."""
    weight = np.ones(len(X)) if weights is None else weights
    apart = ((X - centres) ** 2).sum(axis=1)
    return float((apart * weight).sum() / weight.sum() / max(X.shape[1], 1))


def _without_empty(X: Matrix, centres: Matrix, labels: Labels, k: int) -> Labels:
    """Give an empty cluster the store that lies farthest from its own centre."""
    for empty in np.flatnonzero(np.bincount(labels, minlength=k) == 0):
        labels = labels.copy()
        labels[squared_distances(X, centres)[np.arange(len(X)), labels].argmax()] = empty
    return labels
