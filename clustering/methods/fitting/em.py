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
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Matrix
from clustering.methods.fitting.placement import RIDGE
from clustering.methods.fitting.space import (
    Labels,
    Space,
    gaussian_part,
    level_shares,
    means_by_label,
)

MOST_STRAYS = 0.2
SMALLEST = 1e-300
# variances that differ relatively by less count as equal where they would be divided by their
# difference
CLOSE = 1e-4
FACTORS = 16  # variances that can be multiplied before the product might be too small for a float
LARGEST_STEP = 0.9  # of a variance, downwards


@dataclass(frozen=True)
class Stores:
    """Coordinates X (d, n) around `centre` (d,), 1 / information of each store (n,), 0 without
    noise, and the shares (n_levels, n) of every categorical attribute; a stray is as probable
    anywhere in the `volume`.
    """

    X: Matrix
    centre: Matrix
    inverse: Matrix
    levels: list[Matrix]
    volume: float  # log

    @classmethod
    def of(cls, space: Space, has_noise: bool) -> Stores:
        """The stores of a space."""
        X = gaussian_part(space.X, space.blocks)
        centre = X.mean(axis=0)
        inverse = 1.0 / space.information if has_noise else np.zeros(len(X))
        levels = [np.ascontiguousarray(part.T) for part in level_shares(space.X, space.blocks)]
        volume = float(np.log(np.maximum(np.ptp(X, axis=0), 1e-9)).sum()) + sum(
            float(np.log(len(part))) for part in levels
        )
        return cls(np.ascontiguousarray((X - centre).T), centre, inverse, levels, volume)


@dataclass(frozen=True)
class Parameters:
    """Of m mixtures: weights (m, k), means (m, k, d), W (m, d, d), the noise factor and the weight
    of strays (m,), and logs of level probabilities (m, k, n_levels) for every categorical
    attribute.
    """

    weights: Matrix
    means: Matrix
    covariance: Matrix
    noise: Matrix
    stray: Matrix
    level_logs: list[Matrix]

    def rows(self, chosen: NDArray[np.bool_] | slice) -> Parameters:
        """Those of some of the mixtures."""
        return Parameters(
            self.weights[chosen],
            self.means[chosen],
            self.covariance[chosen],
            self.noise[chosen],
            self.stray[chosen],
            [logs[chosen] for logs in self.level_logs],
        )

    def one(self, place: int, k: int) -> Parameters:
        """Those of one mixture with its own k clusters."""
        only = self.rows(slice(place, place + 1))
        return replace(
            only,
            weights=only.weights[:, :k],
            means=only.means[:, :k],
            level_logs=[logs[:, :k] for logs in only.level_logs],
        )

    def halfway(self, before: Parameters, chosen: NDArray[np.bool_]) -> Parameters:
        """With W and noise of the `chosen` mixtures (m,) half the way back to where they were."""
        back = np.where(chosen, 0.5, 0.0)
        covariance = self.covariance + back[:, None, None] * (before.covariance - self.covariance)
        return replace(
            self, covariance=covariance, noise=self.noise + back * (before.noise - self.noise)
        )

    def where(self, chosen: NDArray[np.bool_], other: Parameters) -> Parameters:
        """The `chosen` mixtures (m,) as they are here, the rest as in `other`."""

        def pick(own: Matrix, theirs: Matrix) -> Matrix:
            return np.where(chosen.reshape(-1, *[1] * (own.ndim - 1)), own, theirs)

        return Parameters(
            pick(self.weights, other.weights),
            pick(self.means, other.means),
            pick(self.covariance, other.covariance),
            pick(self.noise, other.noise),
            pick(self.stray, other.stray),
            [
                pick(own, theirs)
                for own, theirs in zip(self.level_logs, other.level_logs, strict=True)
            ],
        )


def start(
    stores: Stores, labelings: Sequence[Labels], noise: float | None, with_strays: bool
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
    stores: Stores, labels: Labels, k: int, noise: float | None
) -> tuple[Matrix, Matrix, Matrix, float]:
    X, inverse = stores.X.T, stores.inverse
    weight = 1.0 / (1.0 + inverse / np.median(inverse)) if inverse.any() else None
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


@dataclass(frozen=True)
class Expected:
    """What the parameters make of the stores: `shares` (m, k + 1, n) are the responsibilities of
    the clusters and, last, the probability of being a stray; in the eigenbasis of W, its `axes` (m,
    d, d) and `variance` (m, d), and `weighed` (m, 2d, n), the coordinates of the stores times their
    precisions, and below them the precisions.
    """

    shares: Matrix
    log_likelihood: Matrix
    axes: Matrix
    variance: Matrix
    weighed: Matrix

    def rows(self, chosen: NDArray[np.bool_]) -> Expected:
        """That of some of the mixtures."""
        if chosen.all():
            return self
        return Expected(
            self.shares[chosen],
            self.log_likelihood[chosen],
            self.axes[chosen],
            self.variance[chosen],
            self.weighed[chosen],
        )


def expect(stores: Stores, parameters: Parameters) -> Expected:
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
    with np.errstate(divide="ignore"):  # what has no weight has a log of minus infinity
        log_weights, log_stray = np.log(parameters.weights), np.log(parameters.stray)
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


