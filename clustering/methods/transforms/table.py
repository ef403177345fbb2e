"""The long table of one category as matrices."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.arrays import Matrix


@dataclass(frozen=True)
class Table:
    """Stores by features: `numbers` (n_stores, p) with NaN for what is unknown, `levels` (n_stores,
    q), -1 for unknown.

    `is_mix` says that the numbers are sales by need state (an absent one is 0), and `information`
    (n_stores,) is then the store's sales; of attributes an absent one is unknown and `information`
    is NaN.
    """

    stores: list[str]
    features: list[str]
    numbers: Matrix
    level_features: list[str]
    level_names: list[list[str]]
    levels: NDArray[np.int64]
    information: Matrix
    is_mix: bool
    # (n_stores, 2) sales in the earlier and the later half; NaN where there are none
    halves: Matrix

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


def read_table(
    values: pl.DataFrame, stores: pl.DataFrame, column: str = "value", ignore: Collection[str] = ()
) -> Table:
    """Lay out `values` (schemas.Values, one category) in the order of `stores` (schemas.Stores).

    `column` is value, half_a or half_b; features in `ignore` are left out.
    """
    return read_tables(values, stores, [column], ignore)[0]


def read_tables(
    values: pl.DataFrame, stores: pl.DataFrame, columns: Sequence[str], ignore: Collection[str] = ()
) -> list[Table]:
    """Give `read_table` of several columns; keys are looked up once."""
    is_mix = stores["sales"].null_count() < stores.height
    kept = values.filter(~pl.col("feature").is_in(list(ignore))) if ignore else values
    numeric, categorical = kept, kept.clear()
    if kept["level"].null_count() < kept.height:
        numeric, categorical = (
            kept.filter(pl.col("level").is_null()),
            kept.filter(pl.col("level").is_not_null()),
        )
    features = _names(numeric["feature"])
    rows = _codes(numeric["store_nbr"], stores["store_nbr"])
    places = rows, _codes(numeric["feature"], features)
    halves = _halves(numeric, rows, stores.height, is_mix)
    level_features, level_names, levels = _levels(categorical, stores["store_nbr"])
    tables = []
    for column in columns:
        absent = 0.0 if is_mix else np.nan
        numbers = np.full((stores.height, len(features)), absent)
        numbers[places] = _floats(numeric[column], absent)
        tables.append(
            Table(
                stores["store_nbr"].to_list(),
                features.to_list(),
                numbers,
                level_features,
                level_names,
                levels,
                numbers.sum(axis=1) if is_mix else np.full(stores.height, np.nan),
                is_mix,
                halves,
            )
        )
    return tables


def has_halves(values: pl.DataFrame) -> bool:
    """Whether the sales were split in halves."""
    split = {"half_a", "half_b"} <= set(values.columns)
    return split and values["half_b"].null_count() < values.height


def _names(texts: pl.Series) -> pl.Series:
    """The different texts, sorted; Polars would start threads for these few."""
    return pl.Series(texts.name, sorted(texts.unique().to_list()), pl.String)


def _codes(texts: pl.Series, names: pl.Series) -> NDArray[np.int64]:
    """The place of each text among `names`, which are unique."""
    return texts.cast(pl.Enum(names)).to_physical().to_numpy().astype(np.int64)


def _floats(values: pl.Series, absent: float) -> Matrix:
    has_nulls = values.null_count() > 0  # filling takes longer than looking
    numbers = values.cast(pl.Float64)
    return np.asarray((numbers.fill_null(absent) if has_nulls else numbers).to_numpy())


def _halves(part: pl.DataFrame, rows: NDArray[np.int64], stores: int, is_mix: bool) -> Matrix:
    if not is_mix or not has_halves(part):
        return np.full((stores, 2), np.nan)
    return np.column_stack(
        [np.bincount(rows, _floats(part[name], 0.0), stores) for name in ("half_a", "half_b")]
    )


def _levels(
    part: pl.DataFrame, stores: pl.Series
) -> tuple[list[str], list[list[str]], NDArray[np.int64]]:
    if part.is_empty():
        return [], [], np.full((len(stores), 0), -1)
    features = _names(part["feature"])
    rows, columns = _codes(part["store_nbr"], stores), _codes(part["feature"], features)
    levels = np.full((len(stores), len(features)), -1)
    names: list[list[str]] = []
    texts = part["level"].to_numpy()
    for number in range(len(features)):
        here = columns == number
        known, codes = np.unique(texts[here].astype(str), return_inverse=True)
        names.append(known.tolist())
        levels[rows[here], number] = codes
    return features.to_list(), names, levels
