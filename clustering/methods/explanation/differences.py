"""How far each cluster differs from the other stores, feature by feature, and which differences are
more than chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from clustering.arrays import Matrix

SIGNIFICANT = 0.05  # of the false discovery rate


@dataclass(frozen=True)
class Differences:
    """Each of shape (clusters, features): `rank` 1 sets a cluster apart the most; NaN where a value
    is not defined.
    """

    mean: Matrix
    overall: Matrix
    effect_size: Matrix
    p_value: Matrix
    q_value: Matrix
    rank: NDArray[np.int64]


def differences(
    data: Matrix, labels: NDArray[np.int64], clusters: NDArray[np.int64]
) -> Differences:
    """Compare the stores of each cluster with all others, on data (n_stores, features) with NaN for
    what is unknown.

    The effect size is Cohen's d with the pooled standard deviation, the p value that of Welch's t
    test, and the q value its Benjamini-Hochberg correction over all clusters and features of the
    category.
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
        pooled = ((number - 1) * variance + (rest[0] - 1) * variance_rest) / (number + rest[0] - 2)
        effect = np.where(
            pooled > 0,
            (mean - mean_rest) / np.sqrt(pooled),
            np.where(mean == mean_rest, 0.0, np.nan),
        )
        error = variance / number, variance_rest / rest[0]
        t = (mean - mean_rest) / np.sqrt(error[0] + error[1])
        freedom = (error[0] + error[1]) ** 2 / (
            error[0] ** 2 / (number - 1) + error[1] ** 2 / (rest[0] - 1)
        )
        p = 2 * stdtr(freedom, -np.abs(t))
    q = benjamini_hochberg(p)
    means = mean + overall
    means[np.abs(means) < 1e-12 * np.abs(overall)] = (
        0.0  # what adding the centre back leaves of a zero
    )
    return Differences(means, np.tile(overall, (len(clusters), 1)), effect, p, q, ranks(effect, q))


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


def ranks(effect: Matrix, q: Matrix) -> NDArray[np.int64]:
    """Ranks (clusters, features): significant differences first, each by the size of the effect;
    ties keep the order of the features.
    """
    size = np.nan_to_num(np.abs(effect), nan=-1.0)
    is_sure = np.nan_to_num(q, nan=1.0) <= SIGNIFICANT
    ranks = np.empty(effect.shape, dtype=np.int64)
    for row in range(len(effect)):
        order = np.lexsort((-np.round(size[row], 9), ~is_sure[row]))
        ranks[row, order] = np.arange(1, effect.shape[1] + 1)
    return ranks
