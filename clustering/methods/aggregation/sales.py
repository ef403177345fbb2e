"""The pass over the sales rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.config import Preprocess
from clustering.methods.aggregation.keys import Codes, KeyCodes
from clustering.methods.aggregation.need_state_map import NO_NEED_STATE, NeedStateMap
from clustering.methods.aggregation.overlap import FileRows, file_number, names_of_files
from clustering.methods.aggregation.plausible import Periods, PeriodSums
from clustering.methods.aggregation.row_counts import RowCounts
from clustering.methods.aggregation.rules import (
    LARGEST_AMOUNT,
    NEGATIVE,
    NOT_FAULTS,
    RULES,
    as_text,
)
from clustering.methods.aggregation.spelling import require_clean_keys, require_one_spelling
from clustering.methods.aggregation.totals import (
    UNITS,
    DenseTotals,
    PackedTotals,
    Totals,
    all_within,
    rounded,
)
from clustering.methods.aggregation.used_again import OtherCategories
from clustering.methods.aggregation.window import Window

PHYSICAL = " physical"  # what a column's physical values are called
HASH = "category hash"
TEXT = (pl.String, pl.Categorical, pl.Enum)
Amounts = NDArray[np.float64]


@dataclass
class Aggregated:
    """Sums and counts of one pass.

    `rows` and `units` (1/10,000 of a currency unit) per rule, `kept` faulty rows, sales rows per
    (store, category) code. `has_halves` says whether sums are split at a period.
    """

    stores: KeyCodes
    categories: KeyCodes
    need_states: NeedStateMap
    rows: Counter[str]
    units: Counter[str]
    kept: list[pl.DataFrame]
    totals: Totals
    row_counts: NDArray[np.int64]  # (n_stores, n_categories)
    other_categories: pl.DataFrame  # of SKUs, that are not the map's (see used_again)
    split: int | None  # the last period of the earlier half; None where there are no halves
    without_period: int | None = None  # the one that held the sum of all others
    covered: tuple[int, int] | None = None  # the first and the last period that count
    overlap: tuple[str, str, int] | None = None  # two files that repeat each other
    repeated: int = 0  # rows that repeat others, of a few stores
    # spellings of categories that were replaced: old, new, rows
    respelt: list[tuple[str, str, int]] = field(default_factory=list)

    def forget_sums(self) -> None:
        """Let the memory of the sums go; what was counted stays."""
        self.totals = DenseTotals()


@dataclass
class Pass:
    """The state of a pass."""

    raw_map: pl.DataFrame
    preprocess: Preprocess
    split: int | None
    drawn: pl.Series | None
    seed: int
    window: Window | None = None
    periods: PeriodSums = field(default_factory=lambda: PeriodSums(None, None))
    without_period: int | None = None
    covered: tuple[int, int] | None = None
    kinds: Mapping[str, pl.DataType] = field(default_factory=dict)  # of the columns of the sales
    rows: Counter[str] = field(default_factory=Counter)
    units: Counter[str] = field(default_factory=Counter)
    returned: list[pl.DataFrame] = field(default_factory=list)
    kept: list[pl.DataFrame] = field(default_factory=list)
    kept_rows: Counter[str] = field(default_factory=Counter)
    totals: DenseTotals | PackedTotals = field(default_factory=DenseTotals)
    row_counts: RowCounts = field(default_factory=RowCounts)
    other_categories: OtherCategories = field(default_factory=OtherCategories)

    def __post_init__(self) -> None:
        self.stores = KeyCodes(require_clean_keys, self.kinds.get("store_nbr"))
        self.skus = KeyCodes(require_clean_keys, self.kinds.get("sku_nbr"))
        self.categories = KeyCodes(require_one_spelling, self.kinds.get("category"))
        self.file_rows = FileRows(names_of_files(self.kinds))
        self.need_states = NeedStateMap(self.raw_map, self.skus, self.categories)

    def with_coded_text(self, sales: pl.LazyFrame) -> pl.LazyFrame:
        """Text keys as categories, and their physical values; a hash of the category, which is
        cheaper, unless it is categorical already; the number of the file.

        Polars makes them on all cores while it reads on; asked for batch by batch, they would wait
        for the threads that read.
        """
        keys = {"store_nbr": self.stores, "sku_nbr": self.skus}
        texts = {
            name: pl.col(name).cast(codes.text_type)
            for name, codes in keys.items()
            if self.kinds[name] in TEXT
        }
        if self.kinds["category"] == self.categories.text_type:
            texts["category"] = pl.col("category")
        made = {name + PHYSICAL: text.to_physical() for name, text in texts.items()}
        if "category" not in texts:
            made[HASH] = pl.col("category").hash()
        return sales.with_columns(*file_number(self.kinds), **texts, **made)

    def _codes(self, keys: KeyCodes, batch: pl.DataFrame, name: str) -> Codes:
        physical = name + PHYSICAL
        return keys.encode(batch[name], batch[physical] if physical in batch.columns else None)

    def add(self, batch: pl.DataFrame) -> None:
        """Check the batch, then sum its good rows."""
        self.rows["read"] += batch.height
        # null becomes NaN; a batch is mostly two pieces, which are copied together each time
        amount, period = batch["total_sales"].to_numpy(), batch["period"].to_numpy()
        store = self._codes(self.stores, batch, "store_nbr")
        sku = self._codes(self.skus, batch, "sku_nbr")
        self.file_rows.add(batch, period, amount, store, sku)
        of_map, cell = self.need_states.category_of(sku), self.need_states.home_of(sku)
        agrees = self._agrees_with_map(batch, of_map)
        in_order = (
            store.min(initial=0) >= 0
            and cell.min(initial=0) >= 0
            and all_within(amount, LARGEST_AMOUNT)
        )
        all_count = (
            self.drawn is None
            and self.window is None
            and self.without_period is None
            and not _is_unread(batch, "unread_period").any()
        )
        if in_order and agrees is None and all_count:
            self._sum(store, cell, of_map, amount, period)
        else:
            of_row = of_map if agrees is None else self._category_of_rows(batch, agrees, of_map)
            self._add_with_care(batch, amount, period, store, sku, of_row, of_map)

    def places_of(self, batch: pl.DataFrame) -> tuple[Codes, Codes, Codes, NDArray[np.bool_]]:
        """The codes of store, SKU and cell of each row, and whether the row is good; of others the
        cell means nothing.
        """
        store, sku = self.stores.encode(batch["store_nbr"]), self.skus.encode(batch["sku_nbr"])
        of_row = self.categories.encode(batch["category"])
        category = np.where(of_row >= 0, of_row, self.need_states.category_of(sku))
        states = self.need_states.set_of(sku, category)
        good = self._rules(batch, batch["total_sales"].to_numpy(), store, sku, states, category) < 0
        cell = np.full(batch.height, -1, dtype=np.int32)
        cell[good] = self.need_states.cell_of(category[good], states[good])
        return store, sku, cell, good

    def _agrees_with_map(self, batch: pl.DataFrame, of_map: Codes) -> NDArray[np.bool_] | None:
        """Whether each row's category is the map's, by their codes or their hashes of 64 bits; None
        where all are, or no row has one.
        """
        if batch["category"].null_count() == batch.height:
            return None
        if HASH not in batch.columns:
            agrees = self._codes(self.categories, batch, "category") == of_map
        else:
            agrees = batch[HASH].to_numpy() == self.need_states.category_hash_of(of_map)
        return None if agrees.all() else agrees

    def _category_of_rows(
        self, batch: pl.DataFrame, agrees: NDArray[np.bool_], of_map: Codes
    ) -> Codes:
        of_row = of_map.copy()
        of_row[~agrees] = self.categories.encode(batch["category"].filter(pl.Series(~agrees)))
        return of_row

    def _add_with_care(
        self,
        batch: pl.DataFrame,
        amount: Amounts,
        period: Periods,
        store: Codes,
        sku: Codes,
        of_row: Codes,
        of_map: Codes,
    ) -> None:
        """The same for a batch with faulty rows, or where sales and map differ on categories."""
        category = np.where(of_row >= 0, of_row, of_map)  # the sales file wins
        states = self.need_states.set_of(sku, category)
        rule = self._rules(batch, amount, store, sku, states, category)
        good = rule < 0
        if not good.all():
            self._set_aside(batch, rule, amount, store, sku, states, category)
            store, sku, states = store[good], sku[good], states[good]
            category, amount, period = category[good], amount[good], period[good]
            of_row, of_map = of_row[good], of_map[good]
        differs = (of_row >= 0) & (of_map >= 0) & (of_row != of_map)
        if differs.any():
            differs &= ~self.need_states.is_mapped(sku, of_row)
            self.rows["category_differs_from_map"] += int(differs.sum())
            units = rounded(amount[differs] * UNITS)
            self.other_categories.add(sku[differs], of_row[differs], units)
        cell = self.need_states.cell_of(category, states)
        self._sum(store, cell, category, amount, period)

    def _sum(
        self, store: Codes, cell: Codes, category: Codes, amount: Amounts, period: Periods
    ) -> None:
        self.rows["used"] += store.size
        if store.size:
            self.make_room()
            units = rounded(amount * UNITS)
            self.units["used"] += int(units.sum())
            self.periods.add(period, units)
            self.totals.add(store, cell, self.half(period), units)
            self.row_counts.add(store, category)

    def half(self, period: Periods) -> NDArray[np.bool_]:
        """Whether a row is of the later half; without a split all rows are of the earlier one."""
        if self.split is None:
            return np.zeros(period.size, dtype=bool)
        return np.asarray(period > self.split)  # where there is none it is NaN, which is not later

    def make_room(self) -> None:
        stores, cells = len(self.stores), len(self.need_states.cells)
        self.row_counts.reserve(stores, len(self.categories))
        if isinstance(self.totals, PackedTotals):
            return
        if self.totals.fits(stores, cells, self.preprocess.dense_budget_mb):
            self.totals.reserve(stores, cells)
        else:
            packed = PackedTotals()
            packed.add_sums(self.totals.sums())
            self.totals = packed

    def _rules(
        self,
        batch: pl.DataFrame,
        amount: Amounts,
        store: Codes,
        sku: Codes,
        states: Codes,
        category: Codes,
    ) -> NDArray[np.int64]:
        """The place in RULES of the first rule each row breaks; -1 for a good row."""
        period, store_nbr = pl.col("period"), pl.col("store_nbr")
        outside = None if self.window is None else ~period.is_between(*self.window).fill_null(False)
        drawn = None if self.drawn is None else store_nbr.is_in(self.drawn.implode())
        broken = [
            store < 0,
            sku < 0,
            _is_unread(batch, "unread_sales"),
            batch["total_sales"].is_null().to_numpy(),
            ~np.isfinite(amount),
            np.abs(amount) > LARGEST_AMOUNT,
            _is_unread(batch, "unread_period"),
            states == -1,
            states == NO_NEED_STATE,
            category < 0,
            _where(batch, outside),
            _where(batch, None if drawn is None else ~drawn.fill_null(False)),
            _where(batch, None if self.without_period is None else period == self.without_period),
            amount < 0,
        ]
        return np.select(broken, range(len(RULES)), -1)

    def _set_aside(
        self,
        batch: pl.DataFrame,
        rule: NDArray[np.int64],
        amount: Amounts,
        store: Codes,
        sku: Codes,
        states: Codes,
        category: Codes,
    ) -> None:
        bad = rule >= 0
        is_amount = np.abs(amount[bad]) <= LARGEST_AMOUNT
        units = rounded(np.where(is_amount, amount[bad], 0.0) * UNITS)
        sums = np.bincount(rule[bad], units, len(RULES))
        for number in np.unique(rule[bad]):
            self.rows[RULES[number]] += int((rule == number).sum())
            self.units[RULES[number]] += int(sums[number])
        negative = rule == RULES.index(NEGATIVE)
        if negative.any():
            cell = self.need_states.cell_of(category[negative], states[negative])
            codes = {"store": store[negative], "sku": sku[negative], "cell": cell}
            self.returned.append(
                as_text(batch.filter(pl.Series(negative)))
                .with_columns(pl.Series(name, part, pl.Int32) for name, part in codes.items())
                .with_columns(pl.Series("units", rounded(amount[negative] * UNITS), pl.Int64))
            )
        faulty = as_text(batch.filter(pl.Series(bad))).with_columns(
            pl.Series("rule", np.array(RULES)[rule[bad]])
        )
        for name, part in (
            faulty.filter(~pl.col("rule").is_in([*NOT_FAULTS, NEGATIVE]))
            .partition_by("rule", as_dict=True)
            .items()
        ):
            self.keep(str(name[0]), part)

    def keep(self, rule: str, faulty: pl.DataFrame) -> None:
        """Keep rows for the quarantine, as many as there is room for."""
        room = self.preprocess.quarantine_rows - self.kept_rows[rule]
        if room > 0 and faulty.height:
            self.kept.append(faulty.head(room))
            self.kept_rows[rule] += min(room, faulty.height)

    def result(self) -> Aggregated:
        self.make_room()  # the last batches may have brought stores that have no good row
        counts = self.row_counts.counts(len(self.stores), len(self.categories))
        return Aggregated(
            self.stores,
            self.categories,
            self.need_states,
            self.rows,
            self.units,
            self.kept,
            self.totals,
            counts,
            self.other_categories.table(self.skus, self.categories),
            self.split,
            self.without_period,
            self.covered,
        )


def _where(rows: pl.DataFrame, condition: pl.Expr | None) -> NDArray[np.bool_]:
    """Whether a condition holds for each row; none holds for no row, nor does a null."""
    if condition is None:
        return np.zeros(rows.height, dtype=bool)
    return rows.select(condition.fill_null(False)).to_series().to_numpy()


def _is_unread(rows: pl.DataFrame, column: str) -> NDArray[np.bool_]:
    """Whether text of a row was not understood; there is such a column only where some was not."""
    return _where(rows, pl.col(column).is_not_null() if column in rows.columns else None)
