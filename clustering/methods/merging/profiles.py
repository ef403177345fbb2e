"""What the stores of final clusters sell and where they are, feature by feature."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.arrays import Matrix
from clustering.methods.explanation.cross_profiles import indicators
from clustering.methods.explanation.differences import differences
from clustering.methods.merging.mixes import Mix, shares

NEED_STATE, ATTRIBUTE = "need_state", "attribute"


@dataclass(frozen=True)
class Profile:
    """Arrays (n_clusters, n_features), NaN where not defined; see schemas.FinalProfiles. `sizes`
    (n_clusters,) in stores; features rank by `score`.
    """

    kind: str
    features: list[str]
    sizes: NDArray[np.int64]
    mean: Matrix
    overall: Matrix
    q_value: Matrix
    holds_for: Matrix
    score: Matrix

    @property
    def difference(self) -> Matrix:
        return self.mean - self.overall


@dataclass(frozen=True)
class Attributes:
    """Attributes as numbers (n, n_features), NaN where unknown; `rows` is the row of each store of
    a layout, -1 where it has none.
    """

    features: list[str]
    values: Matrix
    rows: NDArray[np.int64]

    def of(self, stores: slice) -> Matrix:
        """The attributes of some stores of the layout."""
        rows = self.rows[stores]
        return np.where((rows >= 0)[:, None], self.values[rows], np.nan)


def lay_out_attributes(values: pl.DataFrame | None, stores: pl.DataFrame) -> Attributes | None:
    """Lay out schemas.Values of the external track for `stores` (Layout.labels); a level of a
    categorical attribute is a feature of its own ("format=express").
    """
    if values is None or values.is_empty():
        return None
    wide = indicators(values)
    features = [name for name in wide.columns if name != "store_nbr"]
    matrix = wide.select(pl.col(features).cast(pl.Float64).fill_null(np.nan)).to_numpy()
    rows = stores.select("store_nbr").join(
        wide.select("store_nbr", row=pl.int_range(pl.len(), dtype=pl.Int64)),
        on="store_nbr",
        how="left",
        maintain_order="left",
    )["row"]
    return Attributes(features, matrix, rows.fill_null(-1).to_numpy())


def mix_profile(
    mix: Mix, labels: NDArray[np.int64], k: int, by_half_a: NDArray[np.int64] | None = None
) -> Profile:
    """Profile the k clusters `labels` (n_stores,) by need states, as shares of sales; features rank
    by the points of sales that differ.

    With `by_half_a`, the cluster of each store by the first half of its sales (-1 for none),
    differences are tested on the second half, which made no cluster.
    """
    data = np.where(mix.sales.sum(axis=1, keepdims=True) > 0, shares(mix.sales), np.nan)
    member = (labels[None] == np.arange(k)[:, None]).astype(float)
    mean, overall = shares(member @ mix.sales), shares(mix.sales.sum(axis=0, keepdims=True))
    if by_half_a is None:
        q_value = differences(data, labels, np.arange(k)).q_value
    else:
        sold = (by_half_a >= 0) & (mix.half_b.sum(axis=1) > 0)
        tested = differences(shares(mix.half_b[sold]), by_half_a[sold], np.arange(k))
        q_value = tested.q_value
    overall = np.repeat(overall, k, axis=0)
    holds = _holds(data, labels, mean, overall)
    size, sizes = np.abs(mean - overall), np.bincount(labels, minlength=k)
    return Profile(NEED_STATE, mix.features, sizes, mean, overall, q_value, holds, size)


def attribute_profile(
    features: list[str], data: Matrix, labels: NDArray[np.int64], k: int
) -> Profile:
    """Profile the k clusters `labels` (n_stores,) by attributes (n_stores, n_features); features
    rank by the size of the effect.
    """
    found = differences(data, labels, np.arange(k))
    holds = _holds(data, labels, found.mean, found.overall)
    sizes, size = np.bincount(labels, minlength=k), np.abs(found.effect_size)
    return Profile(
        ATTRIBUTE, features, sizes, found.mean, found.overall, found.q_value, holds, size
    )


def _holds(data: Matrix, labels: NDArray[np.int64], mean: Matrix, overall: Matrix) -> Matrix:
    """The share (k, n_features) of a cluster's stores that differ from `overall` as it does."""
    found = np.full(mean.shape, np.nan)
    for row in range(len(mean)):
        own = data[labels == row]
        known = np.isfinite(own)
        agrees = known & (np.sign(own - overall[row]) == np.sign(mean[row] - overall[row]))
        np.divide(agrees.sum(axis=0), known.sum(axis=0), out=found[row], where=known.any(axis=0))
    return found
