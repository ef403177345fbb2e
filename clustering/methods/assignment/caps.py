"""Caps on the sizes of clusters: how many clusters they allow, and the best assignment that
respects them.
"""

from __future__ import annotations

import numpy as np

from clustering.arrays import Matrix
from clustering.config import Caps
from clustering.methods.fitting.space import Labels


def impossible(caps: Caps, stores: int, k: int) -> str:
    """Which cap `k` clusters of `stores` stores cannot hold, and why; empty where all can hold."""
    if caps.max_clusters is not None and k > caps.max_clusters:
        return f"caps.max_clusters={caps.max_clusters} cannot hold: there are {k} clusters"
    if caps.min_size is not None and k * caps.min_size > stores:
        return (
            f"caps.min_size={caps.min_size} cannot hold: {stores} stores are too few for {k} "
            "clusters of that size"
        )
    if caps.max_size is not None and k * caps.max_size < stores:
        return (
            f"caps.max_size={caps.max_size} cannot hold: {stores} stores are too many for {k} "
            "clusters of that size"
        )
    return ""


def within_caps(probabilities: Matrix, labels: Labels, caps: Caps) -> Labels:
    """The labels (n,) of greatest joint probability whose cluster sizes respect the caps; `labels`
    where they do already.

    A transportation problem, whose linear programme has whole-numbered solutions; `impossible` must
    have found nothing.
    """
    n, k = probabilities.shape
    low, high = caps.min_size or 0, caps.max_size or n
    sizes = np.bincount(labels, minlength=k)
    if n == 0 or (sizes.min() >= low and sizes.max() <= high):
        return labels
    # here, since it takes a tenth of a second in every worker process, and few set caps
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, vstack

    cost = -np.log(np.clip(probabilities, 1e-12, 1))
    cost[np.arange(n), labels] -= 1e-6  # of equals, who is there stays
    store, cluster = np.divmod(np.arange(n * k), k)
    once = csr_array((np.ones(n * k), (store, np.arange(n * k))), shape=(n, n * k))
    counted = csr_array((np.ones(n * k), (cluster, np.arange(n * k))), shape=(k, n * k))
    solved = linprog(
        cost.ravel(),
        A_ub=vstack([counted, -counted]),
        b_ub=np.append(np.full(k, high), np.full(k, -low)),
        A_eq=once,
        b_eq=np.ones(n),
        bounds=(0, 1),
        method="highs-ds",
    )
    return np.asarray(solved.x.reshape(n, k).argmax(axis=1), dtype=np.int64)
