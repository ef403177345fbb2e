"""Distances by one matrix product."""

from __future__ import annotations

import numpy as np

from clustering.arrays import Matrix


def squared_distances(X: Matrix, Y: Matrix) -> Matrix:
    """Squared Euclidean distances (n, m)."""
    return np.asarray(np.maximum((X**2).sum(1)[:, None] - 2 * X @ Y.T + (Y**2).sum(1)[None], 0))
