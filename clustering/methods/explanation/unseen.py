"""Which differences between clusters come back in sales that had no part in making them.

Clusters of stores that differ by sampling noise alone differ significantly in that noise. So each
store is placed by the first half of its sales, and the differences are tested on the second half.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Matrix
from clustering.methods.explanation.differences import Differences, differences, ranks


def tested_on_unseen(
    found: Differences, by_first: NDArray[np.int64], second: Matrix, clusters: NDArray[np.int64]
) -> Differences:
    """Give `found` with the p, q and rank of a test on the second half of the sales.

    `by_first` (n,) is the cluster of each store by the first half, 0 where it is not known,
    `second` (n, features) its mix in the second, NaN likewise; `clusters` are the rows of `found`.
    A cluster has no p value where fewer than two stores fall in it.
    """
    both = (by_first > 0) & np.isfinite(second).all(axis=1)
    if both.any():
        again = differences(second[both], by_first[both], clusters)
        p, q = again.p_value, again.q_value
    else:
        p = q = np.full(found.p_value.shape, np.nan)
    return replace(found, p_value=p, q_value=q, rank=ranks(found.size, q))
