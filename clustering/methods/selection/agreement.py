"""How far two partitions put the same stores together: the adjusted Rand index."""

from __future__ import annotations

import numpy as np

from clustering.arrays import Matrix
from clustering.methods.fitting.space import Labels


def adjusted_rand_index(one: Labels, other: Labels) -> float:
    """Give the index of two labelings (n,): 1 for the same partition, about 0 for unrelated ones.

    Hubert and Arabie (1985).
    """
    table = np.zeros((int(one.max()) + 1, int(other.max()) + 1))
    np.add.at(table, (one, other), 1)
    together, rows, columns = (
        (sizes * (sizes - 1) / 2).sum(keepdims=True).reshape(1)
        for sizes in (table, table.sum(1), table.sum(0))
    )
    return float(index_of_pairs(together, rows, columns, np.array([float(len(one))]))[0])


def index_of_pairs(together: Matrix, one: Matrix, other: Matrix, stores: Matrix) -> Matrix:
    """The index (m,) of m pairs of partitions, from the pairs of stores (m,) that both, the first
    and the second partition put together, and from the number of stores (m,).

    Two partitions that leave nothing to agree on, such as one cluster each, agree fully.
    """
    expected = one * other / np.maximum(stores * (stores - 1) / 2, 1)
    highest = (one + other) / 2
    room = highest - expected
    is_open = np.abs(room) >= 1e-9
    return np.where(is_open, (together - expected) / np.where(is_open, room, 1.0), 1.0)
