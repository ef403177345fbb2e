"""The number of sales rows of every pair of store and category."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from clustering.methods.aggregation.keys import Codes

ROWS_AT_ONCE = 4_000_000
PLACES_AT_ONCE = 200_000  # NumPy makes 64 bits of them: more would be new pages each time


class RowCounts:
    """A stores x categories array that grows.

    Rows wait until there are many: the sums of a batch push the counts out of the cache, and
    fetching them again with every batch costs more than counting.
    """

    def __init__(self) -> None:
        self._counts = np.zeros((0, 0), dtype=np.int64)
        # places in the array, which would take 16 GiB before they are more than 32 bits hold
        self._waiting = np.empty(ROWS_AT_ONCE, dtype=np.int32)
        self._rows = 0  # that wait

    def reserve(self, stores: int, categories: int) -> None:
        """Make room for that many stores and categories, and for more stores: in a sorted file they
        come one by one.
        """
        have = self._counts.shape
        if stores > have[0] or categories > have[1]:
            self._count_waiting()
            grown = np.zeros(
                (max(have[0], stores + stores // 4), max(have[1], categories)), dtype=np.int64
            )
            grown[: have[0], : have[1]] = self._counts
            self._counts = grown

    def add(self, store: Codes, category: Codes) -> None:
        """Count one row for each pair of codes."""
        if self._rows + store.size > self._waiting.size:
            self._count_waiting()
            self._waiting = np.empty(max(self._waiting.size, store.size), dtype=np.int32)
        place = self._waiting[self._rows : self._rows + store.size]
        np.multiply(store, self._counts.shape[1], out=place, dtype=np.int32)
        place += category
        self._rows += store.size

    def add_many(self, store: Codes, category: Codes, rows: NDArray[np.int64]) -> None:
        """Count so many `rows` for each pair of codes."""
        np.add.at(self._counts, (store, category), rows)

    def counts(self, stores: int, categories: int) -> NDArray[np.int64]:
        """The counts so far, of shape (stores, categories)."""
        self.reserve(stores, categories)
        self._count_waiting()
        return self._counts[:stores, :categories]

    def _count_waiting(self) -> None:
        for start in range(0, self._rows, PLACES_AT_ONCE):
            places = self._waiting[start : min(start + PLACES_AT_ONCE, self._rows)]
            np.add.at(self._counts.reshape(-1), places, 1)
        self._rows = 0
