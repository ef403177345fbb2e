"""Sums by (store, cell) that are exact, so neither batches nor row order nor the way of summing show in them.

Amounts are whole numbers of 1/10,000 of a currency unit, held in float64 (exact up to 900 billion a cell) or int64.
A cell is a place in the second axis: a need state of a category, or a set of need states a SKU is split over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

UNITS = 10_000  # per currency unit
BYTES_PER_PLACE = 16  # two halves, float64
COMPACT_AT = 8_000_000


@dataclass(frozen=True)
class Sums:
    """Every (store, cell) that was met: codes and the amounts of both halves in 1/10,000, each of shape (m,)."""

    store: NDArray[np.int64]
    cell: NDArray[np.int64]
    half_a: NDArray[np.int64]
    half_b: NDArray[np.int64]


class Totals(Protocol):
    def add(self, store: NDArray[np.int64], cell: NDArray[np.int64], half: NDArray[np.int64],
            amount: NDArray[np.float64]) -> None: ...  # fmt: skip
    def sums(self) -> Sums: ...


class DenseTotals:
    """A stores x cells x 2 array that grows; fastest, as long as it fits its budget."""

    def __init__(self) -> None:
        self._array = np.zeros((0, 0, 2))

    def fits(self, stores: int, cells: int, budget_mb: int) -> bool:
        grown_stores, grown_cells = self._grown(stores, cells)
        # the batch's own sums need as much again
        return 2 * grown_stores * grown_cells * BYTES_PER_PLACE <= budget_mb * 2**20

    def _grown(self, stores: int, cells: int) -> tuple[int, int]:
        have_stores, have_cells = self._array.shape[:2]
        return (
            have_stores if stores <= have_stores else max(stores, have_stores + have_stores // 4),
            have_cells if cells <= have_cells else max(cells, have_cells + have_cells // 4),
        )

    def reserve(self, stores: int, cells: int) -> None:
        """Make room for that many stores and cells."""
        shape = self._grown(stores, cells)
        if shape != self._array.shape[:2]:
            array = np.zeros((*shape, 2))
            array[: self._array.shape[0], : self._array.shape[1]] = self._array
            self._array = array

    def add(
        self, store: NDArray[np.int64], cell: NDArray[np.int64], half: NDArray[np.int64], amount: NDArray[np.float64]
    ) -> None:
        if store.size:
            place = (store * self._array.shape[1] + cell) * 2 + half
            flat = self._array.reshape(-1)
            sums = np.bincount(place, weights=amount)
            flat[: sums.size] += sums

    def sums(self) -> Sums:
        store, cell = np.nonzero(self._array.any(axis=2))
        halves = self._array[store, cell].astype(np.int64)
        return Sums(store, cell, halves[:, 0], halves[:, 1])


class PackedTotals:
    """One 64-bit key per (store, cell), summed batch by batch; for what is too wide for an array."""

    def __init__(self) -> None:
        self._parts: list[pl.DataFrame] = []
        self._rows = 0

    def add(
        self, store: NDArray[np.int64], cell: NDArray[np.int64], half: NDArray[np.int64], amount: NDArray[np.float64]
    ) -> None:
        whole = amount.astype(np.int64)
        frame = pl.DataFrame(
            {"key": (store << 32) | cell, "a": np.where(half == 0, whole, 0), "b": np.where(half == 1, whole, 0)}
        )
        self._keep(_summed(frame))

    def add_sums(self, sums: Sums) -> None:
        """Take over what another way of summing has so far."""
        self._keep(pl.DataFrame({"key": (sums.store << 32) | sums.cell, "a": sums.half_a, "b": sums.half_b}))

    def _keep(self, part: pl.DataFrame) -> None:
        self._parts.append(part)
        self._rows += part.height
        if self._rows > COMPACT_AT:
            self._parts = [_summed(pl.concat(self._parts))]
            self._rows = self._parts[0].height

    def sums(self) -> Sums:
        if not self._parts:
            nothing = np.zeros(0, dtype=np.int64)
            return Sums(nothing, nothing, nothing, nothing)
        total = _summed(pl.concat(self._parts)).sort("key")
        key = total["key"].to_numpy()
        return Sums(key >> 32, key & 0xFFFFFFFF, total["a"].to_numpy(), total["b"].to_numpy())


def _summed(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.group_by("key").agg(pl.col("a").sum(), pl.col("b").sum())
