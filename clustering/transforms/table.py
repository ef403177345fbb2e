"""The long table of one category as matrices."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


def coordinates(components: pl.Series) -> Matrix:
    """Give the lists of schemas.Matrix.components that are not null as rows (n, d)."""
    known = components.drop_nulls()
    if known.is_empty():
        return np.zeros((0, 1))
    return np.asarray(known.list.to_array(len(known[0])).to_numpy(), dtype=float)


@dataclass(frozen=True)
class Table:
    """Stores by features: `numbers` (n_stores, p) with NaN for what is unknown, `levels` (n_stores, q), -1 for unknown.

    `is_mix` says that the numbers are sales by need state (an absent one is 0), and `information` (n_stores,) is then the
    store's sales; of attributes an absent one is unknown and `information` is NaN.
    """

    stores: list[str]
    features: list[str]
    numbers: Matrix
    level_features: list[str]
    level_names: list[list[str]]
    levels: NDArray[np.int64]
    information: Matrix
    is_mix: bool
    halves: Matrix  # (n_stores, 2) sales in the earlier and the later half; NaN for attributes

    def rows(self, chosen: NDArray[np.int64]) -> Table:
        """The same table with only the `chosen` rows, which may repeat."""
        return replace(
            self,
            stores=[self.stores[row] for row in chosen],
            numbers=self.numbers[chosen],
            levels=self.levels[chosen],
            information=self.information[chosen],
            halves=self.halves[chosen],
        )


def read_table(values: pl.DataFrame, stores: pl.DataFrame, column: str = "value", ignore: Collection[str] = ()) -> Table:
    """Lay out `values` (schemas.Values, one category) in the order of `stores` (schemas.Stores).

    `column` is value, half_a or half_b; features in `ignore` are left out.
    """
    is_mix = stores["sales"].null_count() < stores.height
    kept = values.filter(~pl.col("feature").is_in(list(ignore))) if ignore else values
    row_of = {name: row for row, name in enumerate(stores["store_nbr"].to_list())}
    numeric, categorical = kept.filter(pl.col("level").is_null()), kept.filter(pl.col("level").is_not_null())
    features, numbers = _numbers(numeric, row_of, column, 0.0 if is_mix else np.nan)
    level_features, level_names, levels = _levels(categorical, row_of)
    information = numbers.sum(axis=1) if is_mix else np.full(stores.height, np.nan)
    return Table(
        list(row_of), features, numbers, level_features, level_names, levels, information, is_mix,
        _halves(numeric, row_of, is_mix),
    )  # fmt: skip


def _halves(part: pl.DataFrame, row_of: dict[str, int], is_mix: bool) -> Matrix:
    if not is_mix or not {"half_a", "half_b"} <= set(part.columns):
        return np.full((len(row_of), 2), np.nan)
    halves = np.zeros((len(row_of), 2))
    rows = part["store_nbr"].replace_strict(row_of, return_dtype=pl.Int64).to_numpy()
    for column, name in enumerate(("half_a", "half_b")):
        np.add.at(halves[:, column], rows, part[name].cast(pl.Float64).fill_null(0.0).to_numpy())
    return halves


def _places(part: pl.DataFrame, row_of: dict[str, int]) -> tuple[list[str], NDArray[np.int64], NDArray[np.int64]]:
    features = part["feature"].unique().sort().to_list()
    column_of = {name: number for number, name in enumerate(features)}
    rows = part["store_nbr"].replace_strict(row_of, return_dtype=pl.Int64).to_numpy()
    columns = part["feature"].replace_strict(column_of, return_dtype=pl.Int64).to_numpy() if features else rows
    return features, rows, columns


def _numbers(part: pl.DataFrame, row_of: dict[str, int], column: str, absent: float) -> tuple[list[str], Matrix]:
    features, rows, columns = _places(part, row_of)
    numbers = np.full((len(row_of), len(features)), absent)
    numbers[rows, columns] = part[column].cast(pl.Float64).fill_null(absent).to_numpy()
    return features, numbers


def _levels(part: pl.DataFrame, row_of: dict[str, int]) -> tuple[list[str], list[list[str]], NDArray[np.int64]]:
    features, rows, columns = _places(part, row_of)
    levels = np.full((len(row_of), len(features)), -1)
    names: list[list[str]] = []
    texts = part["level"].to_numpy()
    for number in range(len(features)):
        here = columns == number
        known, codes = np.unique(texts[here].astype(str), return_inverse=True)
        names.append(known.tolist())
        levels[rows[here], number] = codes
    return features, names, levels
