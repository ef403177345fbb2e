"""Short rules that tell a cluster from the others, from a small decision tree, and how faithful
they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Matrix

DEPTH = 3
SMALLEST_LEAF = 0.03  # of the stores
SPLIT_ROWS = 20_000  # stores among which a split is sought
CLEARLY = 1e-9  # a split must add so much, or rounding would decide

# by feature and side, "at most" or "above"; of two on a side the later is the narrower
Bounds = dict[tuple[int, str], float]


@dataclass(frozen=True)
class TreeRules:
    """Per cluster, in the order of its number: the rule, the share of its stores that meets it
    (coverage), and the share of stores meeting it that are of the cluster (precision). `fidelity`
    is the share of all stores the tree places right.
    """

    rules: list[str]
    coverage: list[float]
    precision: list[float]
    fidelity: float | None


def tree_rules(
    data: Matrix,
    labels: NDArray[np.int64],
    clusters: NDArray[np.int64],
    features: Sequence[str],
    as_percent: bool,
) -> TreeRules:
    """Grow a tree of depth 3 on data (n_stores, features), where NaN is unknown and counts as the
    median, and read one rule a cluster off its leaves.

    Splits are those by which Gini's impurity falls most (Breiman et al. 1984). scikit-learn's tree
    makes the same; importing it takes longer than all trees of a small run.
    """
    if len(clusters) < 2 or not data.shape[1]:
        return TreeRules(
            ["all stores"] * len(clusters), [1.0] * len(clusters), [1.0] * len(clusters), None
        )
    data = _without_gaps(data)
    member = np.eye(int(labels.max()) + 1)[labels]
    smallest = max(2, int(SMALLEST_LEAF * len(data)))
    leaves = list(_leaves(data, member, np.arange(len(data)), {}, DEPTH, smallest))
    counts = np.array([member[rows].sum(axis=0) for rows, _ in leaves])
    own, sizes = counts[:, clusters], counts.sum(axis=1)
    # among the leaves, the one with the largest product of coverage and precision
    best = (own**2 / sizes[:, None]).argmax(axis=0)
    found = own[best, np.arange(len(clusters))]
    return TreeRules(
        [_rule(leaves[leaf][1], features, as_percent) for leaf in best],
        (found / own.sum(axis=0)).tolist(),
        (found / sizes[best]).tolist(),
        float(counts.max(axis=1).sum() / len(data)),
    )


def _without_gaps(data: Matrix) -> Matrix:
    gaps = np.isnan(data)
    if not gaps.any():
        return data
    typical = np.zeros(data.shape[1])
    some = ~gaps.all(axis=0)
    typical[some] = np.nanmedian(data[:, some], axis=0)
    return np.where(gaps, typical, data)


def _leaves(
    data: Matrix, member: Matrix, rows: NDArray[np.int64], bounds: Bounds, depth: int, smallest: int
) -> Iterator[tuple[NDArray[np.int64], Bounds]]:
    """Yield the rows of every leaf below the node of `rows`, and the bounds on the way there."""
    step = max(1, len(rows) // SPLIT_ROWS)
    some = rows[::step]
    split = _split(data[some], member[some], max(1, smallest // step)) if depth else None
    if split is None:
        yield rows, bounds
        return
    feature, threshold = split
    is_low = data[rows, feature] <= threshold
    for side, part in (("at most", rows[is_low]), ("above", rows[~is_low])):
        bounded = bounds | {(feature, side): threshold}
        yield from _leaves(data, member, part, bounded, depth - 1, smallest)


def _split(data: Matrix, member: Matrix, smallest: int) -> tuple[int, float] | None:
    """The feature and the threshold that leave the purest parts of at least `smallest` rows; None
    where no split makes them purer. Of equals the first feature and its lowest threshold.
    """
    n, total = len(data), member.sum(axis=0)
    cuts = np.arange(smallest, n - smallest + 1)
    if not len(cuts):
        return None
    order = data.argsort(axis=0, kind="stable")
    ordered = np.take_along_axis(data, order, axis=0)
    left = member[order].cumsum(axis=0)[cuts - 1]
    purity = (left**2).sum(axis=2) / cuts[:, None]
    purity += ((total - left) ** 2).sum(axis=2) / (n - cuts)[:, None]
    purity[ordered[cuts - 1] == ordered[cuts]] = -np.inf
    feature = int(purity.max(axis=0).argmax())
    cut = int(purity[:, feature].argmax())
    if purity[cut, feature] <= (total**2).sum() / n * (1 + CLEARLY):
        return None
    return feature, float(ordered[cuts[cut] - 1 : cuts[cut] + 1, feature].mean())


def _rule(bounds: Bounds, features: Sequence[str], as_percent: bool) -> str:
    return (
        " and ".join(
            _text(features[feature], side, bound, as_percent)
            for (feature, side), bound in bounds.items()
        )
        or "all stores"
    )


def _text(feature: str, sign: str, bound: float, as_percent: bool) -> str:
    if as_percent:
        return f"share of {feature} {sign} {100 * bound:.1f} %"
    name, _, level = feature.partition("=")
    if level:
        return f"{name} is {level}" if sign == "above" else f"{name} is not {level}"
    return f"{name} {sign} {bound:.4g}"
