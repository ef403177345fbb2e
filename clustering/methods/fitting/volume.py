"""Mixtures whose clusters share the shape of their covariance, but differ in volume.

The covariance of store i around the mean of cluster c is s_c W + (a / n_i) I: the model VEE of
Celeux and Govaert (1995) with the sampling noise of each store added. The sizes s_c have a
geometric mean of 1, weighted by the clusters' weights. W and s_c W have the same eigenvectors, so
one eigendecomposition makes the covariance of every store in every cluster diagonal.

Fitted by EM with the true mix of a store as the missing datum (Bovy, Hogg and Roweis 2011).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clustering.arrays import Matrix
from clustering.methods.fitting.batch import SMALLEST, StoreArrays
from clustering.methods.fitting.em import MOST_STRAYS, level_logs
from clustering.methods.fitting.placement import RIDGE, GaussianPlacement
from clustering.methods.fitting.space import Labels

ITERATIONS = 100
TOLERANCE = 1e-4  # of the mean log likelihood per store
LEAST, MOST = 0.02, 50.0  # volumes: a cluster may be at most so much tighter or wider than average


@dataclass(frozen=True)
class Volumes:
    """A fitted mixture: responsibilities (n_stores, k), volumes (k,), and the log likelihood of all
    stores.
    """

    weights: Matrix
    means: Matrix
    covariance: Matrix
    volumes: Matrix
    noise: float
    stray: float
    level_logs: list[Matrix]
    responsibilities: Matrix
    log_likelihood: float

    @property
    def labels(self) -> Labels:
        """The most probable cluster of every store (n_stores,)."""
        return np.asarray(self.responsibilities.argmax(axis=1))

    @property
    def bic(self) -> float:
        """Schwarz' criterion, lower is better."""
        (k, d), n = self.means.shape, len(self.responsibilities)
        levels = sum(logs.shape[1] - 1 for logs in self.level_logs)
        free = k * (1 + d + levels) - 1 + d * (d + 1) // 2 + k - 1
        free += (self.stray > 0) + (self.noise > 0)
        return float(-2 * self.log_likelihood + free * np.log(n))

    def placement(self, blocks: tuple[tuple[int, int], ...]) -> GaussianPlacement:
        """`blocks` are those of the space that stores will be placed in."""
        covariances = self.volumes[:, None, None] * self.covariance
        return GaussianPlacement(
            self.weights, self.means, covariances, self.noise, list(blocks), self.level_logs
        )


def fit_volumes(
    stores: StoreArrays, labels: Labels, k: int, noise: float, with_strays: bool
) -> Volumes:
    """Fit k clusters by EM from `labels` (n_stores,) in 0..k-1; `noise` is the factor a, 0 where
    there is none.
    """
    now = _start(stores, labels, k, noise, 0.01 if with_strays else 0.0)
    previous = -np.inf
    for iteration in range(ITERATIONS):
        expected = _expect(stores, now, noise)
        gained, previous = expected.log_likelihood - previous, expected.log_likelihood
        if gained < TOLERANCE * stores.X.shape[1] or iteration == ITERATIONS - 1:
            break
        now = _maximised(stores, now, expected)
    return Volumes(
        now.weights,
        now.means + stores.centre,
        now.axes @ (now.variance[:, None] * now.axes.T),
        now.volumes,
        noise,
        now.stray,
        now.level_logs,
        expected.shares[:k].T.copy(),
        previous,
    )


@dataclass(frozen=True)
class _Parameters:
    """Weights (k,), means (k, d) from the centre of the stores, W as its `axes` (d, d) and
    `variance` (d,), and volumes (k,).
    """

    weights: Matrix
    means: Matrix
    axes: Matrix
    variance: Matrix
    volumes: Matrix
    stray: float
    level_logs: list[Matrix]


@dataclass(frozen=True)
class _Expected:
    """Responsibilities of clusters and of the strays, `shares` (k + 1, n); in the eigenbasis of W
    the distances of stores from means, `apart`, and `precision`, both (k, d, n).
    """

    shares: Matrix
    apart: Matrix
    precision: Matrix
    log_likelihood: float


