"""The map SKU -> need states, checked and numbered into cells.

A cell is a (category, set of need states): a SKU with one need state has a set of one, a SKU that
is split over m need states a set of m whose sales are shared out at the end. Which category a row
belongs to is known only from the row when the sales file has categories, so cells are numbered as
(SKU, category) pairs are met. A SKU that the map lists under several categories has in each only
the need states of that category.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.methods.aggregation.keys import Codes, KeyCodes

NO_NEED_STATE = -2
KEY = ("sku_nbr", "need_state", "category")


class NeedStateMap:
    """Checked map rows: `sets[s]` are the need states of set s, `set_of_sku[code]` the set of a
    SKU, -1 not in the map.

    `in_several` are the SKUs the map lists under several categories. Where a sales row of theirs
    names no category, or another one, the first of them by name counts.
    """

    def __init__(self, need_states: pl.DataFrame, skus: KeyCodes, categories: KeyCodes) -> None:
        self.rows_read = need_states.height
        self.rejected = _rejected(need_states)
        good = _good(need_states)
        by_pair = _by_category(good)
        sets = by_pair.select("need_state").unique(maintain_order=True).with_row_index("set")
        self.sets: list[tuple[str, ...]] = [*map(tuple, sets["need_state"].to_list())]
        by_pair = by_pair.join(sets, on="need_state", maintain_order="left")
        by_sku = by_pair.unique("sku_nbr", keep="first", maintain_order=True)
        several = by_pair.filter(pl.col("sku_nbr").is_duplicated())
        self.in_several = several["sku_nbr"].unique().sort().to_list()
        self.rows_used = good.height
        bare = need_states.filter(pl.col("need_state").is_null())["sku_nbr"].drop_nulls().unique()
        codes, without = skus.encode(by_sku["sku_nbr"]), skus.encode(bare.sort())
        self._skus, self._categories = skus, categories
        self._set_of_sku, self._category_of_sku, self._home_of_sku = (
            np.full(_roomy(len(skus)), -1, dtype=np.int32) for _ in range(3)
        )
        self._set_of_sku[without] = NO_NEED_STATE
        self._set_of_sku[codes] = by_sku["set"]
        self._category_of_sku[codes] = categories.encode(by_sku["category"])
        pairs = _packed(skus.encode(several["sku_nbr"]), categories.encode(several["category"]))
        order = np.argsort(pairs)
        self._pairs = pairs[order]
        self._set_of_pair = several["set"].to_numpy().astype(np.int32)[order]
        self._hashes = np.append(
            pl.Series(categories.names, dtype=pl.String).hash().to_numpy(), np.uint64(0)
        )
        self.cells: list[tuple[int, int]] = []  # (category code, set)
        self._cell_of: Codes = np.full((0, len(self.sets)), -1, dtype=np.int32)
        at_home = codes[self._category_of_sku[codes] >= 0]
        self._home_of_sku[at_home] = self.cell_of(
            self._category_of_sku[at_home], self._set_of_sku[at_home]
        )

    def set_of(self, sku: Codes, category: Codes) -> Codes:
        """The set of each SKU code in a category; -1 where the map does not know the SKU,
        NO_NEED_STATE where it names none.
        """
        self._set_of_sku = _grown(self._set_of_sku, len(self._skus))
        states = np.take(self._set_of_sku, sku)
        if self._pairs.size:
            place = self._place_of(sku, category)
            states = np.where(place >= 0, self._set_of_pair[place], states)
        return states

    def is_mapped(self, sku: Codes, category: Codes) -> NDArray[np.bool_]:
        """Whether the map lists each SKU, one of several categories, under this category."""
        if not self._pairs.size:
            return np.zeros(sku.shape, dtype=bool)
        return self._place_of(sku, category) >= 0

    def _place_of(self, sku: Codes, category: Codes) -> NDArray[np.int64]:
        """The place of each pair among those of SKUs with several categories; -1 for others."""
        wanted = _packed(sku, category)
        place = np.minimum(np.searchsorted(self._pairs, wanted), self._pairs.size - 1)
        return np.where(self._pairs[place] == wanted, place, -1)

    def category_of(self, sku: Codes) -> Codes:
        """The category code the map gives each SKU code; -1 where it gives none."""
        self._category_of_sku = _grown(self._category_of_sku, len(self._skus))
        return np.take(self._category_of_sku, sku)

    def category_hash_of(self, of_map: Codes) -> NDArray[np.uint64]:
        """The hash of each category that `category_of` gave; 0 for -1."""
        return np.take(self._hashes, of_map)

    def home_of(self, sku: Codes) -> Codes:
        """The cell of each SKU code in the category the map gives it; -1 where the map lacks
        either.
        """
        self._home_of_sku = _grown(self._home_of_sku, len(self._skus))
        return np.take(self._home_of_sku, sku)

    def by_sku(self) -> pl.DataFrame:
        """The map as a table: sku_nbr, states (the number of its set, or NO_NEED_STATE),
        map_category.
        """
        skus, names = self._skus.names, pl.Series(self._categories.names, dtype=pl.String)
        of_map = self._category_of_sku[: len(skus)]
        return pl.DataFrame(
            {
                "sku_nbr": pl.Series(skus, dtype=pl.String),
                "states": pl.Series(self._set_of_sku[: len(skus)], dtype=pl.Int32),
                "map_category": names.gather(pl.Series(of_map, dtype=pl.Int64).replace(-1, None)),
            }
        ).filter(pl.col("states") != -1)

    def by_pair(self) -> pl.DataFrame:
        """Where the map lists a SKU under several categories: sku_nbr, category, states_here."""
        skus, categories = (
            pl.Series(codes.names, dtype=pl.String) for codes in (self._skus, self._categories)
        )
        return pl.DataFrame(
            {
                "sku_nbr": skus.gather(self._pairs >> 32),
                "category": categories.gather(self._pairs & 0xFFFFFFFF),
                "states_here": pl.Series(self._set_of_pair, dtype=pl.Int32),
            }
        )

    def cell_of(self, category: Codes, states: Codes) -> Codes:
        """The cell of each (category code, set), numbering pairs that are new."""
        if category.size == 0:
            return category
        self._cell_of = _grown(self._cell_of, int(category.max()))
        cells = self._cell_of[category, states]
        if (cells < 0).any():
            for pair in sorted(
                set(zip(category[cells < 0].tolist(), states[cells < 0].tolist(), strict=True))
            ):
                self._cell_of[pair] = len(self.cells)
                self.cells.append(pair)
            cells = self._cell_of[category, states]
        return cells


def _packed(sku: Codes, category: Codes) -> NDArray[np.int64]:
    """Both codes as one number."""
    return (sku.astype(np.int64) << 32) | (category.astype(np.int64) & 0xFFFFFFFF)


def _good(need_states: pl.DataFrame) -> pl.DataFrame:
    return need_states.drop_nulls(["sku_nbr", "need_state"]).unique(KEY, maintain_order=True)


def _by_category(good: pl.DataFrame) -> pl.DataFrame:
    """Each SKU's need states, sorted, in each category that the map lists it under, by name.

    A row without a category counts in all categories of its SKU.
    """
    named = good.drop_nulls("category").select("sku_nbr", "category").unique()
    anywhere = good.filter(pl.col("category").is_null()).drop("category")
    spread = anywhere.join(named, on="sku_nbr", how="left").select(
        "sku_nbr", "need_state", "category"
    )
    return (
        pl.concat([good.drop_nulls("category").select("sku_nbr", "need_state", "category"), spread])
        .group_by("sku_nbr", "category")
        .agg(pl.col("need_state").unique().sort())
        .sort("sku_nbr", "category", nulls_last=True)
    )


def _rejected(need_states: pl.DataFrame) -> pl.DataFrame:
    """The rows set aside, with a column `rule`; every row falls under one rule at most."""
    rule = (
        pl.when(pl.col("sku_nbr").is_null())
        .then(pl.lit("sku_nbr_null"))
        .when(pl.col("need_state").is_null())
        .then(pl.lit("need_state_null"))
        .when(~pl.struct(KEY).is_first_distinct())
        .then(pl.lit("duplicate"))
    )
    return need_states.with_columns(rule.alias("rule")).filter(pl.col("rule").is_not_null())


def _grown(table: Codes, rows: int) -> Codes:
    """Make room for codes below `rows`; one row more stays -1, which the code -1 finds as the
    last.
    """
    if rows < table.shape[0]:
        return table
    grown = np.full((_roomy(rows), *table.shape[1:]), -1, dtype=np.int32)
    grown[: table.shape[0]] = table
    return grown


def _roomy(rows: int) -> int:
    return rows + 1 + rows // 4
