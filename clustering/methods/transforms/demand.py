"""How much more of unseen demand plans by cluster meet than one plan for the chain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Matrix
from clustering.methods.transforms.composition import shares

RANDOM_DRAWS = 20
LEAST_GAIN = 0.002  # of the demand met: less would not pay for a second plan
Groups = NDArray[np.int64]


def both_ways(half_a: Matrix, half_b: Matrix) -> BothWays | None:
    """Plan by one half of the sales (n, d) and judge by the other; None where fewer than two stores
    sold in both halves.
    """
    sold = (half_a.sum(axis=1) > 0) & (half_b.sum(axis=1) > 0)
    if sold.sum() < 2:
        return None
    a, b = half_a[sold], half_b[sold]
    return BothWays(sold, (Direction.of(a, b), Direction.of(b, a)))


def without_season(half: Matrix, whole: Matrix) -> Matrix:
    """Sales (n, d) of a half with the share that each need state has in the sales `whole` of all
    stores: what changed for the whole chain must place no store in another cluster.
    """
    now, ever = half.sum(axis=0), whole.sum(axis=0)
    factor = ever / max(float(ever.sum()), 1e-300) * max(float(now.sum()), 1e-300)
    known = (now > 0) & (ever > 0)
    return np.asarray(half * np.divide(factor, now, out=np.ones_like(now), where=known))


@dataclass(frozen=True)
class Direction:
    """Space is planned by the sales `seen` (n, d) of one half and judged on the mix and the sales
    of the other half.
    """

    seen: Matrix
    mix: Matrix
    sales: Matrix

    @classmethod
    def of(cls, seen: Matrix, unseen: Matrix) -> Direction:
        return cls(seen, shares(unseen), unseen.sum(axis=1))

    def gains(self, groups: Groups, by_other: Groups) -> Matrix:
        """What each store (n,) gains over one plan for the chain if each of `groups` has a plan.

        `groups` are those by the seen half. A plan is made of the stores that are in the group
        `by_other` half: else the chance that put stores together would be in their plan, too.
        Neither plan counts the store's own sales: these alone would favour small groups, even
        random ones. A store that no other shares its group with gains nothing.
        """
        member = (by_other == np.arange(groups.max() + 1)[:, None]).astype(np.float64)
        own = (by_other == groups).astype(np.float64)
        others = _others(self.seen * own[:, None], (member @ self.seen)[groups])
        alone = member.sum(axis=1)[groups] == own
        plans = np.where(alone[:, None], self._chain, others)
        return self._met(shares(plans)) - self._met_by_chain

    def gains_of_own_plans(self) -> Matrix:
        """The same if every store has a plan made of its own sales."""
        return self._met(shares(self.seen)) - self._met_by_chain

    @cached_property
    def _chain(self) -> Matrix:
        return _others(self.seen, self.seen.sum(axis=0))

    @cached_property
    def _met_by_chain(self) -> Matrix:
        return self._met(shares(self._chain))

    def _met(self, plan: Matrix) -> Matrix:
        return demand_met(self.mix, np.nan_to_num(plan))


def _others(seen: Matrix, total: Matrix) -> Matrix:
    """What all but the store itself sold (n, d); rounding must leave nothing below zero."""
    rest = total - seen
    return np.where(rest > 1e-9 * total, rest, 0.0)


def demand_met(mix: Matrix, plan: Matrix) -> Matrix:
    """The share (n,) of each store's demand `mix` (n, d) that its shelf meets where `plan` (n, d)
    shares the space out by need state: space beyond the demand for a need state sells no more.
    """
    return np.asarray(np.minimum(mix, plan).sum(axis=1))


@dataclass(frozen=True)
class Judged:
    """Stores that sold in both halves: the gain of each in both directions (2, n), with the sales
    (2, n) that weigh it.
    """

    gains: Matrix
    sales: Matrix

    @property
    def parts(self) -> Matrix:
        """What each store adds (2, n) to the gain of all in either direction."""
        return np.asarray(self.sales * self.gains / self.sales.sum(axis=1, keepdims=True))

    def gain(self, own: NDArray[np.bool_] | slice = slice(None)) -> tuple[float, float]:
        """The gain of the stores `own` as a share of their sales, and its standard error."""
        gains, sales = self.gains[:, own], self.sales[:, own]
        total = sales.sum(axis=1, keepdims=True)
        of_halves = (sales * gains).sum(axis=1, keepdims=True) / total
        # of a ratio: how much the stores differ, weighted; and how much the halves do
        parts = (sales * (gains - of_halves) / total).mean(axis=0)
        between = (of_halves[0, 0] - of_halves[1, 0]) / 2
        error = np.sqrt((parts**2).sum() + between**2)
        return round(float(of_halves.mean()), 12), round(float(error), 12)


@dataclass(frozen=True)
class BothWays:
    """The stores `sold` (n,) in both halves, and both directions of planning and judging."""

    sold: NDArray[np.bool_]
    directions: tuple[Direction, Direction]

    @property
    def sales(self) -> Matrix:
        return np.stack([one.sales for one in self.directions])

    def judged(self, groups: tuple[Groups, Groups]) -> Judged:
        """Judge plans by group; `groups` by the first half and by the second."""
        ways = zip(self.directions, groups, groups[::-1], strict=True)
        return Judged(np.stack([way.gains(own, other) for way, own, other in ways]), self.sales)

    def own(self) -> Judged:
        return Judged(np.stack([way.gains_of_own_plans() for way in self.directions]), self.sales)

    def random(self, groups: tuple[Groups, Groups], seed: int) -> Judged:
        """The mean of random clusters of the same sizes."""
        if all((own == own[0]).all() for own in groups):  # one cluster, whatever the order
            return self.judged(groups)
        generator = np.random.default_rng(seed)
        orders = [generator.permutation(len(groups[0])) for _ in range(RANDOM_DRAWS)]
        draws = [self.judged((groups[0][order], groups[1][order])).gains for order in orders]
        return Judged(np.mean(draws, axis=0), self.sales)

    def worth(
        self, groups: tuple[Groups, Groups], clusters: NDArray[Any], sales: Matrix, seed: int
    ) -> Iterator[dict[str, Any]]:
        """The rows of a table of worth but for its category: of all stores, then of each cluster.

        `groups` are those by either half of the stores that sold in both; `clusters` (n,) and
        `sales` (n,) those of all stores.
        """
        judged, own, random = self.judged(groups), self.own(), self.random(groups, seed)
        codes = sorted(set(clusters[self.sold].tolist()))
        parts = [(None, np.ones(len(clusters), dtype=bool))]
        parts += [(code, clusters == code) for code in codes]
        for code, rows in parts:
            there = rows[self.sold]
            gain, error = judged.gain(there)
            yield {
                "cluster": code,
                "stores": int(there.sum()),
                "plans": len(set(clusters.tolist())) if code is None else 1,
                "gain": gain,
                "standard_error": error,
                "random": random.gain(there)[0],
                "own": own.gain(there)[0],
                "gain_in_sales": gain * float(sales[rows].sum()),
            }
