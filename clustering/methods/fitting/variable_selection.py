"""Mixtures whose clusters differ in some attributes only, each attribute independent of the others
within a cluster.

Every step of EM keeps the attributes in which the clusters differ by more than BIC asks for; the
others are described once for all stores. So a hundred attributes that have nothing to do with the
clusters cost nothing, where a covariance of all of them would need more stores than there are.
After Law, Figueiredo and Jain (2004); BIC attribute by attribute as in Marbac and Sedki (2017), and
extended by the number of choices there were (Chen and Chen 2008): among many attributes some seem
to differ by chance.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import lgamma

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Matrix
from clustering.methods.fitting.em import level_logs
from clustering.methods.fitting.placement import (
    GaussianPlacement,
    log_densities,
    log_levels,
    normalised,
)
from clustering.methods.fitting.space import Labels, Space, level_shares

ITERATIONS = 200
TOLERANCE = 1e-4  # of BIC per store
MOST_FACTORS = 5
ROUNDS = 4  # trees grown in the attributes that the last one left
RIDGE = 1e-3  # of an attribute's variance: the least within a cluster
FEWEST, FIRST = 2, 2  # attributes that the first steps keep, and how many steps these are


@dataclass(frozen=True)
class AttributeMixture:
    """Weights (k,), means (k, p) and `variance` (p,) of the attributes, which are X @ `loadings`
    (d, p); which of them and of the categorical ones clusters differ in, `selected` (p + q,).
    """

    weights: Matrix
    means: Matrix
    variance: Matrix
    level_logs: list[Matrix]
    selected: NDArray[np.bool_]
    responsibilities: Matrix
    bic: float
    loadings: Matrix
    stray: float = 0.0

    @property
    def labels(self) -> Labels:
        """The most probable cluster of every store (n_stores,)."""
        return np.asarray(self.responsibilities.argmax(axis=1))

    def placement(self, blocks: tuple[tuple[int, int], ...]) -> GaussianPlacement:
        """`blocks` are those of the space that stores will be placed in."""
        covariance = (self.loadings * self.variance) @ self.loadings.T
        means = self.means @ self.loadings.T
        return GaussianPlacement(
            self.weights, means, covariance[None], 0.0, list(blocks), self.level_logs
        )


def fit_selected(space: Space, ks: Sequence[int]) -> dict[int, list[AttributeMixture]]:
    """Give the mixtures found for each of `ks`, from Ward trees in all attributes and in those that
    a tree before left; where `space` goes on from a baseline, from its clusters alone.
    """
    attributes = _Attributes.of(space)
    found: dict[int, list[AttributeMixture]] = {}
    left: NDArray[np.bool_] | None = None
    for k in sorted(ks):
        found[k] = [attributes.fit(space.start(k), k)]
        if k > 1 and space.selected is None and space.continued(k) is None:
            first = found[k][0].selected
            found[k] += _by_trees(attributes, space, k, first)
            if left is not None and (left != first).any():
                found[k] += _by_trees(attributes, space, k, left)
        left = min(found[k], key=lambda one: one.bic).selected
    return found


def continued_selected(space: Space, before: AttributeMixture, k: int) -> AttributeMixture:
    """The same mixture for all stores of which it was fitted to a part."""
    placed = before.placement(space.blocks).responsibilities(space.X, space.information)
    return _Attributes.of(space).fit(placed.argmax(axis=1), k)


def bic_of_factors(space: Space) -> float:
    """The lowest BIC of all stores as one cluster in which a few factors move the attributes."""
    from sklearn.decomposition import FactorAnalysis
    from sklearn.exceptions import ConvergenceWarning

    attributes = _Attributes.of(space)
    numbers, one_cluster = attributes.numbers, np.zeros(len(space.X), dtype=np.int64)
    n, p = numbers.shape
    of_levels = replace(attributes, numbers=numbers[:, :0], known=None).fit(one_cluster, 1).bic
    found = [np.inf]
    for q in range(1, min(MOST_FACTORS, (p - 1) // 2) + 1):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            factors = FactorAnalysis(q, svd_method="lapack").fit(numbers)
        free = 2 * p + p * q - q * (q - 1) / 2
        found.append(free * np.log(n) - 2 * n * float(factors.score(numbers)) + of_levels)
        if found[-1] > found[-2]:
            break
    return min(found)


def _by_trees(
    attributes: _Attributes, space: Space, k: int, selected: NDArray[np.bool_]
) -> list[AttributeMixture]:
    found: list[AttributeMixture] = []
    while selected.any() and len(found) < ROUNDS:
        found.append(attributes.fit(space.of_attributes(selected).start(k), k))
        if (found[-1].selected == selected).all():
            break
        selected = found[-1].selected
    return found


@dataclass(frozen=True)
class _Attributes:
    """Numbers (n_stores, p), and the shares (n_stores, n_levels) of the categorical ones."""

    numbers: Matrix
    levels: list[Matrix]
    loadings: Matrix
    known: NDArray[np.bool_] | None  # the attributes that clusters differ in

    @classmethod
    def of(cls, space: Space) -> _Attributes:
        loadings = np.eye(space.numeric) if space.loadings is None else space.loadings
        levels = level_shares(space.X, space.blocks)
        return cls(space.attributes, levels, loadings, space.selected)

    def fit(self, labels: Labels, k: int) -> AttributeMixture:
        """Fit k clusters by EM from `labels` (n_stores,) in 0..k-1."""
        n, p = self.numbers.shape
        each = np.array([1] * p + [part.shape[1] - 1 for part in self.levels])
        of_all, previous = self._described(np.ones((n, 1))), np.inf
        r = np.eye(k)[labels]
        for iteration in range(ITERATIONS):
            mine = self._described(r)
            selected = self._selected(of_all, mine, is_first=iteration < FIRST)
            now = _with_selected(of_all, mine, selected)
            weights = np.maximum(r.mean(axis=0), 1e-10)
            joint = log_densities(self.numbers, now.means, now.variance[None])
            joint += log_levels(self.levels, now.level_logs, k, n) + np.log(weights)
            r, likelihood = normalised(joint), np.logaddexp.reduce(joint, axis=1).sum()
            free = k - 1 + (each * np.where(selected, k, 1)).sum() + p
            bic = float(-2 * likelihood + free * np.log(n)) + 2 * _log_choices(selected, k)
            if abs(previous - bic) < TOLERANCE * n:
                break
            previous = bic
        return AttributeMixture(
            weights, now.means, now.variance, now.level_logs, selected, r, bic, self.loadings
        )

    def _selected(self, of_all: _Described, mine: _Described, is_first: bool) -> NDArray[np.bool_]:
        """The attributes (p + q,) that clusters differ in."""
        if self.known is not None and len(mine.means) > 1:
            return self.known
        gains = _gains(of_all, mine, len(self.numbers))
        selected = gains > 0
        if is_first and len(mine.means) > 1:
            selected[np.argsort(-gains, kind="stable")[:FEWEST]] = True
        return np.asarray(selected)

    def _described(self, r: Matrix) -> _Described:
        """What clusters of responsibilities r (n, k) are like in every attribute."""
        sizes = np.maximum(r.sum(axis=0), 1e-10)
        means = (r.T @ self.numbers) / sizes[:, None]
        square = (self.numbers**2).mean(axis=0)
        variance = square - (sizes[:, None] * means**2).sum(axis=0) / len(r)
        least = np.maximum(RIDGE * (square - self.numbers.mean(axis=0) ** 2), 1e-12)
        logs = [one[0] for one in level_logs([part.T for part in self.levels], r.T[None])]
        of_levels = [
            float(((r.T @ part) * own).sum()) for part, own in zip(self.levels, logs, strict=True)
        ]
        return _Described(means, np.maximum(variance, least), logs, np.array(of_levels))


@dataclass(frozen=True)
class _Described:
    """Means (k, p) and variance (p,) of numbers; logs of the level probabilities (k, n_levels) of
    every categorical attribute and its log likelihood (q,).
    """

    means: Matrix
    variance: Matrix
    level_logs: list[Matrix]
    of_levels: Matrix


def _gains(of_all: _Described, mine: _Described, n: int) -> Matrix:
    """By how much BIC falls where clusters differ in an attribute (p + q,)."""
    more = len(mine.means) - 1
    of_numbers = n * np.log(of_all.variance / mine.variance) - more * np.log(n)
    free = np.array([more * (logs.shape[1] - 1) for logs in mine.level_logs])
    of_levels = 2 * (mine.of_levels - of_all.of_levels) - free * np.log(n)
    return np.concatenate([of_numbers, of_levels])


def _log_choices(selected: NDArray[np.bool_], k: int) -> float:
    """The log of the number of ways to choose so many attributes of all."""
    of_all, some = len(selected), int(selected.sum())
    return lgamma(of_all + 1) - lgamma(some + 1) - lgamma(of_all - some + 1) if k > 1 else 0.0


def _with_selected(of_all: _Described, mine: _Described, selected: NDArray[np.bool_]) -> _Described:
    """Clusters differ in the `selected` attributes, and are like all stores in the others."""
    p = len(mine.variance)
    pairs = zip(mine.level_logs, of_all.level_logs, selected[p:], strict=True)
    return _Described(
        np.where(selected[:p], mine.means, of_all.means),
        np.where(selected[:p], mine.variance, of_all.variance),
        [own if kept else np.repeat(every, len(own), axis=0) for own, every, kept in pairs],
        mine.of_levels,
    )
