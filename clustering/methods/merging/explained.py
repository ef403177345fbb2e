"""How much of what differs between stores lies between clusters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Matrix


@dataclass(frozen=True)
class Explained:
    """`r2`: the share of the weighted squares that lies between clusters. `by_mates`: the share
    that the other stores of a cluster predict of each store (leave-one-out); below 0 where they
    predict worse than all other stores do. None where stores do not differ.
    """

    r2: float | None
    by_mates: float | None


def explained(X: Matrix, weight: Matrix, labels: NDArray[np.int64]) -> Explained:
    """Judge `labels` (n,) on X (n, d), each row with its weight; rows of weight 0 are left out."""
    own = weight > 0
    X, weight, labels = X[own], weight[own], labels[own]
    if len(X) < 2:
        return Explained(None, None)
    numbers, place = np.unique(labels, return_inverse=True)
    total, alone = _squares(X, weight, np.zeros(len(X), dtype=np.int64), 1)
    within, predicted = _squares(X, weight, place, len(numbers))
    if total <= 1e-15:
        return Explained(None, None)
    # a store without mates is predicted by all other stores
    error = np.where(np.isnan(predicted), alone, predicted)
    return Explained(1 - within / total, float(1 - error.sum() / alone.sum()))


def _squares(X: Matrix, weight: Matrix, place: NDArray[np.int64], k: int) -> tuple[float, Matrix]:
    """The weighted squares around centres, and (n,) each around the centre of the other stores."""
    member = np.zeros((k, len(X)))
    member[place, np.arange(len(X))] = weight
    total = member.sum(axis=1)
    centres = member @ X / total[:, None]
    squares = weight * ((X - centres[place]) ** 2).sum(axis=1)
    rest = total[place] - weight
    with np.errstate(divide="ignore", invalid="ignore"):
        alone = np.where(rest > 1e-12 * total[place], squares * (total[place] / rest) ** 2, np.nan)
    return float(squares.sum()), alone


def adjusted_r2(X: Matrix, labels: NDArray[np.int64]) -> float | None:
    """R2 of labels (n,) on X (n, d), adjusted for the number of clusters: 0 by chance."""
    n, k = len(X), len(np.unique(labels))
    found = explained(X, np.ones(n), labels).r2
    return None if found is None or n <= k else 1 - (1 - found) * (n - 1) / (n - k)
