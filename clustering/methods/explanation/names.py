"""A short name for each cluster from what sets it apart: "high sleep aid, low cough drops"."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Matrix
from clustering.methods.explanation.differences import SIGNIFICANT, Differences

WORDS = 2  # differences in a name, as long as they tell the clusters of a category apart
MOST_WORDS = 4
COMPARABLE = 1 / 3  # of the largest effect
LARGE = 0.8  # an effect that names a cluster, whatever the test says (Cohen 1988)
FEW = 2  # so few stores are named by their own mix: no test can judge them
TYPICAL = "near the average"


def names(
    found: Differences, features: Sequence[str], used: NDArray[np.bool_] | None = None
) -> list[str]:
    """One name a cluster, unique within the category and the same whenever the differences are.

    Only features that are `used` (n_features,) for the clustering name; None means all.
    """
    columns = [_columns(found, row, used) for row in range(len(found.rank))]
    phrases = [
        [_phrase(features[column], bool(found.effect_size[row, column] > 0)) for column in own]
        for row, own in enumerate(columns)
    ]
    lengths = [
        min(WORDS, _strong(found.size[row, own]), len(own)) for row, own in enumerate(columns)
    ]
    while True:
        named = [
            ", ".join(own[:length]) or TYPICAL for own, length in zip(phrases, lengths, strict=True)
        ]
        longer = [
            row
            for row, name in enumerate(named)
            if named.count(name) > 1 and lengths[row] < min(MOST_WORDS, len(phrases[row]))
        ]
        if not longer:
            return [
                name if named.index(name) == row else f"{name} ({named[: row + 1].count(name)})"
                for row, name in enumerate(named)
            ]
        for row in longer:
            lengths[row] += 1


def _columns(found: Differences, row: int, used: NDArray[np.bool_] | None) -> list[int]:
    """The features that may name a cluster, the most telling first: those beyond chance, else the
    first one if its effect is large; of one or two stores all that differ.
    """
    order = [int(column) for column in np.argsort(found.rank[row]) if used is None or used[column]]
    if found.stores[row] <= FEW:
        return [column for column in order if found.size[row, column] > 0]
    sure = [column for column in order if found.q_value[row, column] <= SIGNIFICANT]
    large = [column for column in order[:1] if abs(found.effect_size[row, column]) >= LARGE]
    return sure or large


def _strong(size: Matrix) -> int:
    """How many differences are of the size of the largest: beside a huge one, small ones are often
    only its shadow.

    Shares add up to one, so what is bought more leaves less of everything else.
    """
    return int((size >= COMPARABLE * np.nanmax(size)).sum()) if np.isfinite(size).any() else 0


def _phrase(feature: str, is_high: bool) -> str:
    name, _, level = feature.partition("=")
    if level:
        return f"{'more' if is_high else 'less'} often {name.replace('_', ' ').lower()} {level}"
    return f"{'high' if is_high else 'low'} {name.replace('_', ' ').lower()}"
