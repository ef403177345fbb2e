"""What final clusters are worth: how much more of unseen demand they meet than one plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.arrays import Matrix
from clustering.config import Caps
from clustering.methods.merging.category import MergedCategory, folded
from clustering.methods.merging.halves import Halves, halves_of_merged
from clustering.methods.merging.mixes import Mix, shares
from clustering.methods.transforms.composition import demand_met
from clustering.schemas import Worth, WorthByPlans

RANDOM_DRAWS = 20
Groups = NDArray[np.int64]


@dataclass(frozen=True)
class Direction:
    """Space is planned by the sales `seen` (n, d) of one half and judged on the mix and the sales
    of the other half.
    """

    seen: Matrix
    mix: Matrix
    sales: Matrix

    def gains(self, groups: Groups) -> Matrix:
        """What each store (n,) gains over one plan for the chain if each of `groups` has a plan.

        Neither plan counts the store's own sales: these alone would favour small groups, even
        random ones. A store that is alone in its group gains nothing.
        """
        member = (groups == np.arange(groups.max() + 1)[:, None]).astype(np.float64)
        others = _others(self.seen, (member @ self.seen)[groups])
        alone = member.sum(axis=1)[groups] == 1
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
        return demand_met(self.mix, plan)


def _others(seen: Matrix, total: Matrix) -> Matrix:
    """What all but the store itself sold (n, d); rounding must leave nothing below zero."""
    rest = total - seen
    return np.where(rest > 1e-9 * total, rest, 0.0)


@dataclass(frozen=True)
class Judged:
    """A category's stores that sold in both halves: the gain of each in both directions (2, n),
    with the sales (2, n) that weigh it.
    """

    gains: Matrix
    sales: Matrix

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


def worth_tables(
    categories: list[MergedCategory],
    by_category: dict[str, Mix],
    of_halves: dict[str, Halves],
    seed: int,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give schemas.Worth and schemas.WorthByPlans.

    A store is placed at the mixes by one half of its sales, that half plans the space of its
    cluster, the other half is the demand; both ways are averaged, weighted by sales. Where the
    external track leads, sales have no part in the clusters and the stores stay where they are.
    """
    known = [one for one in categories if one.category in by_category]
    rows: list[dict[str, Any]] = []
    curve: list[dict[str, Any]] = []
    for one in known:
        mix = by_category[one.category]
        if both := both_ways(mix):
            rows += _rows(one, mix, both, of_halves.get(one.category), seed)
            curve += _curve(one, mix, both, of_halves.get(one.category))
    return _table(rows, Worth), _table(curve, WorthByPlans)


def _table(rows: list[dict[str, Any]], schema: Any) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=schema.create_empty().schema)


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
        ways = zip(self.directions, groups, strict=True)
        return Judged(np.stack([way.gains(own) for way, own in ways]), self.sales)

    def own(self) -> Judged:
        return Judged(np.stack([way.gains_of_own_plans() for way in self.directions]), self.sales)

    def random(self, groups: tuple[Groups, Groups], seed: int) -> Judged:
        """The mean of random clusters of the same sizes."""
        if not any(own.any() for own in groups):  # there is one cluster, whatever the order
            return self.judged(groups)
        generator = np.random.default_rng(seed)
        orders = [generator.permutation(len(groups[0])) for _ in range(RANDOM_DRAWS)]
        draws = [self.judged((groups[0][order], groups[1][order])).gains for order in orders]
        return Judged(np.mean(draws, axis=0), self.sales)


def both_ways(mix: Mix) -> BothWays | None:
    """None where fewer than two stores sold in both halves."""
    sold = (mix.half_a.sum(axis=1) > 0) & (mix.half_b.sum(axis=1) > 0)
    if sold.sum() < 2:
        return None
    a, b = mix.half_a[sold], mix.half_b[sold]
    ways = (Direction(seen, shares(new), new.sum(axis=1)) for seen, new in ((a, b), (b, a)))
    one, other = ways
    return BothWays(sold, (one, other))


def _groups(
    found: MergedCategory, halves: Halves | None, sold: NDArray[np.bool_]
) -> tuple[Groups, Groups]:
    """The final clusters by either half, as numbers."""
    if halves is None:
        codes = found.final[sold], found.final[sold]
    else:
        # stores that did not sell in a half are not judged: any mix will do for them
        by_a, by_b = (np.maximum(place, 0) for place in (halves.by_a, halves.by_b))
        codes = found.final_in(by_a)[sold], found.final_in(by_b)[sold]
    _, place = np.unique(np.concatenate(codes).astype(str), return_inverse=True)
    one, other = np.split(place.astype(np.int64), 2)
    return one, other


def _rows(
    found: MergedCategory, mix: Mix, both: BothWays, halves: Halves | None, seed: int
) -> Iterator[dict[str, Any]]:
    groups = _groups(found, halves, both.sold)
    judged, own, random = both.judged(groups), both.own(), both.random(groups, seed)
    final, sales = found.final.astype(str), mix.sales.sum(axis=1)
    codes = sorted(set(final[both.sold]))
    everyone = np.ones(int(both.sold.sum()), dtype=bool)
    parts = [(None, everyone, sales.sum())]
    parts += [(code, final[both.sold] == code, sales[final == code].sum()) for code in codes]
    for code, there, total in parts:
        gain, error = judged.gain(there)
        yield {
            "category": found.category,
            "final_cluster": code,
            "stores": int(there.sum()),
            "plans": len(set(final)) if code is None else 1,
            "gain": gain,
            "standard_error": error,
            "random": random.gain(there)[0],
            "own": own.gain(there)[0],
            "gain_in_sales": gain * float(total),
        }


def _curve(
    found: MergedCategory, mix: Mix, both: BothWays, halves: Halves | None
) -> Iterator[dict[str, Any]]:
    """Joins final clusters one by one, as caps.max_clusters does."""
    total, one = float(mix.sales.sum()), replace(found, named=None)
    for most in range(len(set(found.final.tolist())), 0, -1):
        one = folded(one, [], Caps(max_clusters=most))
        by_half = halves_of_merged(one, mix) if halves else None
        gain, error = both.judged(_groups(one, by_half, both.sold)).gain()
        yield {
            "category": found.category,
            "plans": most,
            "gain": gain,
            "standard_error": error,
            "gain_in_sales": gain * total,
        }
