"""Stores too unlike the others to train on; they are set aside here and placed later, never
lost.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Matrix
from clustering.config import Features

NEIGHBOURS = 8
# of few stores, so that a group of 5 stores, or of 5 % of them, is not taken for outliers
FEWEST_NEIGHBOURS, SHARE_OF_STORES = 4, 0.05
FAR = 4.0  # robust standard deviations of the log distance
LARGEST_SHARE = 0.15
LEAF = 64  # stores a leaf of the k-d tree holds: fewer take longer to search
SAMPLE = 2_000  # neighbours are sought among at most so many stores, every m-th one


def outliers(X: Matrix, information: Matrix, config: Features, seed: int) -> NDArray[np.bool_]:
    """Say which rows of X (n_stores, d) are outliers by `config.outliers`; `information` is NaN
    where it has no meaning.
    """
    few = len(X) < 3 * NEIGHBOURS
    if config.outliers == "none" or few:
        return np.zeros(len(X), dtype=bool)
    if config.outliers == "neighbour_distance":
        return far_from_neighbours(X, information)
    detector = _detector(config, len(X), seed)
    return np.asarray(detector.fit_predict(X) < 0)


def far_from_neighbours(X: Matrix, information: Matrix) -> NDArray[np.bool_]:
    """Stores whose 8th neighbour (of fewer than 160 stores, the 4th to 7th) is far away for a store
    of their size.

    Small stores lie farther from everyone by sampling noise alone, so the log distance is compared
    with the median of stores of similar information; beyond FAR robust standard deviations a store
    is set aside. Where more than LARGEST_SHARE of the stores are that far, being far is not
    unusual, and none is set aside.
    """
    logs = np.log(np.maximum(_distance_to_neighbour(X), 1e-12))
    residual = logs - _typical(logs, information)
    spread = 1.4826 * np.median(np.abs(residual - np.median(residual)))
    score = (residual - np.median(residual)) / max(spread, 0.08)
    far = np.asarray(score > FAR)
    return far if far.mean() <= LARGEST_SHARE else np.zeros(len(X), dtype=bool)


def _distance_to_neighbour(X: Matrix) -> Matrix:
    """Distance of each store to its neighbour of that rank, itself not counted; of many stores, to
    the 8th of a sample of them.
    """
    from scipy.spatial import cKDTree

    step = -(-len(X) // SAMPLE)
    sample = X[::step]
    nth = min(max(FEWEST_NEIGHBOURS, round(SHARE_OF_STORES * len(X))), NEIGHBOURS, len(sample) - 1)
    distances = cKDTree(sample, leafsize=LEAF).query(X, k=nth + 1)[0]
    own = np.arange(len(X)) % step == 0  # the first neighbour of a store of the sample is itself
    return np.asarray(np.where(own, distances[:, nth], distances[:, nth - 1]))


def _typical(logs: Matrix, information: Matrix) -> Matrix:
    """The median log distance of stores of similar information, interpolated between ten equal
    groups by size.
    """
    if not np.isfinite(information).all() or len(logs) < 60 or np.ptp(information) == 0:
        return np.full(len(logs), float(np.median(logs)))
    size = np.log(np.maximum(information, 1e-12))
    order = np.argsort(size, kind="stable")
    groups = np.array_split(order, min(10, len(logs) // 30))
    centre = np.array([np.median(size[group]) for group in groups])
    typical = np.array([np.median(logs[group]) for group in groups])
    return np.interp(size, centre, np.minimum.accumulate(typical))


def _detector(config: Features, n: int, seed: int) -> Any:
    share = min(max(config.outlier_share, 1 / n), 0.5)
    if config.outliers == "isolation_forest":
        from sklearn.ensemble import IsolationForest

        return IsolationForest(contamination=share, random_state=seed)
    if config.outliers == "local_outlier_factor":
        from sklearn.neighbors import LocalOutlierFactor

        return LocalOutlierFactor(n_neighbors=min(20, n - 1), contamination=share)
    from sklearn.covariance import EllipticEnvelope

    return EllipticEnvelope(contamination=share, random_state=seed)