def improve(
    stores: Stores, parameters: Parameters, expected: Expected, free_noise: bool
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
    step, change = _scoring_step(
        means, precisions, r, member, expected, stores.inverse if free_noise else None
    )
    step = _bounded(step, variance)
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


def _bounded(step: Matrix, variance: Matrix) -> Matrix:
    """The step of W (m, d, d) in its eigenbasis, such that no direction loses more than
    LARGEST_STEP of its variance.

    Bounded along the eigenvectors of the step relative to W: those of W are arbitrary where its
    variances are equal, as at their floor, and would let rounding decide.
    """
    scale = np.sqrt(variance)
    both = scale[:, :, None] * scale[:, None]
    relative = step / both
    far = np.sqrt((relative**2).sum(axis=(1, 2))) > LARGEST_STEP
    if not far.any():
        return step
    values, vectors = np.linalg.eigh((relative[far] + relative[far].transpose(0, 2, 1)) / 2)
    kept = np.maximum(values, -LARGEST_STEP)[:, None]
    step[far] = (vectors * kept) @ vectors.transpose(0, 2, 1) * both[far]
    return step


def noise_error(stores: Stores, parameters: Parameters) -> float:
    """Standard error of the noise factor of the first mixture, W being unknown, too; infinite where
    all stores are equally large.

    From Fisher's information of variances in the eigenbasis of W: along an axis, half the sum over
    stores of p^2 for W, of p^2 / n for both, of p^2 / n^2 for the factor.
    """
    variance = np.maximum(np.linalg.eigvalsh(parameters.covariance[0]), 1e-12)
    square = (variance[:, None] + parameters.noise[0] * stores.inverse) ** -2.0
    both, own = square @ stores.inverse, (square @ stores.inverse**2).sum()
    left = own - (both**2 / square.sum(axis=1)).sum()
    return float(np.sqrt(2 / left)) if left > 1e-9 * own else np.inf


def _scoring_step(
    means: Matrix,
    precisions: Matrix,
    r: Matrix,
    member: Matrix,
    expected: Expected,
    inverse: Matrix | None,
) -> tuple[Matrix, Matrix]:
    """The changes of W (m, d, d) in its eigenbasis and of the noise factor (m,) by one step of
    Fisher scoring.

    EM would take W for data that are missing, which is slow where most of what is seen is noise;
    without noise both take the same step.
    """
    variance, d = expected.variance, expected.variance.shape[1]
    scaled, precision = expected.weighed[:, :d], expected.weighed[:, d:]
    square = precision**2
    place = (means.transpose(0, 2, 1) @ r) * precision
    crossed = scaled @ place.transpose(0, 2, 1)
    gradient = (
        (scaled * member[:, None]) @ scaled.transpose(0, 2, 1)
        - crossed
        - crossed.transpose(0, 2, 1)
    )
    squares = r @ square.transpose(0, 2, 1)
    of_means, root = (means * precisions).transpose(0, 2, 1) @ means, means * np.sqrt(squares)
    gradient += _of_products(
        variance, of_means - of_means.transpose(0, 2, 1), root.transpose(0, 2, 1) @ root
    )
    all_, of_squares = (
        np.add.reduce(precisions, axis=1),
        np.maximum(np.add.reduce(squares, axis=1), SMALLEST),
    )
    root = np.sqrt(of_squares)
    information = _of_products(
        variance, all_[:, :, None] - all_[:, None], root[:, :, None] * root[:, None]
    )
    diagonal = np.einsum("mdd->md", gradient)
    diagonal -= all_
    if inverse is None:
        gradient /= information
        return gradient, np.zeros(len(variance))
    known = (inverse * member)[:, :, None]
    left = (scaled**2 - precision) @ known - 2 * (scaled * place) @ inverse[:, None]
    slope = left.sum(axis=(1, 2)) + (means**2 * ((r * inverse) @ square.transpose(0, 2, 1))).sum(
        axis=(1, 2)
    )
    both, own = (square @ known)[:, :, 0], (square @ (inverse[:, None] * known)).sum(axis=(1, 2))
    rest = own - (both**2 / of_squares).sum(axis=1)
    change = (slope - (both * diagonal / of_squares).sum(axis=1)) / np.maximum(rest, 1e-9 * own)
    diagonal -= both * change[:, None]
    gradient /= information
    return gradient, change


def _of_products(variance: Matrix, difference: Matrix, near: Matrix) -> Matrix:
    """Sums of p_a p_b over stores (m, d, d), from the `difference` of those of p_a and p_b; `near`
    where v_a and v_b are.
    """
    gap = variance[:, None] - variance[:, :, None]
    is_close = np.abs(gap) <= CLOSE * (variance[:, None] + variance[:, :, None])
    gap[is_close] = 1.0
    return np.where(is_close, near, difference / gap)


def level_logs(levels: list[Matrix], r: Matrix) -> list[Matrix]:
    """Logs of the level probabilities in each cluster, with one store spread over all levels as a
    prior.
    """
    counts = [r @ share.T + share.mean(axis=1) + 1e-9 for share in levels]
    return [np.log(count / count.sum(axis=2, keepdims=True)) for count in counts]
