"""Gaussian mixtures started from the Ward tree; by default one covariance for all clusters, aware of sampling noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from clustering.config import Model, one_of

if TYPE_CHECKING:
    from clustering.fitting.candidate import Candidate
    from clustering.fitting.space import Space
    from clustering.transforms.table import Matrix


@dataclass
class Settings(Model):
    name: str = "gmm"
    # tied: one covariance for all clusters; the others give each its own
    covariance: str = one_of("tied", "full", "diag", "spherical", default="tied")
    # tied: model the sampling noise of each store's mix
    noise: bool = True
    # tied: let stores that fit nowhere stand aside while fitting
    strays: bool = True


def fit(space: Space, settings: Settings, ks: Sequence[int], seed: int) -> dict[int, Candidate]:
    """Give a mixture for each k in `ks`."""
    return _tied(space, settings, ks) if settings.covariance == "tied" else _other(space, settings, ks, seed)


def _tied(space: Space, settings: Settings, ks: Sequence[int]) -> dict[int, Candidate]:
    from clustering.fitting.candidate import Candidate
    from clustering.fitting.mixture import estimate_noise, fit_tied_mixture

    noise = estimate_noise(space, max(ks)) if settings.noise else None
    found = {}
    for k in ks:
        mixture = fit_tied_mixture(space, space.start(k), noise, settings.strays)
        placement, n = mixture.placement(), len(space.X)
        labels = placement.responsibilities(space.X, space.information).argmax(axis=1)
        found[k] = Candidate(placement, labels, mixture.bic(n), mixture.icl(n))
    return found


def segment(space: Space, metric: Matrix, ks: Sequence[int]) -> dict[int, Candidate]:
    """Give segments of a continuum, where a mixture has no groups to find: k-means by sales in the space X @ metric."""
    from clustering.fitting.candidate import from_placement
    from clustering.fitting.lloyd import fit_kmeans

    weights = space.information if space.has_noise else None
    return {k: from_placement(space, fit_kmeans(space.X, space.start(k), weights, metric)) for k in ks}


def _other(space: Space, settings: Settings, ks: Sequence[int], seed: int) -> dict[int, Candidate]:
    """By scikit-learn, from the same start."""
    import numpy as np
    from sklearn.mixture import GaussianMixture

    from clustering.fitting.candidate import Candidate
    from clustering.fitting.placement import GaussianPlacement
    from clustering.fitting.space import means_by_label

    X, found = space.X, {}
    identity = np.eye(X.shape[1])
    for k in ks:
        start = space.start(k)
        mixture = GaussianMixture(
            k, covariance_type=settings.covariance, means_init=means_by_label(X, start, k),
            weights_init=np.bincount(start, minlength=k) / len(start), random_state=seed, max_iter=200,
            reg_covar=1e-6 * float(X.var(axis=0).mean()) + 1e-12,
        ).fit(X)  # fmt: skip
        # scikit-learn gives a matrix, a diagonal or a number for each cluster, by kind
        covariances = np.array(
            [np.diag(c) if np.ndim(c) == 1 else c * (identity if np.ndim(c) == 0 else 1.0) for c in mixture.covariances_]
        )
        r = mixture.predict_proba(X)
        bic = float(mixture.bic(X))
        icl = bic - 2 * float((r * np.log(np.maximum(r, 1e-300))).sum())
        placement = GaussianPlacement(mixture.weights_, mixture.means_, covariances)
        found[k] = Candidate(placement, r.argmax(axis=1), bic, icl)
    return found
