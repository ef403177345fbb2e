"""Sums by (store, cell) that are exact, so neither batches nor row order nor the way of summing
show in them.

Amounts are whole numbers of 1/10,000 of a currency unit, held in float64 (exact up to 900 billion a
cell) or int64. A cell is a place in the second axis: a need state of a category, or a set of need
states a SKU is split over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.methods.aggregation.keys import Codes

UNITS = 10_000  # per currency unit
ROUNDING = 1.5 * 2**52  # floats of this size hold whole numbers only
BYTES_PER_PLACE = 16  # two halves, float64
COMPACT_AT = 8_000_000


@dataclass(frozen=True)
class Sums:
    """Every (store, cell) that was met: codes and the amounts of both halves in 1/10,000, each of
    shape (m,).
    """

    store: NDArray[np.int64]
    cell: NDArray[np.int64]
    half_a: NDArray[np.int64]
    half_b: NDArray[np.int64]


class Totals(Protocol):
    """`half` is false for half A and true for half B."""

    def add(
        self, store: Codes, cell: Codes, half: NDArray[np.bool_], amount: NDArray[np.float64]
    ) -> None: ...
    def by_cell(self, cells: int) -> NDArray[np.float64]:
        """The sums of both halves of all stores, of shape (cells, 2)."""
        ...

    def sums(
        self, cells: Sequence[int] | None = None, stores: NDArray[np.int64] | None = None
    ) -> Sums:
        """What was summed, of all cells and stores, or of `cells` and in the order of `stores`.

        In the second case codes are places in these lists, and rows are sorted by store and cell.
        """
        ...


class DenseTotals:
    """A stores x cells x 2 array that grows; fastest, as long as it fits its budget."""

    def __init__(self) -> None:
        self._array = np.zeros((0, 0, 2))

    def fits(self, stores: int, cells: int, budget_mb: int) -> bool:
        # while it grows the old array is there, too
        return 2 * stores * self._wide(cells) * BYTES_PER_PLACE <= budget_mb * 2**20

    def _wide(self, cells: int) -> int:
        have = self._array.shape[1]
        return have if cells <= have else max(cells, have + have // 4)

    def reserve(self, stores: int, cells: int) -> None:
        """Make room for that many stores and cells, and for more stores, which take no memory until
        they are met.
        """
        have = self._array.shape
        if stores > have[0] or cells > have[1]:
            array = np.zeros((max(have[0], stores + stores // 4), self._wide(cells), 2))
            array[: have[0], : have[1]] = self._array
            self._array = array

    def add(
        self, store: Codes, cell: Codes, half: NDArray[np.bool_], amount: NDArray[np.float64]
    ) -> None:
        small = self._array.size < 2**31
        place = np.multiply(store, self._array.shape[1], dtype=np.int32 if small else np.int64)
        place += cell
        place += place  # two halves
        place += half
        np.add.at(self._array.reshape(-1), place, amount)

    def by_cell(self, cells: int) -> NDArray[np.float64]:
        return np.asarray(self._array.sum(axis=0)[:cells])

    def sums(
        self, cells: Sequence[int] | None = None, stores: NDArray[np.int64] | None = None
    ) -> Sums:
        places = self._array.view(np.complex128)[
            ..., 0
        ]  # both halves as one number, which is taken at a time
        if cells is not None and stores is not None:
            places = np.take(
                places, stores[:, np.newaxis] * places.shape[1] + np.array(cells, dtype=np.int64)
            )
        half_a, half_b = (
            places.real.astype(np.int64).reshape(-1),
            places.imag.astype(np.int64).reshape(-1),
        )
        met = np.flatnonzero(half_a + half_b)  # amounts are not negative
        store, cell = np.divmod(met, max(places.shape[1], 1))
        return Sums(store, cell, half_a[met], half_b[met])


class PackedTotals:
    """One 64-bit key per (cell, store), summed batch by batch; for what is too wide for an
    array.
    """

    def __init__(self) -> None:
        self._parts: list[pl.DataFrame] = []
        self._rows = 0

    def add(
        self, store: Codes, cell: Codes, half: NDArray[np.bool_], amount: NDArray[np.float64]
    ) -> None:
        whole = amount.astype(np.int64)
        frame = pl.DataFrame(
            {
                "key": (cell.astype(np.int64) << 32) | store,
                "a": np.where(half, 0, whole),
                "b": np.where(half, whole, 0),
            }
        )
        self._keep(_summed(frame))

    def add_sums(self, sums: Sums) -> None:
        """Take over what another way of summing has so far."""
        self._keep(
            pl.DataFrame(
                {"key": (sums.cell << 32) | sums.store, "a": sums.half_a, "b": sums.half_b}
            )
        )

    def _keep(self, part: pl.DataFrame) -> None:
        self._parts.append(part)
        self._rows += part.height
        if self._rows > COMPACT_AT:
            self._parts = [_summed(pl.concat(self._parts))]
            self._rows = self._parts[0].height

    def by_cell(self, cells: int) -> NDArray[np.float64]:
        found = self.sums()
        halves = (np.bincount(found.cell, half, cells) for half in (found.half_a, found.half_b))
        return np.column_stack(list(halves))

    def sums(
        self, cells: Sequence[int] | None = None, stores: NDArray[np.int64] | None = None
    ) -> Sums:
        if not self._parts:
            nothing = np.zeros(0, dtype=np.int64)
            return Sums(nothing, nothing, nothing, nothing)
        if len(self._parts) > 1 or not self._parts[0]["key"].is_sorted():
            self._parts = [_summed(pl.concat(self._parts)).sort("key")]
        total = self._parts[0]
        if cells is None or stores is None:
            return _unpacked(total)
        bounds = np.array(
            [bound for cell in cells for bound in (cell << 32, (cell + 1) << 32)], dtype=np.int64
        )
        ends = total["key"].search_sorted(bounds).to_list()
        parts = [
            total[low:high].with_columns((pl.col("key") & 0xFFFFFFFF) | (place << 32))
            for place, (low, high) in enumerate(zip(ends[::2], ends[1::2], strict=True))
        ]
        found = _unpacked(pl.concat(parts or [total.clear()]))
        place = np.empty(int(stores.max(initial=-1)) + 1, dtype=np.int64)
        place[stores] = np.arange(len(stores))
        order = np.lexsort((found.cell, place[found.store]))
        return Sums(
            place[found.store][order], found.cell[order], found.half_a[order], found.half_b[order]
        )


def _summed(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.group_by("key").agg(pl.col("a").sum(), pl.col("b").sum())


def _unpacked(frame: pl.DataFrame) -> Sums:
    key = frame["key"].to_numpy()
    return Sums(key & 0xFFFFFFFF, key >> 32, frame["a"].to_numpy(), frame["b"].to_numpy())


def rounded(units: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rounded to whole numbers, half to even as np.rint does, in half its time; exact below
    2**51.
    """
    units += ROUNDING
    units -= ROUNDING
    return units


def all_within(amount: NDArray[np.float64], largest: float) -> bool:
    """Whether every amount is a number from 0 to `largest`; comparisons with NaN are false."""
    return bool(amount.size == 0 or (amount.min() >= 0 and amount.max() <= largest))
