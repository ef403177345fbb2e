"""Keys (store and SKU numbers, category names) to small integers, batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

Codes = NDArray[np.int32]
LOOKUP_LIMIT = 50_000_000  # integers spread wider than this are treated as text
WIDER_THAN_INT64 = (pl.UInt64, pl.UInt128, pl.Int128)
FROM_ZERO = 4_000_000  # below it the lookup table starts at zero, which saves shifting every key


class KeyCodes:
    """Numbers keys 0, 1, 2 ... in the order they are met; the same key always gets the same number.

    Small integers go through a lookup table, everything else through a Polars categorical; both
    cost a few nanoseconds a row. Null becomes -1.
    """

    def __init__(
        self,
        check: Callable[[pl.Series, Sequence[str]], None] | None = None,
        kind: pl.DataType | None = None,
    ) -> None:
        """`check` is called with text keys not met before, and with all that were.

        `kind` is the type of the keys: the codes of a categorical column are used as they are.
        """
        self._check = check
        self._codes: dict[str, int] = {}
        self._table: Codes = np.full(0, -1, dtype=np.int32)
        self._lowest = 0
        self._by_physical: Codes = np.full(0, -1, dtype=np.int32)
        known = kind.categories if isinstance(kind, pl.Categorical) else None
        self._categories = known or pl.Categories.random()
        # Polars forgets the numbering of categories that no living series uses
        self._keeps_categories = pl.Series([], dtype=pl.Categorical(self._categories))

    @property
    def text_type(self) -> pl.Categorical:
        """Text cast to this type beforehand, where Polars works on all cores, is encoded
        fastest.
        """
        return pl.Categorical(self._categories)

    @property
    def names(self) -> list[str]:
        """The keys as text, by code."""
        return list(self._codes)

    def __len__(self) -> int:
        return len(self._codes)

    def encode(self, keys: pl.Series, physical: pl.Series | None = None) -> Codes:
        """Give the codes of `keys`, shape (n,), -1 for null; keys not met before get new codes.

        `physical` are the physical values of keys of `text_type`, where they are there already.
        """
        if keys.dtype.is_integer():
            if (known := self._known(keys)) is not None:
                return known
            if keys.null_count() == len(keys):
                return np.full(len(keys), -1, dtype=np.int32)
            low, high = int(keys.min()), int(keys.max())  # type: ignore[arg-type]
            if (
                high < 2**63
                and high - low < LOOKUP_LIMIT
                and (not self._table.size or self._width(low, high) < LOOKUP_LIMIT)
            ):
                return self._encode_integers(keys, low, high)
        coded = keys if keys.dtype == self.text_type else keys.cast(pl.String).cast(self.text_type)
        return self._encode_text(coded, coded.to_physical() if physical is None else physical)

    def _known(self, keys: pl.Series) -> Codes | None:
        """The codes of integers that were all met before; None where one was not, or is null. One
        look at each suffices.
        """
        if keys.null_count() or keys.dtype in WIDER_THAN_INT64:
            return None
        # not cast in Polars: its threads are busy reading the next rows, and even a cast to the
        # same type waits for them
        places = keys.to_numpy().astype(np.int64, copy=False)
        if self._lowest:
            places = places - self._lowest
        if (
            places.view(np.uint64).max(initial=0) >= self._table.size
        ):  # one below zero is huge without its sign
            return None
        codes: Codes = np.take(self._table, places)
        return codes if codes.min(initial=0) >= 0 else None

    def _width(self, low: int, high: int) -> int:
        return max(high, self._lowest + self._table.size - 1) - min(low, self._lowest)

    def _encode_integers(self, keys: pl.Series, low: int, high: int) -> Codes:
        self._widen(low, high)
        missing = keys.null_count() > 0
        places = (keys.fill_null(low) if missing else keys).to_numpy().astype(
            np.int64, copy=False
        ) - self._lowest
        codes: Codes = np.take(self._table, places)
        if codes.min() < 0:
            fresh = np.unique(places[codes < 0])
            self._table[fresh] = [self._code(str(key)) for key in (fresh + self._lowest).tolist()]
            codes = np.take(self._table, places)
        if missing:
            codes[keys.is_null().to_numpy()] = -1
        return codes

    def _widen(self, low: int, high: int) -> None:
        """Make room for keys from `low` to `high`, and for some beyond: filling the table anew for
        every batch with a smaller or larger key costs more than summing.
        """
        if self._table.size and self._lowest <= low and high < self._lowest + self._table.size:
            return
        starts_at_zero = low >= 0 and (high < FROM_ZERO or 2 * low < high < LOOKUP_LIMIT)
        lowest = 0 if starts_at_zero else low
        lowest = min(lowest, self._lowest) if self._table.size else lowest
        highest = max(high, self._lowest + self._table.size - 1) if self._table.size else high
        highest = max(highest, min(highest + (highest - lowest) // 2, lowest + LOOKUP_LIMIT - 1))
        table = np.full(highest - lowest + 1, -1, dtype=np.int32)
        if self._table.size:
            start = self._lowest - lowest
            table[start : start + self._table.size] = self._table
        self._table, self._lowest = table, lowest

    def _encode_text(self, coded: pl.Series, places: pl.Series) -> Codes:
        self._keeps_categories = coded
        if coded.null_count() == len(coded):
            return np.full(len(coded), -1, dtype=np.int32)
        missing = coded.is_null().to_numpy() if coded.null_count() else None
        physical = (places if missing is None else places.fill_null(0)).to_numpy()
        highest = int(physical.max())
        if highest >= self._by_physical.size:
            grown = np.full(highest + 1 + highest // 2, -1, dtype=np.int32)
            grown[: self._by_physical.size] = self._by_physical
            self._by_physical = grown
        codes: Codes = np.take(self._by_physical, physical)
        if missing is not None:
            codes[missing] = 0
        if codes.min() < 0:
            fresh = codes < 0
            found, first = np.unique(physical[fresh], return_index=True)
            texts = coded.filter(pl.Series(fresh)).gather(first).cast(pl.String)
            if self._check:
                self._check(texts, self.names)
            self._by_physical[found] = [self._code(text) for text in texts.to_list()]
            codes = np.take(self._by_physical, physical)
        if missing is not None:
            codes[missing] = -1
        return codes

    def _code(self, text: str) -> int:
        return self._codes.setdefault(text, len(self._codes))
