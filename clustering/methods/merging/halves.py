"""Whether either half of a store's sales alone puts it into the same mix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Matrix
from clustering.methods.merging.category import MergedCategory
from clustering.methods.merging.mixes import Mix

NONE = -1
WORDS = ((0.8, "sure"), (0.5, "fairly sure"), (0.25, "rather unsure"))


@dataclass(frozen=True)
class Halves:
    """The place of the nearest mix by either half, (n_stores,), NONE where a half is empty; and
    over the stores with enough history the share that agrees, and what chance alone gives.
    """

    by_a: NDArray[np.int64]
    by_b: NDArray[np.int64]
    agreement: float | None
    chance: float | None

    @property
    def word(self) -> str | None:
        """How sure the mixes are: by the agreement beyond chance."""
        if self.agreement is None or self.chance is None:
            return None
        beyond = (self.agreement - self.chance) / (1 - self.chance)
        return next((word for least, word in WORDS if beyond >= least), "unsure")


def halves_of_merged(found: MergedCategory, mix: Mix) -> Halves:
    """Place both halves of the stores of a merged category at its mixes."""
    founders = found.stores["is_founder"].to_numpy()
    return halves(mix, found.places, len(found.letters), founders)


def halves(mix: Mix, groups: NDArray[np.int64], k: int, counted: NDArray[np.bool_]) -> Halves:
    """Place both halves of each store at the nearest of the k mixes `groups` (n_stores,), by square
    roots of shares (Hellinger); `counted` stores have enough history.

    The centres are those of all sales: both halves are held against the clusters as they are.
    """
    sells = mix.sales.sum(axis=1) > 0
    founders = counted & sells
    member = np.zeros((k, len(groups)))
    # the others count only in a mix where nobody has enough history
    member[groups, np.arange(len(groups))] = np.where(founders, 1.0, 1e-9 * sells)
    total = np.maximum(member.sum(axis=1), 1e-300)[:, None]
    centres = member @ mix.roots / total
    both_halves = zip(mix.roots_of_halves, (mix.half_a, mix.half_b), strict=True)
    by_a, by_b = (_nearest(roots, half.sum(axis=1) > 0, centres) for roots, half in both_halves)
    both = (by_a != NONE) & (by_b != NONE)
    judged = both & founders
    if k < 2 or not judged.any():
        return Halves(by_a, by_b, None, None)
    one, other = by_a[judged], by_b[judged]
    sizes = np.bincount(one, minlength=k), np.bincount(other, minlength=k)
    chance = float((sizes[0] * sizes[1]).sum() / len(one) ** 2)
    agreement = float((one == other).mean())
    return Halves(by_a, by_b, *((agreement, chance) if chance < 1 else (None, None)))


def _nearest(roots: Matrix, sold: NDArray[np.bool_], centres: Matrix) -> NDArray[np.int64]:
    squares = np.stack([((roots - centre) ** 2).sum(axis=1) for centre in centres], axis=1)
    found = np.round(squares, 10).argmin(axis=1)
    return np.where(sold, found, NONE)
