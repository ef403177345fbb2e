"""Both halves of the sales of every store, and the sampling noise they tell."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import polars as pl

from clustering.arrays import Matrix
from clustering.methods.transforms.fitted import FittedFeatures
from clustering.methods.transforms.table import Table, has_halves, read_tables

Halves = tuple[Table, Table]
FEWEST_STORES = 5
FARTHEST = 6.0  # times the median: squared differences of halves count for at most so much
CLEARLY = 2.0  # standard errors
# real change over the sampling noise of a typical store; the last means no noise that shrinks
CHANGES = (0.0, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
SMALLEST = 1e-300


def halves_of(
    values: pl.DataFrame, stores: pl.DataFrame, ignore: Collection[str] = ()
) -> Halves | None:
    """Both halves of the sales; None where there are none."""
    if not has_halves(values):
        return None
    one, other = read_tables(values, stores, ("half_a", "half_b"), ignore)
    return one, other


def noise_of(
    stores: pl.DataFrame, halves: Halves | None, transformers: FittedFeatures
) -> float | None:
    """The noise factor of the category: 0 where it cannot be told, None where that is not known
    yet.
    """
    if transformers.carried:  # found before the mixes were filled
        return transformers.carried.noise
    if "noise" in stores.columns and stores["noise"][0] is not None:
        return float(stores["noise"][0])
    return noise_of_halves(halves, transformers) if halves else None


def noise_of_halves(halves: Halves, transformers: FittedFeatures) -> float | None:
    """The noise factor a from how far both halves of each store's sales lie apart; None where too
    few stores sold in both.

    Along each axis the squared difference of the halves of store i is expected to be a x + c: its
    sampling noise with x = 1 / n_a + 1 / n_b, and what its mix has really changed. What changed
    alike for all stores is taken off. c is above 0 only where the gamma likelihood says clearly so.
    Noise that does not shrink with sales, a = 0, is spread like any other.
    """
    a, b = (half.information for half in halves)
    rows = np.flatnonzero((a > 0) & (b > 0))
    if len(rows) < FEWEST_STORES:
        return None
    one, other = (transformers.transform(half.rows(rows)) for half in halves)
    x = 1.0 / a[rows] + 1.0 / b[rows]
    apart = one - other
    apart -= (apart / x[:, None]).sum(axis=0) / (1.0 / x).sum()
    square = (apart**2).mean(axis=1)
    return _slope(square, x) if square.any() else None


def _slope(square: Matrix, x: Matrix) -> float:
    """The factor a in square = a x + c, for squares with a gamma distribution; c = 0 unless another
    is clearly more likely.
    """
    at = x + np.array(CHANGES)[:, None] * np.exp(np.log(x).mean())
    ratio = square / at
    # a few stores that changed altogether must not decide
    ratio = np.minimum(ratio, FARTHEST * np.median(ratio, axis=1, keepdims=True))
    factor = np.maximum(ratio.mean(axis=1), SMALLEST)
    deviance = 2 * np.log(at).sum(axis=1) + 2 * len(x) * np.log(factor)
    best = int(deviance.argmin())
    shape = 1.0 / max(float((ratio[best] / factor[best]).var()), SMALLEST)
    if shape * (deviance[0] - deviance[best]) <= CLEARLY**2:
        return float(factor[0])
    return float(factor[best]) if best < len(CHANGES) - 1 else 0.0
