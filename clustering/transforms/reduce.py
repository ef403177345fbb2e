"""Fewer dimensions: principal components, and kernel principal components."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from clustering.config import Features
from clustering.transforms.table import Matrix

KERNEL_ROWS = 5_000


@dataclass
class Components:
    """`mean` (p,) and `axes` (d, p); the coordinates of X are (X - mean) @ axes.T."""

    mean: Matrix
    axes: Matrix
    explained: Matrix

    def transform(self, X: Matrix) -> Matrix:
        return np.asarray((X - self.mean) @ self.axes.T)


def fit_components(X: Matrix, config: Features, seed: int) -> Any:
    """Fit `config.reduce` to X (n_stores, p), giving an object with transform(X) -> (n_stores, d), d >= 1."""
    if config.reduce == "kernel_pca":
        from sklearn.decomposition import KernelPCA

        step = max(1, len(X) // KERNEL_ROWS)
        wanted = min(config.max_components or 8, len(X[::step]) - 1, max(X.shape[1], 1))
        return KernelPCA(n_components=max(wanted, 1), kernel="rbf", random_state=seed, eigen_solver="dense").fit(X[::step])
    mean = X.mean(axis=0)
    if config.reduce == "none":
        return Components(mean, np.eye(X.shape[1]), X.var(axis=0))
    variance, axes = principal_axes(X - mean)
    kept = _enough(variance, config.variance)
    kept = min(kept, config.max_components or kept)
    return Components(mean, axes[:kept], variance[:kept])


def principal_axes(centred: Matrix) -> tuple[Matrix, Matrix]:
    """Variances (largest first) and axes of centred rows; each axis points to its largest loading."""
    covariance = centred.T @ centred / max(len(centred), 1)
    variance, axes = np.linalg.eigh(covariance)
    variance, axes = np.maximum(variance[::-1], 0), axes[:, ::-1].T
    # among loadings of nearly the same size the first decides, or rounding would choose the sign
    size = np.round(np.abs(axes), 8)
    signs = np.sign(axes[np.arange(len(axes)), size.argmax(axis=1)]) if axes.size else np.ones(0)
    return variance, axes * np.where(signs == 0, 1, signs)[:, None]


def _enough(variance: Matrix, share: float) -> int:
    """The number of components that explain `share` of the variance, without those that explain nothing."""
    total = variance.sum()
    if total <= 1e-18:
        return 1
    reached = int(np.searchsorted(np.cumsum(variance) / total, share - 1e-12) + 1)
    return max(1, min(reached, int((variance > 1e-12 * total).sum())))
