"""What our default is measured against, each as its users run it. All take sales (n_stores,
n_need_states).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from sklearn.cluster import HDBSCAN, AgglomerativeClustering, KMeans
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.metrics import silhouette_score
from sklearn.mixture import GaussianMixture
from sklearn.preprocessing import RobustScaler

KS = range(2, 11)


def shares(sales: np.ndarray) -> np.ndarray:
    return sales / np.maximum(sales.sum(axis=1, keepdims=True), 1e-12)


def _by_silhouette(X: np.ndarray, fit: Callable[[int], np.ndarray]) -> np.ndarray:
    labelings = [fit(k) for k in KS if k < len(X) - 1]
    return max(
        labelings, key=lambda labels: silhouette_score(X, labels) if len(set(labels)) > 1 else -1
    )


def usual_recipe(sales: np.ndarray, k: int | None = None) -> np.ndarray:
    """Shares in %, robust scaling, 5 % isolation-forest outliers dropped, PCA to 80 %, KMeans with
    k by silhouette.
    """
    X = RobustScaler().fit_transform(100 * shares(sales))
    kept = IsolationForest(contamination=0.05, random_state=0).fit_predict(X) > 0
    pca = PCA(0.8, svd_solver="full").fit(X[kept])
    inside, everyone = pca.transform(X[kept]), pca.transform(X)
    ks = [k] if k else [k for k in KS if k < len(inside)]
    models = [KMeans(k, n_init=10, random_state=0).fit(inside) for k in ks]
    best = (
        max(models, key=lambda m: silhouette_score(inside, m.labels_))
        if len(models) > 1
        else models[0]
    )
    return best.predict(everyone)


def kmeans_on_shares(sales: np.ndarray, k: int | None = None) -> np.ndarray:
    X = shares(sales)
    if k:
        return KMeans(k, n_init=10, random_state=0).fit_predict(X)
    return _by_silhouette(X, lambda k: KMeans(k, n_init=10, random_state=0).fit_predict(X))


def ward(sales: np.ndarray) -> np.ndarray:
    """Ward on Hellinger coordinates, k by silhouette."""
    X = np.sqrt(shares(sales))
    return _by_silhouette(X, lambda k: AgglomerativeClustering(k).fit_predict(X))


def full_mixture(sales: np.ndarray) -> np.ndarray:
    """Gaussian mixture with full covariances on Hellinger components, k by BIC."""
    X = PCA(0.95, svd_solver="full").fit_transform(np.sqrt(shares(sales)))
    models = [
        GaussianMixture(k, n_init=1, random_state=0, reg_covar=1e-7).fit(X) for k in range(1, 11)
    ]
    return min(models, key=lambda m: m.bic(X)).predict(X)


def hdbscan(sales: np.ndarray) -> np.ndarray:
    """HDBSCAN on Hellinger coordinates; noise is a cluster of its own."""
    X = np.sqrt(shares(sales))
    return HDBSCAN(min_cluster_size=max(5, len(X) // 20), copy=True).fit_predict(X)


RIVALS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "usual recipe": usual_recipe,
    "KMeans on shares": kmeans_on_shares,
    "Ward, silhouette": ward,
    "full mixture, BIC": full_mixture,
    "HDBSCAN": hdbscan,
}
