"""What our default is measured against, each as its users run it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import HDBSCAN, AgglomerativeClustering, KMeans
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.metrics import silhouette_score
from sklearn.mixture import GaussianMixture
from sklearn.preprocessing import RobustScaler

from clustering.arrays import Matrix

Labels = NDArray[np.int64]
MOST = 10  # clusters a rival may try where the caller does not say
REFERENCES = 10  # of the gap statistic


def shares(sales: Matrix) -> Matrix:
    """Each store's sales (n_stores, n_need_states) as shares."""
    return np.asarray(sales / np.maximum(sales.sum(axis=1, keepdims=True), 1e-12))


def roots(sales: Matrix) -> Matrix:
    """Principal components of the square roots of shares, up to 95 % of the variance."""
    return np.asarray(PCA(0.95, svd_solver="full").fit_transform(np.sqrt(shares(sales))))


def _by_silhouette(X: Matrix, fit: Callable[[int], Labels], k_max: int) -> Labels:
    labelings = [fit(k) for k in range(2, k_max + 1) if k < len(X) - 1]
    return max(
        labelings, key=lambda labels: silhouette_score(X, labels) if len(set(labels)) > 1 else -1
    )


def usual_recipe(sales: Matrix, k: int | None = None, k_max: int = MOST) -> Labels:
    """Shares in %, robust scaling, 5 % isolation-forest outliers dropped, PCA to 80 %, KMeans with
    k by silhouette.
    """
    X = RobustScaler().fit_transform(100 * shares(sales))
    kept = IsolationForest(contamination=0.05, random_state=0).fit_predict(X) > 0
    pca = PCA(0.8, svd_solver="full").fit(X[kept])
    inside, everyone = pca.transform(X[kept]), pca.transform(X)
    ks = [k] if k else [k for k in range(2, k_max + 1) if k < len(inside)]
    models = [KMeans(k, n_init=10, random_state=0).fit(inside) for k in ks]
    best = (
        max(models, key=lambda m: silhouette_score(inside, m.labels_))
        if len(models) > 1
        else models[0]
    )
    return np.asarray(best.predict(everyone))


def kmeans_on_shares(sales: Matrix, k: int | None = None, k_max: int = MOST) -> Labels:
    """KMeans on shares with that k, or with k by silhouette."""
    X = shares(sales)
    if k:
        return np.asarray(KMeans(k, n_init=10, random_state=0).fit_predict(X))
    return kmeans_silhouette(X, k_max)


def kmeans_silhouette(X: Matrix, k_max: int = MOST) -> Labels:
    """KMeans, k by silhouette."""
    return _by_silhouette(
        X, lambda k: KMeans(k, n_init=10, random_state=0).fit_predict(X), k_max=k_max
    )


def kmeans_gap(X: Matrix, k_max: int = MOST) -> Labels:
    """KMeans, k by the gap statistic: the smallest within one standard error of the next."""
    fits = [KMeans(k, n_init=3, random_state=0).fit(X) for k in range(1, k_max + 1)]
    rng = np.random.default_rng(0)
    boxes = [rng.uniform(X.min(axis=0), X.max(axis=0), X.shape) for _ in range(REFERENCES)]
    chance = np.log(
        [[KMeans(m.n_clusters, random_state=0).fit(box).inertia_ for box in boxes] for m in fits]
    )
    gap = chance.mean(axis=1) - np.log([m.inertia_ for m in fits])
    error = chance.std(axis=1) * np.sqrt(1 + 1 / REFERENCES)
    enough = np.flatnonzero(gap[:-1] >= gap[1:] - error[1:])
    return np.asarray(fits[enough[0] if enough.size else -1].labels_)


def tied_mixture(X: Matrix, k_max: int = MOST) -> Labels:
    """Gaussian mixture with one covariance for all clusters, k by BIC."""
    return _mixture(X, "tied", k_max)


def full_mixture(X: Matrix, k_max: int = MOST) -> Labels:
    """Gaussian mixture with a covariance for each cluster, k by BIC."""
    return _mixture(X, "full", k_max)


def _mixture(X: Matrix, kind: str, k_max: int) -> Labels:
    models = [
        GaussianMixture(k, covariance_type=kind, n_init=1, random_state=0, reg_covar=1e-7).fit(X)
        for k in range(1, k_max + 1)
    ]
    return np.asarray(min(models, key=lambda m: m.bic(X)).predict(X))


def ward(X: Matrix, k_max: int = MOST) -> Labels:
    """Ward's tree, k by silhouette."""
    return _by_silhouette(X, lambda k: AgglomerativeClustering(k).fit_predict(X), k_max)


def hdbscan(X: Matrix, k_max: int = MOST) -> Labels:
    """HDBSCAN; noise is a cluster of its own."""
    return np.asarray(HDBSCAN(min_cluster_size=max(5, len(X) // 20), copy=True).fit_predict(X))


# on coordinates (n_stores, d), with the largest k they may try
ON_COORDINATES: dict[str, Callable[[Matrix, int], Labels]] = {
    "KMeans, silhouette": kmeans_silhouette,
    "KMeans, gap": kmeans_gap,
    "tied mixture, BIC": tied_mixture,
    "full mixture, BIC": full_mixture,
    "Ward, silhouette": ward,
    "HDBSCAN": hdbscan,
}
# on sales (n_stores, n_need_states)
RIVALS: dict[str, Callable[[Matrix, int], Labels]] = {
    "usual recipe": lambda sales, k_max: usual_recipe(sales, k_max=k_max),
    "KMeans on shares, silhouette": lambda sales, k_max: kmeans_on_shares(sales, k_max=k_max),
} | {
    name: lambda sales, k_max, method=method: method(roots(sales), k_max)
    for name, method in ON_COORDINATES.items()
}
