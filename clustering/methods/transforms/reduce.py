"""Fewer dimensions: principal components, and kernel principal components."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clustering.arrays import Matrix, Transformer
from clustering.config import Features

KERNEL_ROWS = 5_000
CHANCE_DRAWS = 20
CHANCE_ROWS = 10_000


@dataclass
class Components:
    """`mean` (p,) and `axes` (d, p); the coordinates of X are (X - mean) @ axes.T."""

    mean: Matrix
    axes: Matrix
    explained: Matrix

    def transform(self, X: Matrix) -> Matrix:
        return np.asarray((X - self.mean) @ self.axes.T)


def fit_components(X: Matrix, config: Features, seed: int) -> Transformer:
    """Fit `config.reduce` to X (n_stores, p), giving an object with transform(X) -> (n_stores, d);
    d >= 1 unless p is 0.
    """
    if X.shape[1] == 0:
        return no_components()
    if config.reduce == "kernel_pca":
        from sklearn.decomposition import KernelPCA

        step = max(1, len(X) // KERNEL_ROWS)
        wanted = min(config.max_components or 8, len(X[::step]) - 1, max(X.shape[1], 1))
        fitted: Transformer = KernelPCA(
            n_components=max(wanted, 1), kernel="rbf", random_state=seed, eigen_solver="dense"
        ).fit(X[::step])
        return fitted
    mean = X.mean(axis=0)
    if config.reduce == "none":
        return Components(mean, np.eye(X.shape[1]), X.var(axis=0))
    variance, axes = principal_axes(X - mean)
    kept = (
        above_chance(X, variance, seed)
        if config.reduce == "parallel_analysis"
        else _enough(variance, config.variance)
    )
    kept = min(kept, config.max_components or kept)
    return Components(mean, axes[:kept], variance[:kept])


def no_components() -> Components:
    """Components of a table without columns."""
    return Components(np.zeros(0), np.zeros((0, 0)), np.zeros(0))


def above_chance(X: Matrix, variance: Matrix, seed: int) -> int:
    """The number of components whose variance exceeds what unrelated columns would give, at least
    one.

    Parallel analysis (Horn 1965) by permutation (Buja and Eyuboglu 1992): each column is shuffled
    on its own, and a component counts as long as it beats the 95th percentile of the shuffled ones
    of its rank. Columns that have nothing to do with the others fall out here, however many there
    are.
    """
    rng = np.random.default_rng(seed)
    part = X[:: max(1, len(X) // CHANCE_ROWS)]
    shuffled = np.empty((CHANCE_DRAWS, X.shape[1]))
    for draw in range(CHANCE_DRAWS):
        columns = rng.permuted(part, axis=0)
        shuffled[draw] = principal_axes(columns - columns.mean(axis=0))[0]
    beaten = variance > np.quantile(shuffled, 0.95, axis=0)
    return max(1, int(np.argmin(beaten)) if not beaten.all() else len(beaten))


def principal_axes(centred: Matrix) -> tuple[Matrix, Matrix]:
    """Variances (largest first) and axes of centred rows; each axis points to its largest
    loading.
    """
    covariance = centred.T @ centred / max(len(centred), 1)
    variance, axes = np.linalg.eigh(covariance)
    variance, axes = np.maximum(variance[::-1], 0), axes[:, ::-1].T
    # among loadings of nearly the same size the first decides, or rounding would choose the sign
    size = np.round(np.abs(axes), 8)
    signs = np.sign(axes[np.arange(len(axes)), size.argmax(axis=1)]) if axes.size else np.ones(0)
    return variance, axes * np.where(signs == 0, 1, signs)[:, None]


def _enough(variance: Matrix, share: float) -> int:
    """The number of components that explain `share` of the variance, without those that explain
    nothing.
    """
    total = variance.sum()
    if total <= 1e-18:
        return 1
    reached = int(np.searchsorted(np.cumsum(variance) / total, share - 1e-12) + 1)
    return max(1, min(reached, int((variance > 1e-12 * total).sum())))
