"""SKUs that sales rows place in another category than the map does: numbers that are used again."""

from __future__ import annotations

from collections import Counter

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.methods.aggregation.keys import Codes, KeyCodes


class OtherCategories:
    """The sales of each SKU in each category that is not the map's."""

    def __init__(self) -> None:
        self._units: Counter[int] = Counter()

    def add(self, sku: Codes, category: Codes, units: NDArray[np.float64]) -> None:
        """Add rows: their codes and their amounts in whole 1/10,000, each of shape (n,)."""
        pairs, place = np.unique(
            (sku.astype(np.int64) << 32) | category.astype(np.int64), return_inverse=True
        )
        sums = np.bincount(place, units, len(pairs)).astype(np.int64)
        self._units.update(dict(zip(pairs.tolist(), sums.tolist(), strict=True)))

    def table(self, skus: KeyCodes, categories: KeyCodes) -> pl.DataFrame:
        """Give sku_nbr, category and units, most sales first."""
        names, of = skus.names, categories.names
        rows = [
            (names[pair >> 32], of[pair & 0xFFFFFFFF], units) for pair, units in self._units.items()
        ]
        kinds = {"sku_nbr": pl.String, "category": pl.String, "units": pl.Int64}
        table = pl.DataFrame(rows, schema=kinds, orient="row")
        return table.sort("units", "sku_nbr", "category", descending=[True, False, False])
