"""How far each cluster differs from the other stores, feature by feature, and which differences are
more than chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, stdtr

from clustering.arrays import Matrix

SIGNIFICANT = 0.05  # of the false discovery rate
STRONGEST = 100.0  # standard deviations; more is not told apart


@dataclass(frozen=True)
class Differences:
    """Each of shape (clusters, features), but `stores` (clusters,): `rank` 1 sets a cluster apart
    the most, by `size`; NaN where a value is not defined.
    """

    mean: Matrix
    overall: Matrix
    effect_size: Matrix
    p_value: Matrix
    q_value: Matrix
    size: Matrix
    rank: NDArray[np.int64]
    stores: NDArray[np.int64]


def differences(
    data: Matrix,
    labels: NDArray[np.int64],
    clusters: NDArray[np.int64],
    *,
    are_shares: bool = False,
) -> Differences:
    """Compare the stores of each cluster with all others, on data (n_stores, features) with NaN for
    what is unknown.

    The effect size is Cohen's d with the pooled standard deviation, at most STRONGEST, which it is
    where neither side varies. The p value is that of Welch's t test, of a permutation test where
    neither side varies, and the q value its Benjamini-Hochberg correction over all clusters and
    features of the category. What differs the most is what has the largest effect; of shares
    (`are_shares`), the largest product of the effect and the points that differ: what is hardly
    sold sets nothing apart.
    """
    known = np.isfinite(data)
    centred = np.where(
        known, data - _mean(np.where(known, data, 0.0).sum(axis=0), known.sum(axis=0)), 0.0
    )
    overall = _mean(np.where(known, data, 0.0).sum(axis=0), known.sum(axis=0))
    inside = (labels[None, :] == clusters[:, None]).astype(float)
    number, total, squares = inside @ known, inside @ centred, inside @ centred**2
    rest = (
        known.sum(axis=0) - number,
        centred.sum(axis=0) - total,
        (centred**2).sum(axis=0) - squares,
    )
    mean, variance = _moments(number, total, squares)
    mean_rest, variance_rest = _moments(*rest)
    with np.errstate(divide="ignore", invalid="ignore"):
        squares_within = sum(
            np.maximum(n - 1, 0) * np.nan_to_num(v)
            for n, v in ((number, variance), (rest[0], variance_rest))
        )
        pooled = squares_within / (number + rest[0] - 2)
        apart = np.where(mean == mean_rest, 0.0, np.sign(mean - mean_rest) * STRONGEST)
        effect = np.clip(
            np.where(pooled > 0, (mean - mean_rest) / np.sqrt(pooled), apart), -STRONGEST, STRONGEST
        )
        error = variance / number, variance_rest / rest[0]
        t = (mean - mean_rest) / np.sqrt(error[0] + error[1])
        freedom = (error[0] + error[1]) ** 2 / (
            error[0] ** 2 / (number - 1) + error[1] ** 2 / (rest[0] - 1)
        )
        p = 2 * stdtr(freedom, -np.abs(t))
    is_constant = (error[0] + error[1] == 0) & (mean != mean_rest)
    p = np.where(is_constant, _permutation_p(number, rest[0]), p)
    q = benjamini_hochberg(p)
    means = mean + overall
    means[np.abs(means) < 1e-12 * np.abs(overall)] = (
        0.0  # what adding the centre back leaves of a zero
    )
    size = np.abs(effect * (means - overall)) if are_shares else np.abs(effect)
    stores = inside.sum(axis=1).astype(np.int64)
    overall = np.tile(overall, (len(clusters), 1))
    return Differences(means, overall, effect, p, q, size, ranks(size, q), stores)


def _permutation_p(one: Matrix, other: Matrix) -> Matrix:
    """The share of all ways to divide the values that keep two constants apart: two at most."""
    ways = gammaln(one + other + 1) - gammaln(one + 1) - gammaln(other + 1)
    return np.asarray(np.minimum(2 * np.exp(-ways), 1.0))


def _mean(total: Matrix, number: Matrix) -> Matrix:
    return np.asarray(np.divide(total, number, out=np.full(total.shape, np.nan), where=number > 0))


def _moments(number: Matrix, total: Matrix, squares: Matrix) -> tuple[Matrix, Matrix]:
    """Mean and unbiased variance from sums; NaN where there are too few values."""
    mean = _mean(total, number)
    spread = np.maximum(squares - number * np.where(number > 0, mean, 0.0) ** 2, 0.0)
    return mean, np.divide(spread, number - 1, out=np.full(total.shape, np.nan), where=number > 1)


def benjamini_hochberg(p: Matrix) -> Matrix:
    """Adjusted p values (Benjamini and Hochberg 1995) of all that are not NaN together, in the same
    shape.
    """
    q = np.full(p.shape, np.nan)
    flat = p[np.isfinite(p)]
    order = np.argsort(flat)[::-1]
    scaled = flat[order] * len(flat) / np.arange(len(flat), 0, -1)
    adjusted = np.empty_like(flat)
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled), 1.0)
    q[np.isfinite(p)] = adjusted
    return q


def ranks(size: Matrix, q: Matrix) -> NDArray[np.int64]:
    """Ranks (clusters, features): significant differences first, each by size; ties keep the order
    of the features.
    """
    size = np.nan_to_num(size, nan=-1.0)
    is_sure = np.nan_to_num(q, nan=1.0) <= SIGNIFICANT
    ranks = np.empty(size.shape, dtype=np.int64)
    for row in range(len(size)):
        order = np.lexsort((-np.round(size[row], 9), ~is_sure[row]))
        ranks[row, order] = np.arange(1, size.shape[1] + 1)
    return ranks
