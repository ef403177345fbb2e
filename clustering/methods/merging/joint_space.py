"""One space for both tracks, in which each carries its configured weight whatever its dimensions
and scale.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Matrix


@dataclass(frozen=True)
class JointSpace:
    """Two blocks of coordinates (n_stores, d) and which stores each knows; unknown rows are
    zero.
    """

    internal: Matrix
    external: Matrix
    internal_known: NDArray[np.bool_]
    external_known: NDArray[np.bool_]

    def squared_distances(
        self, members: NDArray[np.int64], targets: int, rows: NDArray[np.int64]
    ) -> Matrix:
        """Squared distances (len(rows), targets) of some stores to the centres of the stores
        labelled 0..targets-1.

        `members` (n_stores,) are the labels of all stores, -1 for none. A block that does not know
        the store or the target is left out for the pair; where neither block knows both the
        distance is infinite.
        """
        total = np.zeros((len(rows), targets))
        compared = np.zeros((len(rows), targets), dtype=bool)
        for block, known in (
            (self.internal, self.internal_known),
            (self.external, self.external_known),
        ):
            counted = (members >= 0) & known
            sizes = np.bincount(members[counted], minlength=targets)
            centres = (
                _sums(block[counted], members[counted], targets) / np.maximum(sizes, 1)[:, None]
            )
            both = known[rows, None] & (sizes > 0)[None]
            total += np.where(both, _squares(block[rows], centres), 0.0)
            compared |= both
        return np.where(compared, total, np.inf)


def _sums(X: Matrix, members: NDArray[np.int64], targets: int) -> Matrix:
    """Sums (targets, d) of the rows of X (n, d) by label."""
    d = X.shape[1]
    cells = members[:, None] * d + np.arange(d)
    sums = np.bincount(cells.ravel(), X.ravel(), minlength=targets * d)
    return np.asarray(sums.reshape(targets, d), dtype=np.float64)


def _squares(X: Matrix, centres: Matrix) -> Matrix:
    """Squared distances (n, targets); differences are squared, not expanded, so that ties stay
    ties.
    """
    total = np.zeros((len(X), len(centres)))
    for column, centre in zip(X.T, centres.T, strict=True):
        total += (column[:, None] - centre) ** 2
    return total


def joint_space(
    internal: Matrix,
    internal_known: NDArray[np.bool_],
    external: Matrix,
    external_known: NDArray[np.bool_],
    internal_weight: float,
) -> JointSpace:
    """Lay out the coordinates (n_known, d) of both tracks by the stores (n_stores,) of a category
    that each knows.

    Each block is scaled to unit total variance over the stores it knows, then by the root of its
    weight.
    """
    left, right = (
        _block(internal, internal_known, internal_weight),
        _block(external, external_known, 1 - internal_weight),
    )
    return JointSpace(left, right, internal_known, external_known)


def _block(present: Matrix, known: NDArray[np.bool_], weight: float) -> Matrix:
    X = np.zeros((len(known), present.shape[1]))
    X[known] = scaled(present, present, weight)
    return X


def scaled(X: Matrix, present: Matrix, weight: float) -> Matrix:
    """X (n, d) as the block of the stores `present` (m, d) is laid out: unit total variance, times
    the root of the weight.
    """
    if not len(present):
        return np.zeros_like(X)
    mean = present.mean(axis=0)
    spread = float(((present - mean) ** 2).mean(axis=0).sum())
    return np.asarray((X - mean) * np.sqrt(weight / spread if spread > 0 else 0.0))
