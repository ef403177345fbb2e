"""Halves of sales without weeks: every amount split as sampling would split it."""

from __future__ import annotations

import numpy as np
import polars as pl

from clustering.methods.fitting.mixture import estimate_noise
from clustering.methods.fitting.space import Space
from clustering.methods.transforms.composition import are_shares, shares
from clustering.methods.transforms.table import Table, read_table
from clustering.methods.transforms.thinning import most_noise, thinned

FINEST, STORES_PER_CLUSTER = 10, 4  # clusters of the mixture that the noise is estimated with
MOST_VARIANCE = 0.95


def split_at_random(
    values: pl.DataFrame, stores: pl.DataFrame, seed: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give `values` (schemas.Values) with halves, and `stores` with the noise factor of each
    category: 0 where it cannot be told from other spread.

    Mixes that came as shares get no halves: nothing says how noisy they are.
    Halves do not depend on the order of rows: the coins belong to stores and need states.
    """
    of_category = stores.partition_by("category", as_dict=True, maintain_order=True)
    halves, noises = [], {}
    for (category,), part in values.partition_by(
        "category", as_dict=True, maintain_order=True
    ).items():
        own = of_category[(category,)]
        table = read_table(part, own)
        if are_shares(table.information[table.information > 0]):
            halves.append(np.full(part.height, np.nan))
            continue
        noises[str(category)] = _noise(table, own)
        one, _ = thinned(table, noises[str(category)] or most_noise(table), seed)
        rows, columns = (
            part[name].cast(pl.Enum(names)).to_physical().to_numpy()
            for name, names in (("store_nbr", table.stores), ("feature", table.features))
        )
        halves.append(one.numbers[rows, columns])
    half = pl.Series("half_a", np.concatenate(halves) if halves else [], dtype=pl.Float64).fill_nan(
        None
    )
    noise = pl.col("category").replace_strict(noises, default=0.0, return_dtype=pl.Float64)
    return (
        values.with_columns(half, half_b=pl.col("value") - half),
        stores.with_columns(noise=noise),
    )


def _noise(table: Table, stores: pl.DataFrame) -> float:
    """The noise factor, from how much more small stores vary than large ones."""
    rows = np.flatnonzero((stores["history"] == "enough").to_numpy() & (table.information > 0))
    k = min(FINEST, len(rows) // STORES_PER_CLUSTER)
    if k < 1:
        return 0.0
    roots = np.sqrt(shares(table.numbers[rows]))
    roots -= roots.mean(axis=0)
    variance, axes = np.linalg.eigh(roots.T @ roots / len(rows))
    # the fewest leading axes with most of the variance; eigh sorts upwards
    left_out = np.cumsum(variance) < (1 - MOST_VARIANCE) * variance.sum()
    return estimate_noise(Space(roots @ axes[:, ~left_out], table.information[rows]), k, True)
