"""How many leading axes clusters differ along; the others are Gaussians without clusters."""

from __future__ import annotations

import numpy as np

from clustering.arrays import Matrix
from clustering.methods.fitting.space import Space

FRACTIONS = (0.2, 0.5, 1.0)
MOST_OFTEN = 8  # a number of dimensions that is tried whatever the number of axes
STEPS = 12
RIDGE = 1e-3  # of an axis' variance: the least that is not sampling noise


def dimensions(axes: int) -> list[int]:
    """The numbers of leading axes that are tried, smallest first."""
    tried = {max(1, round(axes * fraction)) for fraction in FRACTIONS}
    return sorted(tried | {min(axes, MOST_OFTEN)}) if axes else [0]


def axis_bics(space: Space, noise: float) -> Matrix:
    """BIC (d,) of each numeric axis as one Gaussian, its variance v + noise / n for a store of
    information n.

    The variance is found by Fisher scoring. Added up over the axes that clusters do not differ
    along, and added to the BIC of a mixture on the others, it makes mixtures on different numbers
    of axes comparable (Raftery and Dean 2006).
    """
    X, n = space.X[:, : space.numeric], len(space.X)
    extra = (noise / space.information if noise else np.zeros(n))[:, None]
    square = (X - X.mean(axis=0)) ** 2
    least = np.maximum(RIDGE * square.mean(axis=0), 1e-12)
    variance = np.maximum(square.mean(axis=0) - extra.mean(), least)
    for _ in range(STEPS if noise else 1):
        weight = (variance + extra) ** -2.0
        variance = np.maximum((weight * (square - extra)).sum(axis=0) / weight.sum(axis=0), least)
    spread = variance + extra
    log_likelihood = -0.5 * (square / spread + np.log(2 * np.pi * spread)).sum(axis=0)
    return np.asarray(-2 * log_likelihood + 2 * np.log(n))
