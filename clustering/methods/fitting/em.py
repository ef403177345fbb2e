"""The steps of EM for several mixtures at once: all of the same stores, with numbers of clusters of
their own.

Every array has a mixture on its first axis, and a store on its last where it has one: what is done
to one coordinate of all stores lies together in memory. Mixtures of fewer clusters than the largest
are filled up with clusters of no weight.

W and W + cI have the same eigenvectors, so one eigendecomposition of W makes every store's
covariance diagonal. With p the precision of a store along an axis, 1 / (v + noise), sums over
stores of p_a p_b follow from those of p_a and of p_b, since p_a p_b = (p_a - p_b) / (v_b - v_a):
nothing need be formed for every pair of a store and a cluster.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from clustering.arrays import Matrix
from clustering.methods.fitting.batch import SMALLEST, Expected, Parameters, StoreArrays
from clustering.methods.fitting.placement import RIDGE
from clustering.methods.fitting.scoring import LARGEST_STEP, bounded, scoring_step
from clustering.methods.fitting.space import Labels, means_by_label

MOST_STRAYS = 0.2
FACTORS = 16  # variances that can be multiplied before the product might be too small for a float


def start(
    stores: StoreArrays, labelings: Sequence[Labels], noise: float | None, with_strays: bool
) -> Parameters:
    """Parameters from labels (n,) in 0..k-1; `noise` is the factor if it is known."""
    k = max(int(labels.max()) for labels in labelings) + 1
    found = [_start(stores, labels, k, noise) for labels in labelings]
    weights, means, covariance, noises = (np.array(part) for part in zip(*found, strict=True))
    stray = np.full(len(found), 0.01 if with_strays else 0.0)
    members = np.array([np.eye(k)[labels].T for labels in labelings])
    return Parameters(
        weights * (1 - stray[:, None]),
        means,
        covariance,
        noises,
        stray,
        level_logs(stores.levels, members),
    )


def _start(
    stores: StoreArrays, labels: Labels, k: int, noise: float | None
) -> tuple[Matrix, Matrix, Matrix, float]:
    X, inverse = stores.X.T, stores.inverse
    weight = 1.0 / (1.0 + inverse / stores.typical_inverse) if inverse.any() else None
    means = means_by_label(X, labels, k, weight)
    residual = X - means[labels]
    at_start = (
        noise if noise is not None else _noise_at_start(residual, inverse) if inverse.any() else 0.0
    )
    within = residual.T @ residual / len(X) - at_start * inverse.mean() * np.eye(X.shape[1])
    covariance = _positive(within, float((residual**2).mean()) if residual.size else 1.0)
    return np.bincount(labels, minlength=k) / len(X), means + stores.centre, covariance, at_start


def _noise_at_start(residual: Matrix, inverse: Matrix) -> float:
    """Slope of the squared residuals on 1/n: how much of the spread is sampling."""
    square = (residual**2).mean(axis=1)
    kept = square <= np.quantile(square, 0.95)
    x, y = inverse[kept], square[kept]
    slope = float(
        ((x - x.mean()) * (y - y.mean())).sum() / max(((x - x.mean()) ** 2).sum(), 1e-300)
    )
    typical = float(np.median(inverse))
    return float(np.clip(slope, 0.05 * y.mean() / typical, 0.8 * y.mean() / typical))


def _positive(covariance: Matrix, size: float) -> Matrix:
    """Keep the covariance positive definite: no variance below RIDGE of the overall one."""
    variance, axes = np.linalg.eigh((covariance + covariance.T) / 2)
    return np.asarray((axes * np.maximum(variance, max(RIDGE * size, 1e-12))) @ axes.T)


def expect(stores: StoreArrays, parameters: Parameters) -> Expected:
    """The responsibilities and the log likelihood (m,) of all stores together."""
    variance, axes = np.linalg.eigh(parameters.covariance)
    centres = (parameters.means - stores.centre) @ axes
    (m, k, d), n = centres.shape, stores.X.shape[1]
    variance = np.maximum(
        variance, np.maximum(RIDGE / max(d, 1) * variance.sum(axis=1, keepdims=True), 1e-12)
    )
    Y = axes.transpose(0, 2, 1) @ stores.X
    spread = variance[:, :, None] + (parameters.noise[:, None] * stores.inverse)[:, None]
    weighed = np.empty((m, 2 * d, n))
    np.divide(1.0, spread, out=weighed[:, d:])
    np.multiply(Y, weighed[:, d:], out=weighed[:, :d])
    # the square of a distance is what all clusters of a store have in common, and a product of two
    # matrices
    common = np.einsum("mdn,mdn->mn", Y, weighed[:, :d])
    for i in range(0, d, FACTORS):
        common += np.log(np.multiply.reduce(spread[:, i : i + FACTORS], axis=1))
    common += d * np.log(2 * np.pi)
    common *= -0.5
    shares = np.empty((m, k + 1, n))
    joint = np.matmul(
        np.concatenate([centres, -0.5 * centres**2], axis=2), weighed, out=shares[:, :k]
    )
    log_weights, log_stray = _log(parameters.weights), _log(parameters.stray)
    joint += log_weights[:, :, None]
    for level, logs in zip(stores.levels, parameters.level_logs, strict=True):
        joint += logs @ level
    np.subtract((log_stray - stores.volume)[:, None], common, out=shares[:, k])
    highest = np.maximum.reduce(shares, axis=1)
    shares -= highest[:, None]
    np.exp(shares, out=shares)
    total = np.add.reduce(shares, axis=1)
    shares /= total[:, None]
    common += highest
    common += np.log(total)
    return Expected(shares, np.add.reduce(common, axis=1), axes, variance, weighed)


def _log(weights: Matrix) -> Matrix:
    """What has no weight has a log of minus infinity."""
    return np.log(weights, out=np.full(weights.shape, -np.inf), where=weights > 0)


def improve(
    stores: StoreArrays, parameters: Parameters, expected: Expected, free_noise: bool
) -> Parameters:
    """Parameters under which the expected log likelihood is higher: EM's weights and means, a
    scoring step for W.

    With `free_noise` the noise factor takes that step, too; else it stays as it is.
    """
    axes, variance = expected.axes, expected.variance
    d, n = stores.X.shape
    r = expected.shares[:, :-1]
    sizes, member = np.add.reduce(r, axis=2), np.add.reduce(r, axis=1)
    total = np.add.reduce(sizes, axis=1)
    stray = np.where(parameters.stray > 0, np.clip(1 - total / n, 1e-6, MOST_STRAYS), 0.0)
    weights = np.where(
        parameters.weights > 0,
        np.maximum(sizes, 1e-10) / total[:, None] * (1 - stray[:, None]),
        0.0,
    )
    # the means that maximise given W: each store counts by its precision
    sums = r @ expected.weighed.transpose(0, 2, 1)
    precisions = sums[:, :, d:]
    means = sums[:, :, :d] / np.maximum(precisions, SMALLEST)
    step, change = scoring_step(
        means, precisions, r, member, expected, stores.inverse if free_noise else None
    )
    step = bounded(step, variance)
    np.einsum("mdd->md", step)[:] += variance
    back = axes.transpose(0, 2, 1)
    noise = parameters.noise + np.maximum(change, -LARGEST_STEP * parameters.noise)
    return Parameters(
        weights,
        means @ back + stores.centre,
        axes @ step @ back,
        noise,
        stray,
        level_logs(stores.levels, r),
    )


def level_logs(levels: list[Matrix], r: Matrix) -> list[Matrix]:
    """Logs of the level probabilities in each cluster, with one store spread over all levels as a
    prior.
    """
    counts = [r @ share.T + share.mean(axis=1) + 1e-9 for share in levels]
    return [np.log(count / count.sum(axis=2, keepdims=True)) for count in counts]
