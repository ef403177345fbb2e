"""Mixes as they would be if every store carried every need state.

A store that does not carry a need state sells none of it, whatever its shoppers want. Such a zero
tells stores of one kind apart as if there were a gap between them.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clustering.methods.transforms.composition import shares
from clustering.methods.transforms.table import Table

BY_CHANCE = 0.01  # a zero less probable than this is no chance: the need state is not carried


def as_if_carried(table: Table, noise: float | None) -> Table:
    """Give the sales with need states that are not carried filled in, at the mean share of all
    stores among those the store carries.

    Sales of s with the noise factor a are as noisy as s / (4 a) units; without a factor nothing is
    filled, since zeros may be chance.
    """
    if not noise or not len(table.numbers):
        return table
    numbers, is_zero = table.numbers, table.numbers <= 0
    mix = np.nan_to_num(shares(numbers))
    mean = mix.sum(axis=0) / np.maximum((~is_zero).sum(axis=0), 1)  # of the stores that sell it
    mean /= max(float(mean.sum()), 1e-12)
    units = numbers.sum(axis=1, keepdims=True) / (4 * noise)
    absent = is_zero & (np.exp(-units * mean) < BY_CHANCE)
    carried = np.where(absent, 0.0, mean).sum(axis=1, keepdims=True)
    whole = numbers.sum(axis=1, keepdims=True) / np.maximum(carried, 1e-12)
    filled = np.where(absent, mean * whole, numbers)
    return replace(table, numbers=filled)
