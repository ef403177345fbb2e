"""Internal criteria of many labelings at once: the distances are computed once, whatever the number
of labelings.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Matrix
from clustering.methods.fitting.space import Labels, means_by_label
from clustering.methods.transforms.distances import squared_distances

BLOCK_BYTES = 2**20
SMALLEST = 1e-8  # distances below it are rounding
SAMPLE = 20_000  # silhouettes of more stores than this are those of every m-th store, among those


@dataclass(frozen=True)
class Silhouettes:
    """Per labeling, the silhouette of each of `rows` (Rousseeuw 1987), -1..1; 0 in a cluster of one
    store.
    """

    rows: NDArray[np.int64]
    values: list[Matrix]


def silhouettes(X: Matrix, labelings: list[Labels]) -> Silhouettes:
    """Silhouettes of the stores X (n, d) under every labeling, in one blockwise pass over the
    distances.
    """
    rows = np.arange(0, len(X), max(1, -(-len(X) // SAMPLE)))
    X, labelings = X[rows], [labels[rows] for labels in labelings]
    sizes = [np.bincount(labels, minlength=int(labels.max(initial=0)) + 1) for labels in labelings]
    ends = np.cumsum([0, *(len(size) for size in sizes)])
    if not len(X) or not labelings:
        return Silhouettes(rows, [np.zeros(len(X)) for _ in labelings])
    # stores that are together in every labeling are summed first; there are far fewer such cells
    # than stores
    combinations, cell = np.unique(np.column_stack(labelings), axis=0, return_inverse=True)
    member = np.zeros((len(combinations), ends[-1]))
    for number, start in enumerate(ends[:-1]):
        member[np.arange(len(combinations)), start + combinations[:, number]] = 1.0
    total = _sums_of_distances(X, cell.reshape(-1)) @ member
    return Silhouettes(
        rows,
        [
            _one(total[:, a:b], labels, size)
            for a, b, labels, size in zip(ends, ends[1:], labelings, sizes, strict=False)
        ],
    )


def _sums_of_distances(X: Matrix, cell: Labels) -> Matrix:
    """Sums (n, n_cells) of the distances of every store to the stores of each cell, in blocks that
    fit the caches.
    """
    order = np.argsort(cell, kind="stable")
    starts = np.searchsorted(cell[order], np.arange(int(cell.max()) + 1))
    centred = X - X.mean(
        axis=0
    )  # distances are the same, and less is lost where they are computed from squares
    squares = (centred**2).sum(axis=1)
    # one product gives |x|2 - 2xy + |y|2
    left = np.column_stack([centred, squares, np.ones(len(X))])
    right = np.column_stack([-2 * centred, np.ones(len(X)), squares])[order].T.copy()
    sums = np.empty((len(X), len(starts)))
    block = max(1, BLOCK_BYTES // (8 * len(X)))
    place = np.empty(len(X), dtype=np.int64)
    place[order] = np.arange(len(X))
    for i in range(0, len(X), block):
        distance = left[i : i + block] @ right
        distance[np.arange(len(distance)), place[i : i + block]] = 0.0
        np.maximum(distance, 0.0, out=distance)
        np.sqrt(distance, out=distance)
        np.add.reduceat(distance, starts, axis=1, out=sums[i : i + block])
    return sums


def _one(sums: Matrix, labels: Labels, size: NDArray[np.int64]) -> Matrix:
    rows = np.arange(len(labels))
    if len(size) < 2:
        return np.zeros(len(labels))
    own = sums[rows, labels] / np.maximum(size[labels] - 1, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = sums / size
    mean[:, size == 0] = np.inf
    mean[rows, labels] = np.inf
    other = mean.min(axis=1)
    value = (other - own) / np.maximum(np.maximum(own, other), 1e-300)
    return np.where((size[labels] > 1) & np.isfinite(other), value, 0.0)


def calinski_harabasz(X: Matrix, labels: Labels) -> float | None:
    """Between over within variance per degree of freedom (Calinski and Harabasz 1974); None for one
    cluster.
    """
    sizes = np.bincount(labels)
    k = int((sizes > 0).sum())
    if k < 2 or k >= len(X):
        return None
    centres = means_by_label(X, labels, len(sizes))
    within = float(((X - centres[labels]) ** 2).sum())
    between = float((sizes[:, None] * (centres - X.mean(axis=0)) ** 2).sum())
    return 1.0 if within == 0 else between * (len(X) - k) / (within * (k - 1))


def davies_bouldin(X: Matrix, labels: Labels) -> float | None:
    """Mean over clusters of the worst ratio of spread to separation (Davies and Bouldin 1979); None
    for one cluster.
    """
    found, labels = np.unique(labels, return_inverse=True)
    k = len(found)
    if k < 2 or k >= len(X):
        return None
    centres = means_by_label(X, labels, k)
    spread = np.bincount(labels, np.linalg.norm(X - centres[labels], axis=1)) / np.bincount(labels)
    gap = np.sqrt(squared_distances(centres, centres))
    if spread.max() <= SMALLEST or gap.max() <= SMALLEST:
        return 0.0
    np.fill_diagonal(gap, np.inf)
    gap[gap == 0] = np.inf
    return float(((spread[:, None] + spread[None]) / gap).max(axis=1).mean())
