"""The clusters of stores by either half of their sales alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from clustering.methods.assignment.placer import Placer
from clustering.methods.transforms.fitted import FittedFeatures
from clustering.methods.transforms.table import Table


def placed_by_half(half: Table, transformers: FittedFeatures, placer: Placer) -> NDArray[np.int64]:
    """Give the published cluster (n,) of each store by one half of its sales; 0 where it has none
    in that half.
    """
    X, information = transformers.place(half)
    sold = np.isfinite(X).all(axis=1)
    placed = np.zeros(len(X), dtype=np.int64)
    placed[sold] = placer.published[placer.by_model(X[sold], information[sold]).argmax(axis=1)]
    return placed
