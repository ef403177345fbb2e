"""Whether the split of a mix by surroundings carries anything: tested against random splits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.arrays import Matrix
from clustering.config import Merge
from clustering.methods.explanation.differences import SIGNIFICANT, benjamini_hochberg
from clustering.methods.merging.category import MergedCategory
from clustering.methods.merging.explained import adjusted_r2
from clustering.methods.merging.joint_space import JointSpace
from clustering.methods.merging.mixes import Mix, shares

RANDOM_SPLITS = 199
MOST_CELLS = 4_000_000  # of splits x pieces x stores at a time
MORE_SPLITS = 800  # where the first ones leave a doubt: p values are adjusted over all categories


@dataclass(frozen=True)
class Split:
    """A group that is split, and its `stores` by their rows in the category; see schemas.Splits.
    None where there is nothing to measure by.
    """

    category: str
    group: int
    stores: NDArray[np.int64]
    pieces: int
    gain_mix: float | None = None
    gain_sales_level: float | None = None
    gain_attributes: float | None = None
    random_mean: float | None = None
    p_value: float | None = None


def splits_of(found: MergedCategory, mix: Mix | None, space: JointSpace, seed: int) -> list[Split]:
    """Measure the splits of a category's groups, each by the stores of the group that sell."""
    group, piece = found.of_stores
    counts = found.stores["counts"].to_numpy()
    random = np.random.default_rng([seed, crc32(found.category.encode())])
    splits = []
    for number in np.unique(group):
        own = np.flatnonzero((group == number) & counts)
        pieces, labels = np.unique(piece[own], return_inverse=True)
        if len(pieces) > 1:
            splits.append(_measured(found, int(number), own, labels, mix, space, random))
    return splits


def _measured(
    found: MergedCategory,
    group: int,
    own: NDArray[np.int64],
    labels: NDArray[np.int64],
    mix: Mix | None,
    space: JointSpace,
    random: np.random.Generator,
) -> Split:
    known = space.external_known[own]
    attributes = adjusted_r2(space.external[own][known], labels[known])
    pieces = int(labels.max()) + 1
    if mix is None:
        return Split(found.category, group, own, pieces, gain_attributes=attributes)
    sales = mix.sales[own].sum(axis=1)
    sells = sales > 0
    level = adjusted_r2(np.log(sales[sells])[:, None], labels[sells])
    if not mix.has_halves:
        return Split(found.category, group, own, pieces, None, level, attributes)
    halves = mix.half_a[own], mix.half_b[own]
    gain = float(_gains(labels[None], pieces, *halves)[0])
    by_chance = _random_gains(labels, pieces, *halves, random, RANDOM_SPLITS)
    if not np.isfinite([gain, *by_chance]).all():
        return Split(found.category, group, own, pieces, None, level, attributes)
    if _p_value(gain, by_chance) <= SIGNIFICANT:
        more = _random_gains(labels, pieces, *halves, random, MORE_SPLITS)
        by_chance = np.concatenate([by_chance, more])
    p, mean = _p_value(gain, by_chance), float(by_chance.mean())
    return Split(found.category, group, own, pieces, gain, level, attributes, mean, p)


def _p_value(gain: float, by_chance: Matrix) -> float:
    return (1 + int((by_chance >= gain).sum())) / (1 + len(by_chance))


def _random_gains(
    labels: NDArray[np.int64],
    pieces: int,
    one: Matrix,
    other: Matrix,
    random: np.random.Generator,
    number: int,
) -> Matrix:
    """The gains (number,) of random splits, some at a time: memory stays bounded."""
    at_once = max(1, MOST_CELLS // (pieces * len(labels)))
    parts = [
        _gains(random.permuted(np.tile(labels, (size, 1)), axis=1), pieces, one, other)
        for first in range(0, number, at_once)
        for size in [min(at_once, number - first)]
    ]
    return np.concatenate(parts)


def _gains(drawn: NDArray[np.int64], pieces: int, one: Matrix, other: Matrix) -> Matrix:
    """The gain (n_drawn,) of each way to split the stores: how much nearer the mix of a store in
    one half is to that of its piece in the other half than to that of the whole group, as a share
    of the squares around the latter; the mean of both directions. `drawn` (n_drawn, n_stores).
    """
    member = (drawn[:, None] == np.arange(pieces)[None, :, None]).reshape(-1, drawn.shape[1])
    sums = [member.astype(float) @ half for half in (one, other)]
    with np.errstate(divide="ignore", invalid="ignore"):
        there = _one_way(one, other, sums[0], sums[1], len(drawn))
        back = _one_way(other, one, sums[1], sums[0], len(drawn))
    return (there + back) / 2


def _one_way(seen: Matrix, unseen: Matrix, of_seen: Matrix, of_unseen: Matrix, n: int) -> Matrix:
    centre = seen.sum(axis=0) / seen.sum()
    weight = of_unseen.sum(axis=1)
    predicted, there = (
        np.where(
            sums.sum(axis=1, keepdims=True) > 0, sums / sums.sum(axis=1, keepdims=True), centre
        )
        for sums in (of_seen, of_unseen)
    )
    gain = weight * (((there - centre) ** 2).sum(axis=1) - ((there - predicted) ** 2).sum(axis=1))
    total = (unseen.sum(axis=1) * ((shares(unseen) - centre) ** 2).sum(axis=1)).sum()
    return np.asarray(gain.reshape(n, -1).sum(axis=1) / total)


def tested(splits: Sequence[Split]) -> NDArray[np.float64]:
    """The p values of the splits of all categories, adjusted together; NaN where there is none."""
    p = [np.nan if split.p_value is None else split.p_value for split in splits]
    return benjamini_hochberg(np.array(p, dtype=float))


def carries(split: Split, q_value: float) -> bool:
    """Whether a split beats the random ones."""
    if split.gain_mix is None or split.random_mean is None:
        return False
    return bool(q_value <= SIGNIFICANT and split.gain_mix > split.random_mean)


def is_left_out(split: Split, q_value: float, merge: Merge) -> bool:
    """Whether the final label does without the split: by merge.split and merge.min_gain."""
    if merge.split == "none" or (merge.split == "tested" and not carries(split, q_value)):
        return True
    least, gain = merge.min_gain, split.gain_mix
    return least is not None and gain is not None and gain < least


def splits_table(
    splits: Sequence[Split], q_values: Matrix, categories: Sequence[MergedCategory]
) -> pl.DataFrame:
    """Give schemas.Splits of all `splits`, by the letters and pieces that the final clusters of the
    `categories` have.
    """
    by_category = {found.category: found for found in categories}
    rows = []
    for split, q_value in zip(splits, q_values, strict=True):
        found = by_category[split.category]
        mix = str(found.mix[split.stores[0]])
        measured = {name: getattr(split, name) for name in MEASURES}
        q = None if np.isnan(q_value) else float(q_value)
        in_label = len(set(found.final[found.mix == mix].tolist())) > 1
        rows.append(
            {"category": split.category, "mix": mix, "pieces": split.pieces}
            | measured
            | {"q_value": q, "carries": carries(split, q_value), "in_label": in_label}
        )
    table = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    # a cap may have joined two mixes that were split
    return table.unique(["category", "mix"], keep="first", maintain_order=True).sort(
        "category", "mix"
    )


MEASURES = ("gain_mix", "gain_sales_level", "gain_attributes", "random_mean", "p_value")
SCHEMA = {
    "category": pl.String,
    "mix": pl.String,
    "pieces": pl.Int64,
    **dict.fromkeys((*MEASURES, "q_value"), pl.Float64),
    "carries": pl.Boolean,
    "in_label": pl.Boolean,
}
