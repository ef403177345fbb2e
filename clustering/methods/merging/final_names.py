"""What final clusters are called: after what is true of most of their stores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustering.methods.explanation.differences import SIGNIFICANT
from clustering.methods.explanation.labels import proposed_label
from clustering.methods.merging.profiles import Profile

HOLDS_FOR = 0.6  # of the stores of every cluster that the claim is made of
CLEAR = 0.025  # of sales; what differs by less is "slightly more"
SECOND = 0.6  # of the largest gain: from there on a second need state is named
FEW = 2  # so few stores are named by what they are, whatever a test says
EVERYWHERE, UNMARKED, NO_SURROUNDINGS = "all stores", "no marked mix", "no marked surroundings"
BETWEEN = " · "
MOST_CLAIMS = 4


@dataclass(frozen=True)
class Claim:
    """A feature that a name holds, and the words for it."""

    kind: str
    feature: str
    words: str


@dataclass(frozen=True)
class Named:
    """A name and what it claims."""

    claims: tuple[Claim, ...]
    default: str

    @property
    def text(self) -> str:
        return ", ".join(claim.words for claim in self.claims) or self.default


def name_mixes(mixes: Profile, pieces: Profile, mix_of: NDArray[np.int64]) -> list[Named]:
    """Name each mix (a row of `mixes`) after the largest gains in points of sales that hold for
    most stores of each of its `pieces`; after its largest loss where nothing gains. Differences
    beyond chance come before others of their size (see CLEAR).

    `mix_of` (n_pieces,) is the row of each piece's mix. Names are unique.
    """
    if len(mixes.mean) == 1:
        return [Named((), EVERYWHERE)]
    candidates = []
    for row in range(len(mixes.mean)):
        holds = _holds_everywhere(mixes, row, pieces, np.flatnonzero(mix_of == row))
        points = np.where(holds, mixes.difference[row], 0.0)
        is_sure = _is_sure(mixes, row)
        is_slight = np.abs(points) < CLEAR
        order = np.lexsort((-np.abs(points), points < 0, ~is_sure, is_slight))
        columns = [column for column in order if points[column] != 0]
        gains = [column for column in columns if points[column] > 0 and is_sure[column]]
        number = 1 + int(len(gains) > 1 and points[gains[1]] > SECOND * points[gains[0]])
        candidates.append(([_points(mixes, column, points[column]) for column in columns], number))
    return _unique(candidates, [UNMARKED] * len(candidates))


def name_surroundings(sisters: Profile, pieces: Profile, rows: NDArray[np.int64]) -> list[Named]:
    """Name the pieces of one mix after the attribute that sets them apart the most from their
    sisters, beyond chance, and from all stores in the same direction, for most of their stores.

    `sisters` profiles them among each other, `pieces` (at `rows`) among all stores of the category.
    """
    candidates = []
    for row, piece in enumerate(rows):
        same = np.sign(sisters.difference[row]) == np.sign(pieces.difference[piece])
        true = (sisters.holds_for[row] >= HOLDS_FOR) & (pieces.holds_for[piece] >= HOLDS_FOR)
        size = np.where(_is_sure(sisters, row) & same & true, sisters.score[row], -1.0)
        is_absent = np.array(["=" in name for name in sisters.features]) & (
            sisters.difference[row] < 0
        )
        by_size = np.lexsort((is_absent, -np.round(size, 9)))  # of equals, what is there
        order = [column for column in by_size if size[column] > 0]
        claims = [_trait(sisters, column, sisters.difference[row, column]) for column in order]
        candidates.append((claims, 1))
    return _unique(candidates, [NO_SURROUNDINGS] * len(candidates))


def _is_sure(profile: Profile, row: int) -> NDArray[np.bool_]:
    """Beyond chance; of one or two stores, which no test can judge, every difference."""
    few = profile.sizes[row] <= FEW
    return np.asarray((profile.q_value[row] <= SIGNIFICANT) | few)


def _holds_everywhere(
    mixes: Profile, row: int, pieces: Profile, own: NDArray[np.int64]
) -> NDArray[np.bool_]:
    same = np.sign(pieces.difference[own]) == np.sign(mixes.difference[row])
    return np.asarray((same & (pieces.holds_for[own] >= HOLDS_FOR)).all(axis=0))


def _points(profile: Profile, column: int, points: float) -> Claim:
    words = "more" if points > 0 else "less"
    slightly = "slightly " if abs(points) < CLEAR else ""
    feature = profile.features[column]
    return Claim(profile.kind, feature, f"{slightly}{words} {plain(feature)}")


def _trait(profile: Profile, column: int, difference: float) -> Claim:
    feature = profile.features[column]
    name, _, level = feature.partition("=")
    words = (
        ("high" if difference > 0 else "low") if not level else ("" if difference > 0 else "not")
    )
    text = f"{words} {plain(name)} {plain(level)}".strip()
    return Claim(profile.kind, feature, text)


def plain(text: str) -> str:
    """A raw name as it stands within a name."""
    return proposed_label(text).lower()


def _unique(candidates: list[tuple[list[Claim], int]], defaults: list[str]) -> list[Named]:
    """As few claims as tell the names apart; equal ones that have no more to claim get a number."""
    lengths = [min(number, len(claims)) for claims, number in candidates]

    def named() -> list[Named]:
        return [
            Named(tuple(claims[:length]), default)
            for (claims, _), length, default in zip(candidates, lengths, defaults, strict=True)
        ]

    while True:
        texts = [name.text for name in named()]
        longer = [
            row
            for row, text in enumerate(texts)
            if texts.count(text) > 1 and lengths[row] < min(MOST_CLAIMS, len(candidates[row][0]))
        ]
        if not longer:
            return [
                name if texts.index(text) == row else _numbered(name, texts[: row + 1].count(text))
                for row, (name, text) in enumerate(zip(named(), texts, strict=True))
            ]
        for row in longer:
            lengths[row] += 1


def _numbered(name: Named, number: int) -> Named:
    if not name.claims:
        return Named((), f"{name.default} ({number})")
    *first, last = name.claims
    return Named((*first, Claim(last.kind, last.feature, f"{last.words} ({number})")), name.default)