def _start(stores: StoreArrays, labels: Labels, k: int, noise: float, stray: float) -> _Parameters:
    member = np.eye(k)[labels].T
    sizes = np.maximum(member.sum(axis=1), 1e-10)
    means = member @ stores.X.T / sizes[:, None]
    residual = stores.X - means[labels].T
    within = residual @ residual.T / len(labels)
    typical = noise * stores.typical_inverse
    axes, variance = _principal(within - 0.7 * typical * np.eye(len(within)), within)
    weights = sizes / sizes.sum() * (1 - stray)
    logs = level_logs(stores.levels, member[None])
    return _Parameters(weights, means, axes, variance, np.ones(k), stray, [one[0] for one in logs])


def _principal(covariance: Matrix, scale: Matrix) -> tuple[Matrix, Matrix]:
    """Axes and variances, none below RIDGE of the mean variance of `scale`."""
    variance, axes = np.linalg.eigh((covariance + covariance.T) / 2)
    floor = max(RIDGE * float(np.trace(scale)) / max(len(scale), 1), 1e-12)
    return axes, np.maximum(variance, floor)


def _expect(stores: StoreArrays, now: _Parameters, noise: float) -> _Expected:
    own = now.volumes[:, None] * now.variance
    spread = own[:, :, None] + noise * stores.inverse
    apart = (now.axes.T @ stores.X)[None] - (now.means @ now.axes)[:, :, None]
    precision = 1.0 / spread
    shares = np.empty((len(own) + 1, stores.X.shape[1]))
    joint = shares[:-1]
    np.einsum("kdn,kdn,kdn->kn", apart, apart, precision, out=joint)
    joint += np.log(spread).sum(axis=1) + len(now.variance) * np.log(2 * np.pi)
    joint *= -0.5
    with np.errstate(divide="ignore"):
        joint += np.log(now.weights)[:, None]
        shares[-1] = np.log(now.stray) - stores.volume
    for level, logs in zip(stores.levels, now.level_logs, strict=True):
        joint += logs @ level
    highest = shares.max(axis=0)
    shares -= highest
    np.exp(shares, out=shares)
    total = shares.sum(axis=0)
    shares /= total
    return _Expected(shares, apart, precision, float((highest + np.log(total)).sum()))


def _maximised(stores: StoreArrays, now: _Parameters, expected: _Expected) -> _Parameters:
    r, precision = expected.shares[:-1], expected.precision
    sizes = np.maximum(r.sum(axis=1), 1e-10)
    n, d = stores.X.shape[1], len(now.variance)
    stray = float(np.clip(1 - sizes.sum() / n, 1e-6, MOST_STRAYS)) if now.stray > 0 else 0.0
    weighed = r[:, None] * precision
    moved = np.einsum("kdn,kdn->kd", weighed, expected.apart) / np.maximum(
        weighed.sum(axis=2), SMALLEST
    )
    means = now.means + moved @ now.axes.T
    own = now.volumes[:, None] * now.variance
    # the true mix of a store, given what was seen of it: where it is expected, and how uncertain
    shrunken = (expected.apart - moved[:, :, None]) * (own[:, :, None] * precision)
    scatter = (shrunken * r[:, None]) @ shrunken.transpose(0, 2, 1)
    diagonal = np.einsum("kdd->kd", scatter)
    diagonal += own * (sizes[:, None] - own * weighed.sum(axis=2))
    within = (scatter / now.volumes[:, None, None]).sum(axis=0) / sizes.sum()
    turned, variance = _principal(within, within)
    along = np.einsum("da,kde,ea->ka", turned, scatter, turned)
    volumes = np.clip((along / variance).sum(axis=1) / (d * sizes), LEAST, MOST)
    typical = float(np.exp((sizes * np.log(volumes)).sum() / sizes.sum()))
    return _Parameters(
        sizes / sizes.sum() * (1 - stray),
        means,
        now.axes @ turned,
        variance * typical,
        volumes / typical,
        stray,
        [one[0] for one in level_logs(stores.levels, r[None])],
    )
