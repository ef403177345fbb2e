"""Gaussian mixtures started from the Ward tree; by default one covariance for all clusters, aware
of sampling noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from clustering.config import Model, one_of

if TYPE_CHECKING:
    from clustering.methods.fitting.candidate import Candidate
    from clustering.methods.fitting.placement import SegmentPlacement
    from clustering.methods.fitting.space import Space
    from clustering.methods.transforms.reduce import Components


@dataclass
class Settings(Model):
    """Settings of model=gmm."""

    name: str = "gmm"
    # tied: one covariance for all clusters; the others give each cluster its own
    covariance: str = one_of("tied", "full", "diag", "spherical", default="tied")
    # tied: model the sampling noise of each store's mix
    noise: bool = True
    # tied: exclude outliers while fitting
    strays: bool = True
    # tied: choose by BIC along how many principal components clusters differ
    dimensions: bool = True
    # tied: let clusters differ in how widely their stores are spread, where BIC prefers it
    volumes: bool = True
    # tied: let clusters differ in some attributes only, where BIC prefers it
    variable_selection: bool = True


def fit(space: Space, settings: Settings, ks: Sequence[int], seed: int) -> dict[int, Candidate]:
    """Give a mixture for each k in `ks`; those that cannot have the lowest BIC are not iterated to
    the end.
    """
    return (
        _tied(space, settings, ks)
        if settings.covariance == "tied"
        else _other(space, settings, ks, seed)
    )


def _tied(space: Space, settings: Settings, ks: Sequence[int]) -> dict[int, Candidate]:
    from clustering.methods.fitting.mixture import estimate_noise
    from clustering.methods.fitting.search import Freedom, fit_mixtures

    noise = space.noise if settings.noise else 0.0
    if noise is None:
        noise = estimate_noise(space, max(ks), settings.strays)
    freedom = Freedom(
        settings.dimensions, settings.volumes, settings.strays, settings.variable_selection
    )
    return fit_mixtures(space, ks, noise, freedom)


def segment(space: Space, mix: Components | None, ks: Sequence[int]) -> dict[int, SegmentPlacement]:
    """Cut a continuum, where a mixture has no groups to find, by k-means in which a store counts by
    its sales.

    Stores are compared by their shares where `mix`, the components of Hellinger coordinates, allows
    to go back to them: what a merchant moves on a shelf is share, not the root of it.
    """
    from clustering.methods.fitting.lloyd import cut_into
    from clustering.methods.fitting.share_placement import SharePlacement, estimate_sampling_noise

    weights = space.information if space.has_noise else None
    if mix is None:
        return {k: cut_into(space, k, weights) for k in ks}
    shares = replace(
        space, X=SharePlacement(mix.mean, mix.axes, mix.mean[None], 1.0).shares(space.X)
    )
    shares.starts(ks)  # for all k at once: cut_into asks for one
    found = {k: cut_into(shares, k, weights) for k in ks}
    noise = estimate_sampling_noise(space.X, space.information, space.noise)
    return {
        k: SharePlacement(mix.mean, mix.axes, one.centres, one.variance, noise)
        for k, one in found.items()
    }


def _other(space: Space, settings: Settings, ks: Sequence[int], seed: int) -> dict[int, Candidate]:
    """By scikit-learn, from the same start."""
    import numpy as np
    from sklearn.mixture import GaussianMixture

    from clustering.methods.fitting.candidate import Candidate
    from clustering.methods.fitting.placement import GaussianPlacement
    from clustering.methods.fitting.space import means_by_label

    X, found = space.X, {}
    identity = np.eye(X.shape[1])
    for k in ks:
        start = space.start(k)
        mixture = GaussianMixture(
            k,
            covariance_type=settings.covariance,
            means_init=means_by_label(X, start, k),
            weights_init=np.bincount(start, minlength=k) / len(start),
            random_state=seed,
            max_iter=200,
            reg_covar=1e-6 * float(X.var(axis=0).mean()) + 1e-12,
        ).fit(X)
        # scikit-learn gives a matrix, a diagonal or a number for each cluster, by kind
        covariances = np.array(
            [
                np.diag(c) if np.ndim(c) == 1 else c * (identity if np.ndim(c) == 0 else 1.0)
                for c in mixture.covariances_
            ]
        )
        r = mixture.predict_proba(X)
        bic = float(mixture.bic(X))
        icl = bic - 2 * float((r * np.log(np.maximum(r, 1e-300))).sum())
        placement = GaussianPlacement(mixture.weights_, mixture.means_, covariances)
        found[k] = Candidate(placement, r.argmax(axis=1), bic, icl)
    return found
