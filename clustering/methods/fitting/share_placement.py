"""Places a store in the segment whose mean mix is nearest to its own, over the noise of its sales.

What a store sold is its own mix and sampling noise. Its own mix is estimated by shrinking what it
sold towards the mean of all stores (empirical Bayes, Efron and Morris 1973), the more the less it
sold. The probability of a segment is that of a second sample of the same size falling in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Matrix
from clustering.methods.fitting.placement import normalised
from clustering.methods.transforms.distances import squared_distances

DRAWS = 128
CELLS = 2_000_000  # numbers in memory at once


@dataclass
class SamplingNoise:
    """Variance `factor` / sales of a store's coordinates; the stores' own mixes vary by `between`
    (d,) around `centre` (d,).
    """

    factor: float
    centre: Matrix
    between: Matrix

    def shrunk(self, X: Matrix, information: Matrix) -> tuple[Matrix, Matrix]:
        """The expected own coordinates (n, d) of stores, and how much of a deviation is kept."""
        noise = self.factor / np.maximum(information, 1e-12)
        kept = self.between / (self.between + noise[:, None])
        return self.centre + kept * (X - self.centre), kept

    def of_second_sample(self, kept: Matrix, information: Matrix) -> Matrix:
        """Standard deviations (n, d) of where a second sample of the same size would put a store.

        Its own mix has variance kept * noise given the first sample; the second sample adds its
        noise, shrunk in the same way: kept squared * noise.
        """
        noise = self.factor / np.maximum(information, 1e-12)
        return np.asarray(np.sqrt(kept * (1 + kept) * noise[:, None]))


def estimate_sampling_noise(
    X: Matrix, information: Matrix, factor: float | None
) -> SamplingNoise | None:
    """Estimate how much stores vary beyond sampling noise, by moments; None where the noise factor
    is not known.

    Stores count the less the noisier they are, so that a few tiny ones decide nothing.
    """
    if factor is None or factor <= 0 or not np.isfinite(information).all() or len(X) < 2:
        return None
    noise = factor / np.maximum(information, 1e-12)
    weight = 1.0 / (1.0 + noise / np.median(noise))
    weight /= weight.sum()
    centre = weight @ X
    between = weight @ (X - centre) ** 2 - weight @ noise
    return SamplingNoise(float(factor), centre, np.maximum(between, 1e-3 * (weight @ X**2).mean()))


@dataclass
class SharePlacement:
    """The nearest centre (k, p) among shares, which are the squares of mean + X @ axes: Hellinger
    coordinates undone. Without `noise`, probabilities are those of spherical Gaussians of one
    variance.
    """

    mean: Matrix
    axes: Matrix
    centres: Matrix
    variance: float
    noise: SamplingNoise | None = None

    @property
    def k(self) -> int:
        """The number of segments."""
        return len(self.centres)

    def shares(self, X: Matrix) -> Matrix:
        """The shares (n_stores, p) behind the coordinates."""
        return np.asarray((self.mean + X @ self.axes) ** 2)

    def nearest(self, X: Matrix, information: Matrix) -> NDArray[np.int64]:
        """The segment of each row."""
        own = self.noise.shrunk(X, information)[0] if self.noise else X
        return np.asarray(squared_distances(self.shares(own), self.centres).argmin(axis=1))

    def responsibilities(self, X: Matrix, information: Matrix) -> Matrix:
        """Probabilities (n_stores, k) of the segments."""
        if self.noise:
            return self._by_draws(self.noise, X, information)
        distances = squared_distances(self.shares(X), self.centres)
        return normalised(-0.5 * distances / self.variance)

    def _by_draws(self, noise: SamplingNoise, X: Matrix, information: Matrix) -> Matrix:
        """Shares of the draws that fall in each segment."""
        own, kept = noise.shrunk(X, information)
        spread = noise.of_second_sample(kept, information)
        normal, (k, p) = standard_normals(DRAWS, X.shape[1]), self.centres.shape
        half = 0.5 * (self.centres**2).sum(axis=1)
        found = np.empty((len(X), k))
        block = max(1, CELLS // (DRAWS * p))
        for i in range(0, len(X), block):
            rows = slice(i, i + block)
            drawn = own[rows, None] + spread[rows, None] * normal
            score = self.shares(drawn.reshape(-1, X.shape[1])) @ self.centres.T - half
            place = np.repeat(np.arange(len(drawn)), DRAWS) * k + score.argmax(axis=1)
            found[rows] = np.bincount(place, minlength=len(drawn) * k).reshape(-1, k) / DRAWS
        return np.asarray((found * DRAWS + 0.5 / k) / (DRAWS + 0.5))


def standard_normals(draws: int, d: int) -> Matrix:
    """Points (draws, d) spread evenly over a standard normal distribution, always the same.

    A Kronecker sequence with the powers of the generalised golden ratio, made uncorrelated, and its
    mirror image.
    """
    from scipy.special import ndtri

    ratio, half = 2.0, draws // 2
    for _ in range(40):  # the root of x ** (d + 1) = x + 1
        ratio = (1 + ratio) ** (1 / (d + 1))
    steps = ratio ** -np.arange(1.0, d + 1)
    left, _, right = np.linalg.svd(
        ndtri((0.5 + np.arange(1, half + 1)[:, None] * steps) % 1.0), full_matrices=False
    )
    points = np.sqrt(max(half, d)) * left @ right
    return np.vstack([points, -points])
