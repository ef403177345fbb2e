"""A mixture of Gaussians with one shared covariance that knows the sampling noise of every store, by EM.

In square-root space the sampling variance of a share is about 1/(4n) whatever the share, so the covariance of store i
around its cluster's mean is W + (a / n_i) I with `a` unknown (extreme deconvolution: Bovy, Hogg and Roweis 2011). As W and
W + cI have the same eigenvectors, one eigendecomposition an iteration makes every store's covariance diagonal. A uniform
component takes stores that belong to no cluster while fitting (Banfield and Raftery 1993); it is left out when placing.

Levels of categorical attributes are multinomial and independent within a cluster, as in a latent class model (mixed-mode
mixtures: Everitt 1988; Hunt and Jorgensen 1999); taken as numbers, their lumps would be mistaken for clusters.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from clustering.fitting.placement import RIDGE, GaussianPlacement, floored, log_densities, log_levels
from clustering.fitting.space import Labels, Space, gaussian_part, level_shares, means_by_label
from clustering.transforms.table import Matrix

ITERATIONS = 100
TOLERANCE, COARSE = 1e-5, 1e-4  # of the mean log likelihood per store
SETTLED = 8  # iterations before the gains tell where the fit is going
MOST_STRAYS = 0.2
BLOCK_NUMBERS = 4_000_000
NO_MEMBER = 1e-9  # a smaller responsibility does not show in a covariance


@dataclass
class TiedMixture:
    """A fitted mixture: `stray` is the uniform component's weight; log_likelihood is of all stores together."""

    weights: Matrix
    means: Matrix
    covariance: Matrix
    noise: float
    stray: float
    log_likelihood: float
    responsibilities: Matrix
    blocks: tuple[tuple[int, int], ...] = ()
    level_logs: list[Matrix] = field(default_factory=list)

    @property
    def parameters(self) -> int:
        """Free parameters: weights, means, W, level probabilities, the stray weight, the noise factor where there is one."""
        k, d = self.means.shape
        levels = sum(k * (log.shape[1] - 1) for log in self.level_logs)
        return int(levels + k - 1 + k * d + d * (d + 1) // 2 + (self.stray > 0) + (self.noise > 0))

    def bic(self, n: int) -> float:
        """Schwarz' criterion, lower is better."""
        return float(-2 * self.log_likelihood + self.parameters * np.log(n))

    def icl(self, n: int) -> float:
        """BIC plus twice the entropy of the responsibilities (Biernacki, Celeux and Govaert 2000)."""
        r = self.responsibilities
        return self.bic(n) - 2 * float((r * np.log(np.maximum(r, 1e-300))).sum())

    def placement(self) -> GaussianPlacement:
        return GaussianPlacement(
            self.weights, self.means, self.covariance[None], self.noise, list(self.blocks), self.level_logs
        )


def fit_tied_mixture(
    space: Space, start: Labels, noise: float | None = None, with_strays: bool = True, free_noise: bool = False,
    best_bic: float = np.inf,
) -> TiedMixture:  # fmt: skip
    """Fit by EM from the labels `start` (n_stores,) in 0..k-1, at most ITERATIONS iterations.

    `noise` is the factor a: None leaves noise out; with `free_noise` it is only where the estimate starts. The fit ends
    early where it is on its way to a BIC above `best_bic`: what cannot win need not converge.
    """
    X, levels = gaussian_part(space.X, space.blocks), level_shares(space.X, space.blocks)
    inverse = np.zeros(len(X)) if noise is None else 1.0 / space.information
    scale = float(np.median(space.information)) if noise is not None else 1.0
    inverse *= scale  # a is then the noise variance of the median store
    state = _start(X, inverse, start, with_strays)
    state.blocks = space.blocks
    state.level_logs = _level_logs(levels, np.eye(len(state.means))[start])
    if noise is not None and not free_noise:
        state.noise = noise / scale
    volume = float(np.log(np.maximum(np.ptp(X, axis=0), 1e-9)).sum())
    # fits to parts of a category, which know its noise, are compared by their labels only
    tolerance = COARSE if free_noise or space.noise is not None else TOLERANCE
    previous, gain = -np.inf, np.inf
    for iteration in range(ITERATIONS):
        basis = _basis(X, inverse, state)
        joint = _joint(basis, state, levels, volume)
        shares, state.log_likelihood = _normalise(joint)
        slower, gain = (state.log_likelihood - previous) / gain, state.log_likelihood - previous
        if gain < tolerance * len(X) or (
            iteration >= SETTLED and state.bic(len(X)) - 2 * _still_to_come(gain, slower) > best_bic
        ):
            break
        if state.stray and shares[:, -1].sum() > MOST_STRAYS * len(X):
            # a handful of stores on nearly one point: strays would swallow the clusters
            return fit_tied_mixture(space, start, noise, False, free_noise, best_bic)
        previous = state.log_likelihood
        _maximise(state, shares, basis, inverse, with_strays, free_noise)
        state.level_logs = _level_logs(levels, shares[:, : len(state.means)])
    state.responsibilities = shares[:, : len(state.means)]
    state.noise *= scale
    return state


def _still_to_come(gain: float, slower: float) -> float:
    """What the log likelihood will yet gain, if every gain is `slower` times the one before (Aitken's extrapolation).

    Twice as much is allowed for, since the ratio grows as EM goes on.
    """
    return 2 * gain * slower / (1 - slower) if 0 < slower < 1 else np.inf


def estimate_noise(space: Space, k: int, with_strays: bool) -> tuple[float | None, bool]:
    """The noise factor a, estimated along with a mixture of k clusters, and whether strays can be told from clusters.

    None where the space has no noise. The factor belongs to the category, not to k: estimated once at the finest k it is
    held for every other, where an underfitted mixture would mistake the distance between clusters for noise.
    """
    if not space.has_noise:
        return None, with_strays
    mixture = fit_tied_mixture(space, space.start(k), 0.0, with_strays, free_noise=True)
    return mixture.noise, mixture.stray > 0


def _start(X: Matrix, inverse: Matrix, labels: Labels, with_strays: bool) -> TiedMixture:
    k, d = int(labels.max()) + 1, X.shape[1]
    sizes = np.bincount(labels, minlength=k)
    weight = 1.0 / (1.0 + inverse) if inverse.any() else None
    means = means_by_label(X, labels, k, weight)
    residual = X - means[labels]
    noise = _noise_at_start(residual, inverse)
    within = residual.T @ residual / len(X) - noise * inverse.mean() * np.eye(d)
    covariance = _positive(within, float((residual**2).mean()) if d else 1.0)
    stray = 0.01 if with_strays else 0.0
    return TiedMixture(sizes / len(X) * (1 - stray), means, covariance, noise, stray, -np.inf, np.zeros((0, 0)))


def _noise_at_start(residual: Matrix, inverse: Matrix) -> float:
    """Slope of the squared residuals on 1/n: how much of the spread is sampling."""
    if not inverse.any():
        return 0.0
    square = (residual**2).mean(axis=1)
    limit = np.quantile(square, 0.95)
    kept = square <= limit
    x, y = inverse[kept], square[kept]
    slope = float(((x - x.mean()) * (y - y.mean())).sum() / max(((x - x.mean()) ** 2).sum(), 1e-300))
    return float(np.clip(slope, 0.05 * y.mean(), 0.8 * y.mean()))


def _positive(covariance: Matrix, size: float) -> Matrix:
    """Keep the covariance positive definite: no variance below RIDGE of the overall one."""
    variance, axes = np.linalg.eigh((covariance + covariance.T) / 2)
    return np.asarray((axes * np.maximum(variance, max(RIDGE * size, 1e-12))) @ axes.T)


@dataclass(frozen=True)
class _Basis:
    """Everything in the eigenbasis of W: stores, means, variances of W (d,), and of each store (n, d)."""

    axes: Matrix
    Y: Matrix
    centres: Matrix
    variance: Matrix
    spread: Matrix


def _basis(X: Matrix, inverse: Matrix, state: TiedMixture) -> _Basis:
    variance, axes = np.linalg.eigh(state.covariance)
    variance = floored(variance)
    return _Basis(axes, X @ axes, state.means @ axes, variance, variance[None] + state.noise * inverse[:, None])


def _normalise(joint: Matrix) -> tuple[Matrix, float]:
    """Responsibilities, and the log likelihood of all stores."""
    highest = joint.max(axis=1, keepdims=True)
    shares = joint - highest
    np.exp(shares, out=shares)
    total = shares @ np.ones((shares.shape[1], 1))
    shares /= total
    return shares, float(highest.sum() + np.log(total).sum())


def _level_logs(levels: list[Matrix], r: Matrix) -> list[Matrix]:
    """Logs of the level probabilities in each cluster (k, n_levels), with one store spread over all levels as a prior."""
    counts = [r.T @ share + share.mean(axis=0)[None] + 1e-9 for share in levels]
    return [np.log(count / count.sum(axis=1, keepdims=True)) for count in counts]


def _joint(basis: _Basis, state: TiedMixture, levels: list[Matrix], volume: float) -> Matrix:
    """Joint log densities of stores and components, (n, k), one column more where there are strays."""
    k, rows = len(basis.centres), len(basis.Y)
    joint = np.empty((rows, k + (state.stray > 0)), order="F")
    joint[:, :k] = log_densities(basis.Y, basis.centres, basis.spread)
    joint[:, :k] += np.log(np.maximum(state.weights, 1e-300))
    if levels:
        joint[:, :k] += log_levels(levels, state.level_logs, k, rows)
    if state.stray:
        joint[:, k] = np.log(state.stray) - volume - sum(np.log(log.shape[1]) for log in state.level_logs)
    return joint


def _maximise(state: TiedMixture, shares: Matrix, basis: _Basis, inverse: Matrix, with_strays: bool, free_noise: bool) -> None:
    Y, variance, spread, axes = basis.Y, basis.variance, basis.spread, basis.axes
    k = len(basis.centres)
    r = shares[:, :k]
    sizes, member = np.ones(len(Y)) @ r, r @ np.ones(k)
    total = float(sizes.sum())
    if with_strays:
        state.stray = min(max(1 - total / len(Y), 1e-6), MOST_STRAYS)
    state.weights = np.maximum(sizes, 1e-10) / total * (1 - state.stray)
    # the means that maximise given W: each store counts by the inverse of its variance
    precision = 1.0 / spread
    new = (r.T @ (Y * precision)) / np.maximum(r.T @ precision, 1e-300)
    gain = variance * precision  # how much of a store's residual is real, by direction
    scatter, leftover = _scatter(Y, new, gain, r, inverse if free_noise else None)
    uncertain = variance - variance * gain  # posterior variance of a store's true place
    scatter.flat[:: len(scatter) + 1] += member @ uncertain
    if free_noise:
        leftover += float((uncertain.sum(axis=1) * member / inverse).sum())
        state.noise = leftover / (total * max(Y.shape[1], 1))
    state.covariance = axes @ (scatter / total) @ axes.T
    state.means = new @ axes.T


def _scatter(Y: Matrix, means: Matrix, gain: Matrix, r: Matrix, inverse: Matrix | None) -> tuple[Matrix, float]:
    """Scatter of the real part of the residuals (d, d), and the sum of squares of the rest in units of noise."""
    d, leftover = Y.shape[1], 0.0
    scatter = np.zeros((d, d))
    of_cluster = r.T
    is_member = of_cluster > NO_MEMBER
    clusters, stores = np.nonzero(is_member)
    root = np.sqrt(of_cluster[is_member])
    block = max(1, BLOCK_NUMBERS // max(d, 1))
    for i in range(0, len(stores), block):
        store, cluster = stores[i : i + block], clusters[i : i + block]
        residual = np.take(Y, store, axis=0)
        residual -= np.take(means, cluster, axis=0)
        residual *= root[i : i + block, None]
        real = residual * np.take(gain, store, axis=0)
        scatter += real.T @ real
        if inverse is not None:
            leftover += float((((residual - real) ** 2).sum(axis=1) / inverse[store]).sum())
    return scatter, leftover
