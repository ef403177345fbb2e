"""The models as estimators in scikit-learn's manner: sales by need state in, clusters out.

NeedStateMixture is the mixture that the pipeline fits by default; StoreClusters takes any family by
name (`names()`). They work on the same coordinates as the pipeline and choose k by BIC. What the
pipeline does around them (outliers, small stores, held-out sales) is left out.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from clustering.arrays import Matrix
from clustering.config import Config, Features, check
from clustering.methods import models as families
from clustering.methods.fitting.placement import log_densities
from clustering.methods.fitting.space import Space, means_by_label
from clustering.methods.transforms.fitted import fit_features
from clustering.methods.transforms.table import Table

__all__ = ["NeedStateMixture", "StoreClusters", "names", "sales_matrix"]

LONG = ("store_nbr", "need_state", "total_sales")


def names() -> list[str]:
    """The model families there are.

    >>> "kmeans" in names()
    True
    """
    return families.names()


def sales_matrix(table: Any) -> pl.DataFrame:
    """A long table with the columns store_nbr, need_state and total_sales as a matrix: store_nbr,
    then the sales of each need state, in alphabetical order; 0 where a store sold none.

        >>> long = {"store_nbr": ["1", "1"], "need_state": ["b", "a"], "total_sales": [3.0, 1.0]}
        >>> sales_matrix(pl.DataFrame(long)).row(0)
        ('1', 1.0, 3.0)
    """
    import narwhals as nw

    store, state, sales = LONG
    frame: pl.DataFrame = nw.from_native(table, eager_only=True).to_polars()
    wide = frame.pivot(state, index=store, values=sales, aggregate_function="sum").fill_null(0)
    return wide.select(store, *sorted(set(wide.columns) - {store})).sort(store)


class StoreClusters(ClusterMixin, BaseEstimator):  # type: ignore[misc] # scikit-learn is untyped
    """Clusters of stores by need-state mix, with a model family chosen by name.

    X is (n_stores, n_need_states), sales that are not negative, each store with some; or a long
    table (see sales_matrix), whose stores are then in alphabetical order. `n_clusters` None tries
    2 to `k_max` and takes the lowest BIC. `mix_transform` and `reduce` are features.transform and
    features.reduce of the pipeline.

    Fitted: labels_ (n_stores,), n_clusters_, bic_ (lower is better), n_features_in_. Raises
    ConfigError for an unknown family or setting, ValueError for X.
    """

    def __init__(
        self,
        family: str = "kmeans",
        n_clusters: int | None = None,
        k_max: int = 10,
        mix_transform: str = "hellinger",
        reduce: str = "pca",
        random_state: int = 42,
    ) -> None:
        self.family = family
        self.n_clusters = n_clusters
        self.k_max = k_max
        self.mix_transform = mix_transform
        self.reduce = reduce
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: object = None) -> Self:
        """Fit to the stores of X; `y` is not used."""
        matrix = self._validated(X, reset=True)
        table = _table(matrix)
        config = Features(transform=self.mix_transform, reduce=self.reduce)
        everyone = np.ones(len(matrix), dtype=bool)
        seed = int(self.random_state or 0)
        self.transformers_ = fit_features(table, everyone, _checked(config), seed)
        coordinates, information = self.transformers_.place(table)
        module = families.family(self.family)
        found = module.fit(
            Space(coordinates, information), module.Settings(), self._ks(len(matrix)), seed
        )
        best = min(found.values(), key=lambda one: (np.nan_to_num(one.bic, nan=np.inf), one.k))
        self.placement_, self.labels_, self.bic_ = best.placement, best.labels, best.bic
        self.n_clusters_ = best.k
        self._fit_density(coordinates)
        return self

    def predict(self, X: ArrayLike) -> NDArray[np.int64]:
        """The most probable cluster (n_stores,) of each store."""
        return np.asarray(self.predict_proba(X).argmax(axis=1))

    def predict_proba(self, X: ArrayLike) -> Matrix:
        """The probability of each cluster (n_stores, n_clusters_); rows sum to 1."""
        placed = self._placed(X)
        return np.asarray(self.placement_.responsibilities(*placed))

    def score(self, X: ArrayLike, y: object = None) -> float:
        """The mean log likelihood of stores under Gaussians of one covariance at the clusters:
        higher is better, and comparable between numbers of clusters and between families.
        """
        coordinates, _ = self._placed(X)
        means, axes, variance, log_weights = self.density_
        joint = log_densities(coordinates @ axes, means @ axes, variance[None]) + log_weights
        return float(np.logaddexp.reduce(joint, axis=1).mean())

    def _placed(self, X: ArrayLike) -> tuple[Matrix, Matrix]:
        check_is_fitted(self)
        placed: tuple[Matrix, Matrix] = self.transformers_.place(
            _table(self._validated(X, reset=False))
        )
        return placed

    def _fit_density(self, X: Matrix) -> None:
        means = means_by_label(X, self.labels_, self.n_clusters_)
        residual = X - means[self.labels_]
        ridge = 1e-6 * max(float(X.var()), 1e-12) * np.eye(X.shape[1])
        variance, axes = np.linalg.eigh(residual.T @ residual / len(X) + ridge)
        sizes = np.bincount(self.labels_, minlength=self.n_clusters_)
        logs = np.log(np.maximum(sizes, 1e-10) / len(X))
        self.density_ = (means, axes, np.maximum(variance, 1e-15), logs)

    def _ks(self, stores: int) -> list[int]:
        if self.n_clusters is None:
            return list(range(2, max(2, min(self.k_max, stores // 2)) + 1))
        if not 1 <= self.n_clusters <= stores:
            raise ValueError(f"n_clusters={self.n_clusters} is not 1 to {stores}, the stores of X")
        return [self.n_clusters]

    def _validated(self, X: ArrayLike, reset: bool) -> Matrix:
        if set(LONG) <= set(getattr(X, "columns", ())):
            X = self._aligned(sales_matrix(X).drop("store_nbr"), reset)
        least = 2 if reset else 1
        matrix: Matrix = validate_data(
            self,
            X,
            reset=reset,
            dtype=np.float64,
            ensure_min_samples=least,
            ensure_min_features=least,
        )
        if (matrix < 0).any():
            raise ValueError(f"Negative values in data passed to {type(self).__name__}")
        if (empty := int((matrix.sum(axis=1) <= 0).sum())) > 0:
            raise ValueError(f"{empty} stores sold nothing; leave them out")
        return matrix

    def _aligned(self, wide: pl.DataFrame, reset: bool) -> Any:
        """The need states the model was fitted to: others are left out, absent ones sold 0."""
        if reset or not hasattr(self, "feature_names_in_"):
            return wide
        known = [
            pl.col(name) if name in wide else pl.lit(0.0).alias(name)
            for name in self.feature_names_in_
        ]
        return wide.select(known)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.positive_only = True
        return tags


class NeedStateMixture(StoreClusters):
    """The mixture of Gaussians that the pipeline fits by default: one covariance, and what small
    sales do to the mix of a store is taken into account (docs/method.md).

        >>> X = np.random.default_rng(0).multinomial(500, [0.7, 0.2, 0.1], 30)
        >>> Y = np.random.default_rng(1).multinomial(500, [0.1, 0.2, 0.7], 30)
        >>> NeedStateMixture(k_max=4).fit(np.vstack([X, Y])).n_clusters_
        2
    """

    def __init__(
        self,
        n_clusters: int | None = None,
        k_max: int = 10,
        mix_transform: str = "hellinger",
        reduce: str = "pca",
        random_state: int = 42,
    ) -> None:
        super().__init__("gmm", n_clusters, k_max, mix_transform, reduce, random_state)


def _checked(features: Features) -> Features:
    return check(Config(features=features)).features


def _table(X: Matrix) -> Table:
    stores, states = X.shape
    return Table(
        stores=[str(row) for row in range(stores)],
        features=[str(column) for column in range(states)],
        numbers=X,
        level_features=[],
        level_names=[],
        levels=np.zeros((stores, 0), dtype=np.int64),
        information=X.sum(axis=1),
        is_mix=True,
        halves=np.full((stores, 2), np.nan),
    )
