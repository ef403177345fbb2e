"""What the stores of final clusters sell and where they are, feature by feature."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.arrays import Matrix
from clustering.methods.explanation.cross_profiles import indicators
from clustering.methods.explanation.differences import SIGNIFICANT, differences
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
    """Attributes as numbers (n_stores, n_features), NaN where unknown, and the row of each
    store.
    """

    features: list[str]
    values: Matrix
    rows: pl.DataFrame

    def of(self, stores: pl.Series) -> Matrix:
        """The attributes of some stores."""
        found = stores.to_frame().join(
            self.rows, on="store_nbr", how="left", maintain_order="left"
        )["row"]
        data = np.full((len(stores), len(self.features)), np.nan)
        has = found.is_not_null().to_numpy()
        data[has] = self.values[found.drop_nulls().to_numpy()]
        return data


def lay_out_attributes(values: pl.DataFrame | None) -> Attributes | None:
    """Lay out schemas.Values of the external track; a level of a categorical attribute is a feature
    of its own ("format=express").
    """
    if values is None or values.is_empty():
        return None
    wide = indicators(values)
    features = [name for name in wide.columns if name != "store_nbr"]
    matrix = wide.select(pl.col(features).cast(pl.Float64).fill_null(np.nan)).to_numpy()
    return Attributes(features, matrix, wide.select("store_nbr").with_row_index("row"))


def mix_profile(mix: Mix, labels: NDArray[np.int64], k: int) -> Profile:
    """Profile the k clusters `labels` (n_stores,) by need states, as shares of sales; features rank
    by the points of sales that differ.
    """
    data = np.where(mix.sales.sum(axis=1, keepdims=True) > 0, shares(mix.sales), np.nan)
    member = (labels[None] == np.arange(k)[:, None]).astype(float)
    mean, overall = shares(member @ mix.sales), shares(mix.sales.sum(axis=0, keepdims=True))
    found = differences(data, labels, np.arange(k))
    overall = np.repeat(overall, k, axis=0)
    holds = _holds(data, labels, mean, overall)
    size = np.abs(mean - overall)
    sizes = np.bincount(labels, minlength=k)
    return Profile(NEED_STATE, mix.features, sizes, mean, overall, found.q_value, holds, size)


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


def table(
    category: str, codes: list[str], profiles: list[Profile], named: set[tuple[str, str, str]]
) -> pl.DataFrame:
    """Give schemas.FinalProfiles of a category; `named` are code, kind and feature of what is in
    the names.
    """
    parts = [
        pl.DataFrame(
            {
                "final_cluster": np.repeat(codes, len(one.features)).tolist(),
                "kind": one.kind,
                "feature": one.features * len(codes),
            },
            schema=dict.fromkeys(("final_cluster", "kind", "feature"), pl.String),
        ).with_columns(
            pl.Series(name, getattr(one, name).ravel()).fill_nan(None)
            for name in ("mean", "overall", "difference", "q_value", "holds_for", "score")
        )
        for one in profiles
        if one.features
    ]
    if not parts:
        return pl.DataFrame(schema=SCHEMA)
    found = pl.concat(parts)
    names = pl.DataFrame(
        sorted(named),
        schema=dict.fromkeys(("final_cluster", "kind", "feature"), pl.String),
        orient="row",
    ).with_columns(in_name=True)
    # what takes negative values has no index
    has_ratio = (pl.col("overall") > 0) & (pl.col("mean").min().over("kind", "feature") >= 0)
    key = ["final_cluster", "kind"]
    by_rank = [pl.col("q_value").fill_null(1.0) > SIGNIFICANT, -pl.col("score").fill_null(-1.0)]
    ranked = found.sort(*key, *by_rank, "feature").with_columns(
        rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over(key),
        index=pl.when(has_ratio).then(pl.col("mean") / pl.col("overall") * 100),
        category=pl.lit(category),
    )
    joined = ranked.join(names, on=[*key, "feature"], how="left", maintain_order="left")
    return joined.with_columns(pl.col("in_name").fill_null(False)).select(list(SCHEMA))


SCHEMA = {
    "category": pl.String,
    "final_cluster": pl.String,
    "kind": pl.String,
    "feature": pl.String,
    "mean": pl.Float64,
    "overall": pl.Float64,
    "difference": pl.Float64,
    "index": pl.Float64,
    "q_value": pl.Float64,
    "holds_for": pl.Float64,
    "rank": pl.Int64,
    "in_name": pl.Boolean,
}
