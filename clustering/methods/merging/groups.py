"""Groups of stores, known by their sums, and how those below the floor join others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Matrix

NONE = -1


@dataclass(frozen=True)
class Block:
    """Coordinates in one track: `sums` (..., d) over the `known` (...) stores of each group that
    have them.
    """

    sums: Matrix
    known: Matrix

    @property
    def centres(self) -> Matrix:
        return np.asarray(self.sums / np.maximum(self.known, 1)[..., None])

    def __getitem__(self, place: Any) -> Block:
        return Block(self.sums[place], self.known[place])


@dataclass(frozen=True)
class Groups:
    """Arrays (n_groups,): stores, those with enough history, sales; and a block for each track that
    is compared.
    """

    stores: Matrix
    founders: Matrix
    sales: Matrix
    blocks: tuple[Block, ...]

    def squared_distances(self, centres: Sequence[Block]) -> Matrix:
        """Squared distances (n_centres, n_groups) over the blocks that know both; infinite where
        none does.
        """
        total, compared = np.zeros(()), np.zeros((), dtype=bool)
        for block, other in zip(self.blocks, centres, strict=True):
            differences = other.centres[:, None] - block.centres[None]
            both = (other.known[:, None] > 0) & (block.known[None] > 0)
            total = total + np.where(both, (differences**2).sum(axis=2), 0.0)
            compared = compared | both
        return np.where(compared, total, np.inf)

    def joined(self, roots: NDArray[np.int64]) -> Groups:
        """The sums over the groups with the same root, at the places of the roots; zero
        elsewhere.
        """

        def add(values: Matrix) -> Matrix:
            total = np.zeros_like(values)
            np.add.at(total, roots[roots >= 0], values[roots >= 0])
            return total

        blocks = tuple(Block(add(block.sums), add(block.known)) for block in self.blocks)
        return Groups(add(self.stores), add(self.founders), add(self.sales), blocks)


@dataclass(frozen=True)
class Floor:
    """What a group needs to stand alone: stores, of them some with enough history, and a share of
    what as many average stores of all groups sell.
    """

    stores: int
    founders: int = 0
    sales_share: float = 0.0

    def is_below(self, groups: Groups) -> NDArray[np.bool_]:
        few = (groups.stores < self.stores) | (groups.founders < self.founders)
        average = groups.sales.sum() / max(groups.stores.sum(), 1)
        return np.asarray(few | (groups.sales < self.sales_share * average * groups.stores))


def join_to_floor(groups: Groups, floor: Floor) -> NDArray[np.int64]:
    """Give each group (n_groups,) the group it ends in: itself, or another that absorbed it. NONE
    for groups without stores.

    While any is below the floor, the smallest of them joins the one that adds the least to the
    squares within groups (Ward 1963); of equals the larger, then the first.
    """
    roots = np.where(groups.stores > 0, np.arange(len(groups.stores)), NONE)
    while True:
        now = groups.joined(roots)
        alive = np.flatnonzero(now.stores > 0)
        below = alive[floor.is_below(now)[alive]]
        if len(alive) < 2 or not below.size:
            return roots
        smallest = below[np.lexsort((below, now.sales[below], now.stores[below]))[0]]
        others = alive[alive != smallest]
        roots[roots == smallest] = others[_cheapest(now, smallest, others)]


def _cheapest(now: Groups, group: np.int64, others: NDArray[np.int64]) -> int:
    """The place in `others` of the one that `group` joins at the least loss."""
    squares = now.squared_distances([block[[group]] for block in now.blocks])[0, others]
    weights = now.stores[others] * now.stores[group] / (now.stores[others] + now.stores[group])
    # ten decimals: nearer ties are ties
    return int(np.lexsort((others, -now.stores[others], np.round(squares * weights, 10)))[0])


def nearest(groups: Groups, centres: Sequence[Block]) -> NDArray[np.int64]:
    """The group nearest to each of the centres (n_centres,); the largest for those that compare
    with none. Of equals the larger, then the first.
    """
    squares = np.round(groups.squared_distances(centres), 10)
    squares[:, groups.stores == 0] = np.nan
    order = np.lexsort((np.arange(len(groups.stores)), -groups.stores))
    ranked = np.nan_to_num(squares[:, order], nan=np.inf, posinf=np.finfo(float).max)
    return np.asarray(order[ranked.argmin(axis=1)])
