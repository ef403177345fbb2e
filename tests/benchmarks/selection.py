"""Criteria of a range of k, in this process."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from tests.benchmarks.measure import Cost, Row, cost, python

LARGE = """
import numpy as np
from clustering.fitting.space import Space
from clustering.selection import criteria
rng = np.random.default_rng(1)
X = rng.normal(size=({stores}, 8)) + rng.integers(0, 4, {stores})[:, None]
space = Space(X, np.full({stores}, np.nan))
labelings = [space.start(k) for k in range(2, 11)]
criteria.silhouettes(X, labelings)
[(criteria.calinski_harabasz(X, labels), criteria.davies_bouldin(X, labels)) for labels in labelings]
"""


def selection(stores: int, large: int) -> Iterator[Row]:
    """Silhouette, Calinski-Harabasz and Davies-Bouldin of k = 2..10 against scikit-learn's loop; then many more stores."""
    from sklearn import metrics

    from clustering.fitting.space import Space
    from clustering.selection import criteria

    rng = np.random.default_rng(1)
    X = rng.normal(size=(stores, 8)) + rng.integers(0, 4, stores)[:, None]
    space = Space(X, np.full(stores, np.nan))
    labelings = [space.start(k) for k in range(2, 11)]
    clock = time.perf_counter()
    ours = criteria.silhouettes(X, labelings).values
    others = [(criteria.calinski_harabasz(X, labels), criteria.davies_bouldin(X, labels)) for labels in labelings]
    our_seconds, clock = time.perf_counter() - clock, time.perf_counter()
    theirs = [metrics.silhouette_samples(X, labels) for labels in labelings]
    rivals = [(metrics.calinski_harabasz_score(X, labels), metrics.davies_bouldin_score(X, labels)) for labels in labelings]
    their_seconds = time.perf_counter() - clock
    worst = max(float(np.abs(a - b).max()) for a, b in zip(ours, theirs, strict=True))
    relative = float(np.abs(np.array(others) / rivals - 1).max())
    what = f"criteria of k = 2..10, {stores:,} stores"
    yield Row("selection", what, Cost(our_seconds), "scikit-learn's loop", Cost(their_seconds), stores)
    print(f"  largest difference: silhouettes {worst:.1e}, the others {relative:.1e} (relative)")
    if large:
        more, as_many = (cost(python(LARGE.format(stores=number)), runs=1) for number in (large, stores))
        yield Row("selection", f"criteria, tree included, {large:,} stores", more, f"{stores:,} stores", as_many, large)
