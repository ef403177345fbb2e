"""Gaps between clusters: the dip test along the direction that tells two of them apart."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from clustering.arrays import Matrix
from clustering.methods.fitting.space import WHOLE_BELOW, Labels, Space, means_by_label

# by p value, what sqrt(n) x dip of n uniform numbers exceeds so rarely (12,000 draws each of n = 30
# and 200, which differ by 0.03 at most)
EXCEEDED = ((0.005, 0.525), (0.0125, 0.5), (0.025, 0.475), (0.05, 0.45))
SIGNIFICANT = 0.05
NOISIEST = 0.25  # of the stores
TIMES, FEWEST = 3, 20  # the larger side of a gap counts with so many times the smaller, at least 20
LARGE = 7  # stores: that fewer have no gap to 20 others does not say that none is there
UNTESTED = 0.2  # share of the stores that may be in clusters of which the test cannot tell


@dataclass(frozen=True)
class Gaps:
    """The number of clusters of which the test can tell, and the number of these that are left when
    all without a gap between them are joined.
    """

    tested: int
    separate: int

    @property
    def missing(self) -> int:
        """How many of the tested clusters no gap separates from another."""
        return self.tested - self.separate


def gaps(space: Space, labels: Labels) -> Gaps:
    """Test every pair of clusters for a gap between them.

    The stores of a pair are projected on their linear discriminant; there is a gap where the dip
    test rejects that the projections have one mode, at p <= 0.05 / (k - 1), since a continuum of k
    clusters has k - 1 borders that might seem gaps (Bonferroni). Where sampling noise is known, the
    quarter of the stores with the fewest sales is left out: noise fills gaps. A cluster of fewer
    than LARGE stores without a gap to some other counts as not tested, and joins no others, unless
    such clusters have more than UNTESTED of the stores.
    """
    X, labels = _without_noisiest(space, labels)
    labels = np.unique(labels, return_inverse=True)[1]
    sizes = np.bincount(labels)
    k = len(sizes)
    means = means_by_label(X, labels, k)
    residual = X - means[labels]
    inverse = np.linalg.pinv(residual.T @ residual / len(X), rcond=1e-6, hermitian=True)
    joined, unclear = np.arange(k), []
    for a, b in combinations(range(k), 2):
        if joined[a] != joined[b]:
            along = X @ (inverse @ (means[a] - means[b]))
            both = _of_like_number(along[labels == a], -along[labels == b])
            if has_gap(both, SIGNIFICANT / (k - 1)):
                continue
            if min(sizes[a], sizes[b]) < LARGE:
                unclear.append((a, b))
            else:
                joined[joined == joined[b]] = joined[a]
    untested = {c for pair in unclear for c in pair if sizes[c] < LARGE}
    if sum(sizes[c] for c in untested) > UNTESTED * len(labels):
        untested = set()
        for a, b in unclear:
            joined[joined == joined[b]] = joined[a]
    return Gaps(k - len(untested), len(np.unique(joined)) - len(untested))


def _without_noisiest(space: Space, labels: Labels) -> tuple[Matrix, Labels]:
    if not space.has_noise or len(labels) < WHOLE_BELOW:
        return space.X, labels
    large = space.information >= np.quantile(space.information, NOISIEST)
    return space.X[large], labels[large]


def _of_like_number(high: Matrix, low: Matrix) -> Matrix:
    """Both sides of a possible gap in one row of numbers; of the side with many more stores those
    next to the gap, since few beside many would not show.
    """
    most = max(TIMES * min(len(high), len(low)), FEWEST)
    return np.concatenate([np.sort(high)[:most], -np.sort(low)[:most]])


def has_gap(x: Matrix, p: float = SIGNIFICANT) -> bool:
    """Whether the numbers x (n,) have more than one mode, by the dip test at p of 0.005 to 0.05."""
    known, limits = np.array(EXCEEDED).T
    return bool(np.sqrt(len(x)) * dip(x) > np.interp(np.log(p), np.log(known), limits))


def dip(x: Matrix) -> float:
    """The dip of x (n,): the distance of its distribution from the nearest with one mode (Hartigan
    and Hartigan 1985).

    With its mode at one of the numbers, the nearest distribution is convex before it and concave
    after it: half the distance from the greatest convex minorant and the least concave majorant.
    The first grows with the mode and the second shrinks, so bisection finds where they meet.
    """
    place, count = np.unique(x, return_counts=True)
    upper = np.cumsum(count) / len(x)
    lower = upper - count / len(x)
    left, right = 0, len(place) - 1
    best = 1.0
    while left <= right:
        mode = (left + right) // 2
        before = _above_minorant(place[: mode + 1], lower[: mode + 1], upper[: mode + 1])
        # the concave side is the convex one turned by 180 degrees
        after = _above_minorant(-place[mode:][::-1], 1 - upper[mode:][::-1], 1 - lower[mode:][::-1])
        best = min(best, max(before, after) / 2)
        if before < after:
            left = mode + 1
        else:
            right = mode - 1
    return best


def _above_minorant(place: Matrix, lower: Matrix, upper: Matrix) -> float:
    """The largest distance of steps from `lower` to `upper` at `place` above their greatest convex
    minorant, whose slopes are an isotonic regression.
    """
    from scipy.optimize import isotonic_regression

    width = np.diff(place)
    if not len(width):
        return float(upper[0] - lower[0])
    slopes = isotonic_regression(np.diff(lower) / width, weights=width).x
    minorant = lower[0] + np.concatenate([[0.0], np.cumsum(slopes * width)])
    return float((upper - minorant).max())
