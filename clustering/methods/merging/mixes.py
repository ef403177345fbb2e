"""Sales by store and need state of every category, as matrices."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.arrays import Matrix, runs


@dataclass(frozen=True)
class Mix:
    """Sales (n_stores, n_features) of the stores of a category, in all and in either half; halves
    are zero where they are not known.
    """

    features: list[str]
    sales: Matrix
    half_a: Matrix
    half_b: Matrix

    @property
    def has_halves(self) -> bool:
        return bool(self.half_a.any() and self.half_b.any())

    @cached_property
    def roots(self) -> Matrix:
        """Square roots of the shares of all sales (Hellinger)."""
        return np.sqrt(shares(self.sales))

    @cached_property
    def roots_of_halves(self) -> tuple[Matrix, Matrix]:
        """The same of either half."""
        return np.sqrt(shares(self.half_a)), np.sqrt(shares(self.half_b))

    def of(self, stores: NDArray[np.bool_]) -> Mix:
        """The sales of some of the stores (n_stores,)."""
        return Mix(self.features, self.sales[stores], self.half_a[stores], self.half_b[stores])


def shares(sales: Matrix) -> Matrix:
    """The mix of each row; zero where it has no sales."""
    total = sales.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(sales, total, out=np.zeros_like(sales), where=total > 0))


def mixes(labels: pl.DataFrame, values: pl.DataFrame) -> dict[str, Mix]:
    """Lay out the need-state sales `values` (schemas.Values) of the stores of Layout.labels."""
    rows = labels.select(
        "category", "store_nbr", row=pl.int_range(pl.len(), dtype=pl.Int64).over("category")
    )
    counts = dict(labels.group_by("category").len().iter_rows())
    # both are sorted by category, and stay so
    found = values.join(rows, on=["category", "store_nbr"], maintain_order="left")
    parts = {}
    for category, own in runs(found["category"]).items():
        part = found[own]
        features = part["feature"].unique().sort()
        column = part["feature"].cast(pl.Enum(features)).to_physical().to_numpy().astype(np.int64)
        shape = int(counts[category]), len(features)
        cell = part["row"].to_numpy() * shape[1] + column
        sales, half_a, half_b = (
            _summed(cell, part[name].fill_null(0.0).to_numpy(), shape)
            for name in ("value", "half_a", "half_b")
        )
        parts[category] = Mix(features.to_list(), sales, half_a, half_b)
    return parts


def _summed(cell: NDArray[np.int64], values: Matrix, shape: tuple[int, int]) -> Matrix:
    summed = np.bincount(cell, values, minlength=shape[0] * shape[1]).astype(np.float64)
    return np.asarray(summed.reshape(shape))
