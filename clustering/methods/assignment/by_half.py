"""The clusters of stores by the first half of their sales, beside the mix of the second half."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.arrays import Matrix
from clustering.methods.assignment.placer import Placer
from clustering.methods.transforms.composition import shares
from clustering.methods.transforms.fitted import FittedFeatures
from clustering.methods.transforms.table import read_table


def placed_by_first_half(
    values: pl.DataFrame, stores: pl.DataFrame, transformers: FittedFeatures, placer: Placer
) -> tuple[NDArray[np.int64], Matrix]:
    """Give published clusters (n,) by half_a and mixes (n, need states) of half_b, of the stores
    that sold in both.
    """
    mix = shares(read_table(values, stores, "half_b").numbers)
    X, information = transformers.place(read_table(values, stores, "half_a"))
    sold = np.isfinite(X).all(axis=1) & np.isfinite(mix).all(axis=1)
    found = placer.by_model(X[sold], information[sold])
    return placer.published[found.argmax(axis=1)], mix[sold]
