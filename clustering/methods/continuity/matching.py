"""New clusters matched to those of a baseline, so that what continues keeps its number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from clustering.arrays import Matrix
from clustering.methods.fitting.space import Labels, means_by_label

# a cluster continues where both share this much of the stores in either (Greene, Doyle and
# Cunningham 2010 use 0.3)
LEAST_JACCARD = 0.3
CONTINUED, NEW, RETIRED = "continued", "new", "retired"


@dataclass(frozen=True)
class Matched:
    """`numbers` (k,) are the published numbers of the new clusters 0..k-1, `table` is
    schemas.Continuity of one category.
    """

    numbers: NDArray[np.int64]
    table: pl.DataFrame


def match(
    category: str, labels: Labels, old: NDArray[np.int64], X: Matrix, k: int, used: int = 0
) -> Matched:
    """Number the new clusters `labels` (n,), 0..k-1, after the old numbers `old` (n,) of the same
    stores, 0 for none.

    The assignment maximises the stores shared by matched clusters (Kuhn 1955); of equally good ones
    the one whose centres in X (n, d) are nearer. New clusters get numbers above `used`, the largest
    that was ever given, and above all old ones.
    """
    old_numbers = np.unique(old[old > 0])
    shared = np.zeros((k, len(old_numbers)), dtype=np.int64)
    both = old > 0
    np.add.at(shared, (labels[both], np.searchsorted(old_numbers, old[both])), 1)
    rows, columns = linear_sum_assignment(-(shared - _far(labels, old, old_numbers, X, k)))
    new_sizes, old_sizes = (
        np.bincount(labels[both], minlength=k),
        np.array([(old == number).sum() for number in old_numbers]),
    )
    jaccard = np.zeros((k, len(old_numbers)))
    np.divide(
        shared, new_sizes[:, None] + old_sizes[None, :] - shared, out=jaccard, where=shared > 0
    )
    continued = {
        int(row): int(column)
        for row, column in zip(rows, columns, strict=True)
        if jaccard[row, column] >= LEAST_JACCARD
    }
    numbers, following = np.zeros(k, dtype=np.int64), max([used, *old_numbers.tolist()], default=0)
    for row in range(k):
        if row in continued:
            numbers[row] = old_numbers[continued[row]]
        else:
            following += 1
            numbers[row] = following
    return Matched(
        numbers,
        _table(category, labels, numbers, old_numbers, old_sizes, continued, shared, jaccard),
    )


def _far(
    labels: Labels, old: NDArray[np.int64], old_numbers: NDArray[np.int64], X: Matrix, k: int
) -> Matrix:
    """Distances between new and old centres, all below half a store: they decide between equal
    overlaps only.
    """
    known = np.isfinite(X).all(axis=1)
    has_old = known & (old > 0)
    if not has_old.any():
        return np.zeros((k, len(old_numbers)))
    new_centres = means_by_label(X[known], labels[known], k)
    old_centres = means_by_label(
        X[has_old], np.searchsorted(old_numbers, old[has_old]), len(old_numbers)
    )
    distance = np.sqrt(((new_centres[:, None] - old_centres[None]) ** 2).sum(axis=2))
    far: Matrix = np.nan_to_num(
        distance / (2 * len(X) * max(float(np.nanmax(distance)), 1e-300)), nan=0.0
    )
    return far


def _table(
    category: str,
    labels: Labels,
    numbers: NDArray[np.int64],
    old_numbers: NDArray[np.int64],
    old_sizes: NDArray[np.int64],
    continued: dict[int, int],
    shared: NDArray[np.int64],
    jaccard: Matrix,
) -> pl.DataFrame:
    sizes = np.bincount(labels, minlength=len(numbers))
    rows = [
        (
            int(numbers[row]),
            CONTINUED if row in continued else NEW,
            int(sizes[row]),
            int(old_sizes[continued[row]]) if row in continued else None,
            int(shared[row, continued[row]]) if row in continued else None,
            float(jaccard[row, continued[row]]) if row in continued else None,
        )
        for row in range(len(numbers))
    ]
    retired = [column for column in range(len(old_numbers)) if column not in continued.values()]
    rows += [
        (int(old_numbers[column]), RETIRED, 0, int(old_sizes[column]), None, None)
        for column in retired
    ]
    return pl.DataFrame([(category, *row) for row in sorted(rows)], schema=CONTINUITY, orient="row")


CONTINUITY: dict[str, Any] = {
    "category": pl.String,
    "cluster": pl.Int64,
    "status": pl.String,
    "stores": pl.Int64,
    "baseline_stores": pl.Int64,
    "shared": pl.Int64,
    "jaccard": pl.Float64,
}


def none() -> pl.DataFrame:
    """The table where there is no baseline."""
    return pl.DataFrame(schema=CONTINUITY)


def kept(labels: Labels, probabilities: Matrix, old: Labels, margin: float) -> NDArray[np.bool_]:
    """Which stores stay in their old cluster `old` (-1: none) because moving would gain less than
    `margin` of probability.
    """
    rows = np.arange(len(labels))
    gain = probabilities[rows, labels] - probabilities[rows, np.maximum(old, 0)]
    return np.asarray((old >= 0) & (old != labels) & (gain < margin))
