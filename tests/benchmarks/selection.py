"""A range of k, fitted and judged, in this process."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
from sklearn import metrics
from sklearn.mixture import GaussianMixture

from clustering.methods.fitting.mixture import TiedMixture, fit_tied_mixtures
from clustering.methods.fitting.space import Space
from clustering.methods.selection import criteria
from tests.benchmarks.measure import Cost, Row, cost, python

LARGE = """
import numpy as np
from clustering.methods.fitting.space import Space
from clustering.methods.selection import criteria
rng = np.random.default_rng(1)
X = rng.normal(size=({stores}, 8)) + rng.integers(0, 4, {stores})[:, None]
space = Space(X, np.full({stores}, np.nan))
labelings = [space.start(k) for k in range(2, 11)]
criteria.silhouettes(X, labelings)
[(criteria.calinski_harabasz(X, labels), criteria.davies_bouldin(X, labels)) for labels in labelings]
"""


def selection(stores: int, large: int) -> Iterator[Row]:
    """A mixture for each k = 2..10, its BIC, silhouette, Calinski-Harabasz and Davies-Bouldin,
    against scikit-learn's loop.

    The criteria alone are a line of their own. Then many more stores.
    """
    X = _stores(stores)
    clock = time.perf_counter()
    fitted = fit_tied_mixtures(Space(X, np.full(stores, np.nan)), range(2, 11), with_strays=False)
    our_fits, clock = time.perf_counter() - clock, time.perf_counter()
    labelings = [one.labels for one in fitted.values()]
    ours = criteria.silhouettes(X, labelings).values
    others = [
        (criteria.calinski_harabasz(X, labels), criteria.davies_bouldin(X, labels))
        for labels in labelings
    ]
    our_criteria, clock = time.perf_counter() - clock, time.perf_counter()
    theirs = [metrics.silhouette_samples(X, labels) for labels in labelings]
    rivals = [
        (metrics.calinski_harabasz_score(X, labels), metrics.davies_bouldin_score(X, labels))
        for labels in labelings
    ]
    their_criteria, clock = time.perf_counter() - clock, time.perf_counter()
    for k in fitted:
        GaussianMixture(k, covariance_type="tied", random_state=0).fit(X)
    their_fits = time.perf_counter() - clock
    loop = "scikit-learn's loop"
    yield Row(
        "selection",
        f"criteria of k = 2..10, {stores:,} stores",
        Cost(our_criteria),
        loop,
        Cost(their_criteria),
        stores,
    )
    yield Row(
        "selection",
        f"the same, fits and BIC included, {stores:,} stores",
        Cost(our_fits + our_criteria),
        loop,
        Cost(their_fits + their_criteria),
        stores,
    )
    worst = max(float(np.abs(a - b).max()) for a, b in zip(ours, theirs, strict=True))
    relative = float(np.abs(np.array(others) / rivals - 1).max())
    bic = max(abs(one.bic / _bic(one, X) - 1) for one in fitted.values())
    print(
        f"  largest difference: silhouettes {worst:.1e}, the others {relative:.1e}, BIC {bic:.1e} "
        "(relative)"
    )
    if large:
        more, as_many = (
            cost(python(LARGE.format(stores=number)), runs=1) for number in (large, stores)
        )
        yield Row(
            "selection",
            f"criteria, tree included, {large:,} stores",
            more,
            f"{stores:,} stores",
            as_many,
            large,
        )


def _stores(number: int) -> np.ndarray:
    rng = np.random.default_rng(1)
    return rng.normal(size=(number, 8)) + rng.integers(0, 4, number)[:, None]


def _bic(mixture: TiedMixture, X: np.ndarray) -> float:
    """What scikit-learn makes of the parameters of ours."""
    own, k = mixture.parameters, mixture.responsibilities.shape[1]
    theirs = GaussianMixture(k, covariance_type="tied")
    theirs.weights_, theirs.means_, theirs.covariances_ = (
        own.weights[0],
        own.means[0],
        own.covariance[0],
    )
    theirs.precisions_cholesky_ = np.linalg.cholesky(np.linalg.inv(own.covariance[0]))
    return float(theirs.bic(X))
