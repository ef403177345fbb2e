"""The clusters of stores by the first half of their sales, beside the mix of the second half."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Matrix
from clustering.methods.assignment.placer import Placer
from clustering.methods.transforms.composition import shares
from clustering.methods.transforms.fitted import FittedFeatures
from clustering.methods.transforms.table import Table


def placed_by_first_half(
    halves: tuple[Table, Table], transformers: FittedFeatures, placer: Placer
) -> tuple[NDArray[np.int64], Matrix]:
    """Give published clusters (n,) by half_a and mixes (n, need states) of half_b, of the stores
    that sold in both.
    """
    half_a, half_b = halves
    mix = shares(half_b.numbers)
    X, information = transformers.place(half_a)
    sold = np.isfinite(X).all(axis=1) & np.isfinite(mix).all(axis=1)
    found = placer.by_model(X[sold], information[sold])
    return placer.published[found.argmax(axis=1)], mix[sold]
