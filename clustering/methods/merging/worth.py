"""What final clusters are worth: how much more of unseen demand they meet than one plan."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.config import Caps
from clustering.methods.merging.category import MergedCategory, folded
from clustering.methods.merging.halves import halves_of_merged
from clustering.methods.merging.mixes import Mix
from clustering.methods.transforms.demand import BothWays, Groups, both_ways, without_season
from clustering.schemas import Worth, WorthByPlans


def worth_tables(
    categories: list[MergedCategory],
    by_category: dict[str, Mix],
    of_halves: Collection[str],
    seed: int,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give schemas.Worth and schemas.WorthByPlans.

    A store is placed at the mixes by one half of its sales, that half plans the space of its
    cluster, the other half is the demand; both ways are averaged, weighted by sales. In categories
    that are not `of_halves` the external track leads: sales have no part in the clusters and the
    stores stay where they are.
    """
    known = [one for one in categories if one.category in by_category]
    rows: list[dict[str, Any]] = []
    curve: list[dict[str, Any]] = []
    for one in known:
        mix = by_category[one.category]
        if both := both_ways(mix.half_a, mix.half_b):
            placing = _placing(mix) if one.category in of_halves else None
            groups = _groups(one, placing, both.sold)
            total = mix.sales.sum(axis=1)
            found = both.worth(groups, one.final.astype(str), total, seed)
            named = {"category": one.category}
            rows += (named | {"final_cluster": row["cluster"], **row} for row in found)
            curve += _curve(one, mix, both, placing)
    return _table(rows, Worth), _table(curve, WorthByPlans)


def _table(rows: list[dict[str, Any]], schema: Any) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=schema.create_empty().schema)


def _placing(mix: Mix) -> Mix:
    """The sales that place stores, which are those of no season."""
    halves = (without_season(half, mix.sales) for half in (mix.half_a, mix.half_b))
    return Mix(mix.features, mix.sales, *halves)


def _groups(
    found: MergedCategory, placing: Mix | None, sold: NDArray[np.bool_]
) -> tuple[Groups, Groups]:
    """The final clusters by either half, as numbers."""
    if placing is None:
        codes = found.final[sold], found.final[sold]
    else:
        halves = halves_of_merged(found, placing)
        # stores that did not sell in a half are not judged: any mix will do for them
        by_a, by_b = (np.maximum(place, 0) for place in (halves.by_a, halves.by_b))
        codes = found.final_in(by_a)[sold], found.final_in(by_b)[sold]
    _, place = np.unique(np.concatenate(codes).astype(str), return_inverse=True)
    one, other = np.split(place.astype(np.int64), 2)
    return one, other


def _curve(
    found: MergedCategory, mix: Mix, both: BothWays, placing: Mix | None
) -> Iterator[dict[str, Any]]:
    """Joins final clusters one by one, as caps.max_clusters does."""
    total, one = float(mix.sales.sum()), replace(found, named=None)
    for most in range(len(set(found.final.tolist())), 0, -1):
        one = folded(one, [], Caps(max_clusters=most))
        gain, error = both.judged(_groups(one, placing, both.sold)).gain()
        yield {
            "category": found.category,
            "plans": most,
            "gain": gain,
            "standard_error": error,
            "gain_in_sales": gain * total,
        }
