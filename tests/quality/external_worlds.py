"""Attributes that are hard to cluster by: strongly correlated ones, few among many of noise, and
those of few stores.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from clustering.arrays import Matrix
from clustering.sample.planted import PlantedAttributes, Surroundings, draw_attributes
from tests.quality.worlds import generator


def draw_external(kind: str, seed: int) -> PlantedAttributes:
    """Draw a world of one of EXTERNAL_KINDS."""
    return EXTERNAL_KINDS[kind](generator(kind, seed))


def as_matrix(planted: PlantedAttributes) -> Matrix:
    """The attributes as rivals take them: standardised numbers without gaps, encoded levels."""
    numbers = planted.numbers
    centred = (numbers - np.nanmean(numbers, axis=0)) / np.nanstd(numbers, axis=0)
    levels = [np.eye(4)[planted.levels[:, j]] for j in range(planted.levels.shape[1])]
    return np.hstack([np.nan_to_num(centred), *levels])


def _correlated(rng: np.random.Generator) -> PlantedAttributes:
    """Ten columns of one wealth-like factor; groups differ in directions of little variance."""
    k, stores, columns = int(rng.integers(3, 6)), int(rng.integers(400, 900)), 10
    labels = rng.integers(0, k, stores)
    factors = rng.normal(size=(stores, 2)) @ rng.normal(0, 1.5, (2, columns))
    centres = rng.normal(0, 1.0, (k, columns)) * (rng.random((k, columns)) < 0.5)
    numbers = factors + centres[labels] + 0.4 * rng.normal(size=(stores, columns))
    return PlantedAttributes(numbers, np.zeros((stores, 0), dtype=np.int64), labels)


def _noise(rng: np.random.Generator) -> PlantedAttributes:
    """Five informative columns and a hundred that are not."""
    recipe = Surroundings(
        stores=800, clusters=int(rng.integers(3, 5)), irrelevant=100, categorical=0, skewed=0.0
    )
    return draw_attributes(recipe, int(rng.integers(2**31)))


def _few(rng: np.random.Generator, stores: int, noise: int) -> PlantedAttributes:
    """Two to five groups of unequal size, 3.5 standard deviations apart and more in three to six
    attributes; a third of the columns is skewed.
    """
    k, informative = int(rng.integers(2, 6)), int(rng.integers(3, 7))
    labels = rng.choice(k, stores, p=rng.dirichlet(np.full(k, 6.0)))
    centres = np.zeros((k, informative))
    while np.linalg.norm(centres[:, None] - centres + 9 * np.eye(k)[..., None], axis=2).min() < 3.5:
        centres = rng.normal(0, 2.0, (k, informative))
    numbers = np.hstack([centres[labels], np.zeros((stores, noise))])
    numbers += rng.normal(size=numbers.shape)
    skewed = rng.random(numbers.shape[1]) < 0.3
    numbers[:, skewed] = np.exp(0.5 * numbers[:, skewed])
    return PlantedAttributes(numbers, np.zeros((stores, 0), dtype=np.int64), labels)


def _alike(rng: np.random.Generator, stores: int) -> PlantedAttributes:
    """One group: 15 attributes, of which five follow a common factor."""
    numbers = rng.normal(size=(stores, 15))
    numbers[:, :5] += rng.normal(size=(stores, 1)) @ rng.normal(0, 1.5, (1, 5))
    labels = np.zeros(stores, dtype=np.int64)
    return PlantedAttributes(numbers, np.zeros((stores, 0), dtype=np.int64), labels)


EXTERNAL_KINDS: dict[str, Callable[[np.random.Generator], PlantedAttributes]] = {
    "correlated attributes": _correlated,
    "100 noise columns": _noise,
    **{
        f"{stores} stores, {noise} of noise": partial(_few, stores=stores, noise=noise)
        for stores in (80, 150, 400)
        for noise in (5, 15, 40)
    },
    **{f"{stores} stores, one group": partial(_alike, stores=stores) for stores in (80, 400)},
}
