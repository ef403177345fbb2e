"""Distances by one matrix product."""

from __future__ import annotations

import numpy as np

from clustering.arrays import Matrix


def squared_distances(X: Matrix, Y: Matrix) -> Matrix:
    """Squared Euclidean distances (n, m)."""
    found = (X**2).sum(axis=1)[:, None] - 2 * X @ Y.T
    found += (Y**2).sum(axis=1)
    return np.asarray(np.maximum(found, 0, out=found))
