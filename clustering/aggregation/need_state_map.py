"""The map SKU -> need states, checked and numbered into cells.

A cell is a (category, set of need states): a SKU with one need state has a set of one, a SKU that is split over m need
states a set of m whose sales are shared out at the end. Which category a row belongs to is known only from the row when
the sales file has categories, so cells are numbered as (SKU, category) pairs are met.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.aggregation.keys import KeyCodes

NO_NEED_STATE = -2


class NeedStateMap:
    """Checked map rows: `sets[s]` are the need states of set s, `set_of_sku[code]` the set of a SKU, -1 not in the map."""

    def __init__(self, need_states: pl.DataFrame, skus: KeyCodes, categories: KeyCodes) -> None:
        self.rows_read = need_states.height
        self.rejected = _rejected(need_states)
        good = _good(need_states)
        by_sku = (
            good.group_by("sku_nbr").agg(pl.col("need_state").sort(), pl.col("category").drop_nulls().first()).sort("sku_nbr")
        )
        self.rows_used = good.height
        self.sets: list[tuple[str, ...]] = []
        numbers: dict[tuple[str, ...], int] = {}
        codes = skus.encode(by_sku["sku_nbr"])
        self._set_of_sku = np.full(len(skus.names), -1)
        for code, states in zip(codes, by_sku["need_state"].to_list(), strict=True):
            key = tuple(states)
            self._set_of_sku[code] = numbers.setdefault(key, len(numbers))
        self.sets = list(numbers)
        self._category_of_sku = np.full(len(skus.names), -1)
        self._category_of_sku[codes] = categories.encode(by_sku["category"])
        bare = need_states.filter(pl.col("need_state").is_null() & pl.col("sku_nbr").is_not_null())["sku_nbr"].unique().sort()
        without = skus.encode(bare)
        self._set_of_sku = _grown(self._set_of_sku, len(skus.names))
        self._category_of_sku = _grown(self._category_of_sku, len(skus.names))
        self._set_of_sku[without] = np.where(self._set_of_sku[without] < 0, NO_NEED_STATE, self._set_of_sku[without])
        self.cells: list[tuple[int, int]] = []  # (category code, set)
        self._cell_of: NDArray[np.int64] = np.full((0, len(self.sets)), -1)

    def set_of(self, sku: NDArray[np.int64]) -> NDArray[np.int64]:
        """The set of each SKU code; -1 where the map does not know the SKU, NO_NEED_STATE where it names none."""
        return _looked_up(self._set_of_sku, sku)

    def category_of(self, sku: NDArray[np.int64]) -> NDArray[np.int64]:
        """The category code the map gives each SKU code; -1 where it gives none."""
        return _looked_up(self._category_of_sku, sku)

    def cell_of(self, category: NDArray[np.int64], states: NDArray[np.int64]) -> NDArray[np.int64]:
        """The cell of each (category code, set), numbering pairs that are new."""
        if category.size == 0:
            return category
        self._cell_of = _grown(self._cell_of, int(category.max()) + 1)
        cells = self._cell_of[category, states]
        if (cells < 0).any():
            for pair in sorted(set(zip(category[cells < 0].tolist(), states[cells < 0].tolist(), strict=True))):
                self._cell_of[pair] = len(self.cells)
                self.cells.append(pair)
            cells = self._cell_of[category, states]
        return cells


def _good(need_states: pl.DataFrame) -> pl.DataFrame:
    return need_states.drop_nulls(["sku_nbr", "need_state"]).unique(
        ["sku_nbr", "need_state"], keep="first", maintain_order=True
    )


def _rejected(need_states: pl.DataFrame) -> pl.DataFrame:
    """The rows set aside, with a column `rule`; every row falls under one rule at most."""
    rule = (
        pl.when(pl.col("sku_nbr").is_null()).then(pl.lit("sku_nbr_null"))
        .when(pl.col("need_state").is_null()).then(pl.lit("need_state_null"))
        .when(~pl.struct("sku_nbr", "need_state").is_first_distinct()).then(pl.lit("duplicate"))
    )  # fmt: skip
    return need_states.with_columns(rule.alias("rule")).filter(pl.col("rule").is_not_null())


def _looked_up(table: NDArray[np.int64], codes: NDArray[np.int64]) -> NDArray[np.int64]:
    known = (codes >= 0) & (codes < table.size)
    if known.all():
        return table[codes]
    return np.where(known, table[np.where(known, codes, 0)] if table.size else -1, -1)


def _grown(table: NDArray[np.int64], rows: int) -> NDArray[np.int64]:
    if rows <= table.shape[0]:
        return table
    grown = np.full((rows, *table.shape[1:]), -1)
    grown[: table.shape[0]] = table
    return grown
