"""A short name for each cluster from what sets it apart: "high sleep aid, low cough drops"."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from clustering.methods.explanation.differences import SIGNIFICANT, Differences

WORDS = 2  # differences in a name, as long as they tell the clusters of a category apart
MOST_WORDS = 4
COMPARABLE = 1 / 3  # of the largest effect
TYPICAL = "near the average"


def names(found: Differences, features: Sequence[str]) -> list[str]:
    """One name a cluster, unique within the category and the same whenever the differences are."""
    phrases = [_phrases(found, features, row) for row in range(len(found.rank))]
    lengths = [min(WORDS, _strong(found, row), len(own)) for row, own in enumerate(phrases)]
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


def _strong(found: Differences, row: int) -> int:
    """How many differences are of the size of the largest: beside a huge one, small ones are often
    only its shadow.

    Shares add up to one, so what is bought more leaves less of everything else.
    """
    size = np.abs(found.effect_size[row])
    return int((size >= COMPARABLE * np.nanmax(size)).sum()) if np.isfinite(size).any() else 0


def _phrases(found: Differences, features: Sequence[str], row: int) -> list[str]:
    order = np.argsort(found.rank[row])
    return [
        _phrase(features[column], bool(found.effect_size[row, column] > 0))
        for column in order
        if found.q_value[row, column] <= SIGNIFICANT
    ]


def _phrase(feature: str, is_high: bool) -> str:
    name, _, level = feature.partition("=")
    if level:
        return f"{'more' if is_high else 'fewer'} {name.replace('_', ' ').lower()} {level}"
    return f"{'high' if is_high else 'low'} {name.replace('_', ' ').lower()}"
