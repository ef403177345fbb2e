"""Sample data with a known answer: stores with planted clusters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Recipe:
    """What one planted category looks like."""

    stores: int = 800
    need_states: int = 12
    clusters: int = 4
    # how far cluster mixes lie apart: the standard deviation of the log-tilts; 0.3 is close, 1.0
    # well separated
    separation: float = 0.6
    # how much stores of one cluster differ: their mixes are Dirichlet around the cluster's mix with
    # this concentration (the NBD-Dirichlet model of buying, Goodhardt, Ehrenberg and Chatfield
    # 1984); small is more
    concentration: float = 150.0
    # units sold by the median store, and the log-normal spread of store sizes
    median_units: float = 2_000.0
    spread: float = 0.8
    outlier_share: float = 0.02
    # concentration of cluster sizes: large is even, 2 is uneven
    evenness: float = 8.0
    # concentration of the overall mix over need states: small leaves many of them nearly empty
    richness: float = 2.0


@dataclass(frozen=True)
class Planted:
    """A drawn category: counts (n_stores, n_need_states) of units, labels 0..k-1 (-1 for outlier
    stores).
    """

    counts: NDArray[np.int64]
    labels: NDArray[np.int64]
    # tilted[c, j]: need state j was planted as higher (+1) or lower (-1) than usual in cluster c, 0
    # as usual
    tilted: NDArray[np.int64]


def draw_mixes(recipe: Recipe, seed: int | list[int]) -> Planted:
    """Draw one category: a base mix, a log-tilt of some need states for each cluster, store
    variation, then units.
    """
    rng = np.random.default_rng(seed)
    base = np.log(rng.dirichlet(np.full(recipe.need_states, recipe.richness)) + 1e-4)
    tilts = _tilts(recipe, rng)
    labels = _labels(recipe, rng)
    logits = base + tilts[np.clip(labels, 0, None)]
    stray = labels < 0
    logits[stray] = base + rng.normal(
        0, 2.5 * max(recipe.separation, 0.5), (int(stray.sum()), recipe.need_states)
    )
    mixes = np.exp(logits)
    mixes /= mixes.sum(axis=1, keepdims=True)
    shares = rng.standard_gamma(recipe.concentration * mixes + 1e-6)
    shares /= shares.sum(axis=1, keepdims=True)
    units = np.maximum(
        rng.lognormal(np.log(recipe.median_units), recipe.spread, recipe.stores), 1
    ).astype(np.int64)
    return Planted(
        rng.multinomial(units, shares),
        labels,
        np.sign(np.where(np.abs(tilts) > 0.5 * recipe.separation, tilts, 0)).astype(np.int64),
    )


def _tilts(recipe: Recipe, rng: np.random.Generator) -> NDArray[np.float64]:
    """About half of the need states differ in each cluster; no two clusters are alike. One cluster
    has no tilt at all.
    """
    shape = (recipe.clusters, recipe.need_states)
    if recipe.clusters == 1:
        return np.zeros(shape)
    best = np.zeros(shape)
    widest = -1.0
    for _ in range(
        20
    ):  # of twenty draws keep the one whose nearest pair of clusters lies farthest apart
        tilts = rng.normal(0, recipe.separation, shape) * (rng.random(shape) < 0.5)
        gaps = np.linalg.norm(tilts[:, None] - tilts[None], axis=2)[
            np.triu_indices(recipe.clusters, 1)
        ]
        if gaps.min() > widest:
            best, widest = tilts, float(gaps.min())
    return best


def _labels(recipe: Recipe, rng: np.random.Generator) -> NDArray[np.int64]:
    sizes = rng.dirichlet(np.full(recipe.clusters, recipe.evenness))
    sizes = (
        0.6 / recipe.clusters * 0.5 + (1 - 0.3) * sizes
    )  # no cluster below about a third of an even share
    labels = rng.choice(recipe.clusters, recipe.stores, p=sizes / sizes.sum())
    strays = rng.choice(recipe.stores, round(recipe.outlier_share * recipe.stores), replace=False)
    labels[strays] = -1
    return labels.astype(np.int64)


@dataclass(frozen=True)
class Surroundings:
    """What planted attributes look like."""

    stores: int = 800
    clusters: int = 4
    informative: int = 5
    irrelevant: int = 10
    categorical: int = 2
    separation: float = 3.0
    skewed: float = 0.4
    gaps: float = 0.05


@dataclass(frozen=True)
class PlantedAttributes:
    """numbers (n_stores, p) with NaN for gaps; levels (n_stores, q) of level numbers; labels
    0..k-1.
    """

    numbers: NDArray[np.float64]
    levels: NDArray[np.int64]
    labels: NDArray[np.int64]


def draw_attributes(recipe: Surroundings, seed: int | list[int]) -> PlantedAttributes:
    """Draw attributes: informative columns shift by cluster, irrelevant ones do not, some are
    skewed, some have gaps.
    """
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, recipe.clusters, recipe.stores)
    centres = rng.normal(0, 1, (recipe.clusters, recipe.informative))
    for column in range(recipe.informative):  # spread the clusters over each informative column
        centres[:, column] = (
            rng.permutation(np.linspace(-1, 1, recipe.clusters)) if recipe.clusters > 1 else 0.0
        )
    informative = recipe.separation * centres[labels] + rng.normal(
        0, 1, (recipe.stores, recipe.informative)
    )
    numbers = np.hstack([informative, rng.normal(0, 1, (recipe.stores, recipe.irrelevant))])
    skewed = rng.random(numbers.shape[1]) < recipe.skewed
    numbers[:, skewed] = np.exp(0.7 * numbers[:, skewed])
    numbers[rng.random(numbers.shape) < recipe.gaps] = np.nan
    levels = np.zeros((recipe.stores, recipe.categorical), dtype=np.int64)
    for column in range(recipe.categorical):
        preferred = rng.integers(0, 4, recipe.clusters)[labels]
        levels[:, column] = np.where(
            rng.random(recipe.stores) < 0.7, preferred, rng.integers(0, 4, recipe.stores)
        )
    return PlantedAttributes(numbers, levels, labels.astype(np.int64))
