"""What several mixtures of the same stores consist of while EM fits them side by side."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Matrix
from clustering.methods.fitting.space import Space, gaussian_part, level_shares

SMALLEST = 1e-300


@dataclass(frozen=True)
class StoreArrays:
    """Coordinates X (d, n) around `centre` (d,), 1 / information of each store (n,), 0 without
    noise, and the shares (n_levels, n) of every categorical attribute; a stray is as probable
    anywhere in the `volume`.
    """

    X: Matrix
    centre: Matrix
    inverse: Matrix
    levels: list[Matrix]
    volume: float  # log

    @cached_property
    def typical_inverse(self) -> float:
        """The median of 1 / information."""
        return float(np.median(self.inverse))

    @classmethod
    def of(cls, space: Space, has_noise: bool) -> StoreArrays:
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
