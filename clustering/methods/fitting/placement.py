"""What places a store: any store, also one that came after the fit, also for models that cannot
predict.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Matrix
from clustering.methods.fitting.space import gaussian_part, level_shares
from clustering.methods.transforms.distances import squared_distances

BLOCK = 100_000
RIDGE = 1e-6  # times the mean variance: the least variance in any direction


class Placement(Protocol):
    """Gives the probability of each cluster for any store."""

    @property
    def k(self) -> int: ...

    def responsibilities(self, X: Matrix, information: Matrix) -> Matrix:
        """Rows of probabilities (n_stores, k) that sum to 1, for coordinates X (n_stores, d)."""
        ...


class SegmentPlacement(Placement, Protocol):
    """One that also says quickly which segment is nearest."""

    def nearest(self, X: Matrix, information: Matrix) -> NDArray[np.int64]:
        """The segment (n_stores,) of each row of X (n_stores, d)."""
        ...


@dataclass
class GaussianPlacement:
    """A mixture of Gaussians: cluster c has covariances[c] (all share covariances[0] if there is
    only one).

    A store of information n adds noise / n to every variance (noise 0 or NaN information: none).
    Encoded levels (see Space.blocks) are independent within a cluster: `level_logs[b]` (k,
    n_levels) are the logs of their probabilities.
    """

    weights: Matrix
    means: Matrix
    covariances: Matrix
    noise: float = 0.0
    blocks: list[tuple[int, int]] = field(default_factory=list)
    level_logs: list[Matrix] = field(default_factory=list)

    @property
    def k(self) -> int:
        return len(self.means)

    def responsibilities(self, X: Matrix, information: Matrix) -> Matrix:
        return np.vstack(
            [
                normalised(self._joint(X[i : i + BLOCK], information[i : i + BLOCK]))
                for i in range(0, len(X), BLOCK)
            ]
            or [np.zeros((0, self.k))]
        )

    def _joint(self, X: Matrix, information: Matrix) -> Matrix:
        of_levels = log_levels(level_shares(X, self.blocks), self.level_logs, self.k, len(X))
        extra = self._extra(information, len(X))
        X = gaussian_part(X, self.blocks)[:, : self.means.shape[1]]
        parts = np.empty((len(X), self.k))
        for number, covariance in enumerate(self.covariances):
            variance, axes = np.linalg.eigh(covariance)
            clusters = slice(None) if len(self.covariances) == 1 else slice(number, number + 1)
            parts[:, clusters] = log_densities(
                X @ axes, self.means[clusters] @ axes, floored(variance) + extra
            )
        return parts + of_levels + np.log(self.weights)

    def _extra(self, information: Matrix, rows: int) -> Matrix:
        with np.errstate(divide="ignore", invalid="ignore"):
            extra = self.noise / information
        return (
            np.where(np.isfinite(extra), extra, 0.0)[:, None] if self.noise else np.zeros((rows, 1))
        )


@dataclass
class CentroidPlacement:
    """The nearest centre (k, d); probabilities as of spherical Gaussians of one variance."""

    centres: Matrix
    variance: float

    @property
    def k(self) -> int:
        return len(self.centres)

    def nearest(self, X: Matrix, information: Matrix) -> NDArray[np.int64]:
        """The cluster of each row."""
        return np.asarray(squared_distances(X, self.centres).argmin(axis=1))

    def responsibilities(self, X: Matrix, information: Matrix) -> Matrix:
        parts = [
            normalised(-0.5 * squared_distances(X[i : i + BLOCK], self.centres) / self.variance)
            for i in range(0, len(X), BLOCK)
        ]
        return np.vstack(parts or [np.zeros((0, self.k))])


@dataclass
class NeighbourPlacement:
    """The vote of the nearest labelled stores, each weighing one over its squared distance; for
    clusters of any shape.
    """

    reference: Matrix
    labels: NDArray[np.int64]
    clusters: int
    neighbours: int = 10

    @property
    def k(self) -> int:
        return self.clusters

    def responsibilities(self, X: Matrix, information: Matrix) -> Matrix:
        from scipy.spatial import cKDTree

        wanted = min(self.neighbours, len(self.reference))
        distance, index = cKDTree(self.reference).query(X, k=wanted)
        distance, index = distance.reshape(len(X), wanted), index.reshape(len(X), wanted)
        votes = np.zeros((len(X), self.clusters))
        weight = 1.0 / np.maximum(distance, 1e-9) ** 2
        np.add.at(votes, (np.arange(len(X))[:, None], self.labels[index]), weight)
        return np.asarray(votes / votes.sum(axis=1, keepdims=True))


def floored(variance: Matrix) -> Matrix:
    """Variances (d,) none of which is so small that one point would be infinitely likely."""
    return np.asarray(
        np.maximum(variance, max(RIDGE * float(variance.sum()) / max(variance.size, 1), 1e-12))
    )


def log_densities(Y: Matrix, means: Matrix, variances: Matrix) -> Matrix:
    """Log densities (n, k) of rows Y (n, d) under Gaussians at `means` (k, d) with diagonal
    `variances` (n or 1, d).

    In column order: what follows goes along the stores, of whom there are more than clusters.
    """
    precision, ones = 1.0 / variances, np.ones(Y.shape[1])
    scaled = Y * precision
    distance = means @ scaled.T
    distance *= -2
    distance += means**2 @ precision.T
    distance += (Y * scaled) @ ones
    np.maximum(distance, 0, out=distance)
    distance += np.log(variances) @ ones + Y.shape[1] * np.log(2 * np.pi)
    distance *= -0.5
    return np.asarray(distance.T)


def log_levels(shares: Sequence[Matrix], logs: Sequence[Matrix], k: int, rows: int) -> Matrix:
    """Log probabilities (n, k) of the stores' levels in each cluster; the expected log where a
    level is unknown.
    """
    total = np.zeros((rows, k))
    for share, log in zip(shares, logs, strict=True):
        total += share @ log.T
    return total


def normalised(logs: Matrix) -> Matrix:
    """Rows of probabilities that sum to 1, from their logs up to a constant."""
    shifted = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))
