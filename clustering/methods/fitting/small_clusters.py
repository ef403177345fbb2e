"""Whether a small cluster is a group of its own, or rather a handful of strays."""

from __future__ import annotations

import numpy as np

from clustering.arrays import Matrix
from clustering.methods.fitting.placement import GaussianPlacement, Placement
from clustering.methods.fitting.space import Labels, Space, gaussian_part

FEWEST, FEWEST_APART = 3, 6  # stores in any cluster, and in one that the gap around it keeps
LEAST_SHARE = 0.02  # of the stores, in a cluster that no gap keeps
APART = 6.0  # standard deviations from every other cluster
DENSE = 2.0  # times the spread of the other clusters


def is_too_small(placement: Placement, space: Space, labels: Labels, least_share: float) -> bool:
    """Whether a cluster of `labels` (n_stores,) has less than `least_share` of the stores, unless
    it lies far from all others and is as dense as they are.
    """
    sizes = np.bincount(labels, minlength=placement.k)
    small = np.flatnonzero(sizes < max(FEWEST, least_share * len(labels)))
    if not small.size:
        return False
    if not isinstance(placement, GaussianPlacement) or sizes[small].min() < FEWEST_APART:
        return True
    X = gaussian_part(space.X, space.blocks)[:, : placement.means.shape[1]]
    noise = placement.noise / space.information if placement.noise else np.zeros(len(X))
    return not all(
        _stands_apart(placement, X[labels == c], float(noise[labels == c].mean()), int(c))
        for c in small
    )


def _stands_apart(placement: GaussianPlacement, own: Matrix, noise: float, cluster: int) -> bool:
    """`own` are the coordinates of the stores of the cluster, `noise` their mean variance by
    sampling.
    """
    covariances, d = placement.covariances, own.shape[1]
    inverse = np.linalg.inv(covariances.mean(axis=0) + noise * np.eye(d))
    centre = placement.means[cluster]
    gaps, inner = np.delete(placement.means, cluster, axis=0) - centre, own - centre
    nearest = float(np.einsum("kd,de,ke->k", gaps, inverse, gaps).min(initial=np.inf))
    spread = float(np.einsum("nd,de,ne->n", inner, inverse, inner).mean())
    return nearest >= APART**2 and spread <= DENSE * d
