"""The need states that stores do not carry, and what they would sell of them."""

from __future__ import annotations

import numpy as np
import polars as pl

from clustering.methods.transforms.carried import Carried
from clustering.methods.transforms.table import Table


def not_carried(category: str, table: Table, carried: Carried | None) -> pl.DataFrame:
    """Give a row (schemas.NotCarried) for each store and need state of `table` that `carried` says
    the store lacks: the share of its mix that the need state would have, and the sales beside what
    the store sells now.
    """
    rows = columns = np.zeros(0, dtype=np.int64)
    share = sales = np.zeros(0)
    if carried:
        absent, filled = carried.absent(table.numbers), carried.filled(table.numbers)
        rows, columns = np.nonzero(absent)
        share = filled[rows, columns]
        kept = 1 - np.where(absent, filled, 0.0).sum(axis=1)
        sales = share * table.information[rows] / kept[rows]
    names = pl.Series(table.stores, dtype=pl.String), pl.Series(table.features, dtype=pl.String)
    return pl.DataFrame(
        {
            "category": pl.Series([category], dtype=pl.String).new_from_index(0, len(rows)),
            "store_nbr": names[0][rows],
            "feature": names[1][columns],
            "share": share,
            "sales": sales,
        }
    )
