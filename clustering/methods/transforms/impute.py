"""Filling gaps in numeric attributes: with one number a column, or by scikit-learn's imputers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from clustering.arrays import Matrix, Transformer
from clustering.config import Features

KNN_ROWS = 20_000  # the neighbours are sought among at most so many stores


@dataclass(frozen=True)
class Imputer:
    """Gaps (NaN) in a column become its one of `values` (p,)."""

    values: Matrix

    def transform(self, X: Matrix) -> Matrix:
        return np.where(np.isnan(X), self.values, X)


def fit_imputer(X: Matrix, config: Features, seed: int) -> Transformer | None:
    """Fit `config.impute` to X (n_stores, p) with NaN for gaps; None where there are no columns. A
    column without any number gets zeros, or the constant.
    """
    if X.shape[1] == 0:
        return None
    fitted: Transformer
    if config.impute == "knn":
        from sklearn.impute import KNNImputer

        step = max(1, len(X) // KNN_ROWS)
        fitted = KNNImputer(keep_empty_features=True).fit(X[::step])
    elif config.impute == "iterative":
        from sklearn.experimental import enable_iterative_imputer  # noqa: F401
        from sklearn.impute import IterativeImputer

        fitted = IterativeImputer(random_state=seed, keep_empty_features=True).fit(X)
    else:
        fitted = Imputer(_values(X, config))
    return fitted


def filled(X: Matrix, imputer: Transformer | None) -> Matrix:
    """Apply a fitted imputer."""
    return X if imputer is None or not np.isnan(X).any() else np.asarray(imputer.transform(X))


def _values(X: Matrix, config: Features) -> Matrix:
    if config.impute == "constant":
        return np.full(X.shape[1], config.impute_value)
    typical: dict[str, Callable[[Matrix], float]] = {
        "mean": np.mean,
        "median": np.median,
        "most_frequent": _most_frequent,
    }
    known = [column[~np.isnan(column)] for column in X.T]
    return np.array([typical[config.impute](own) if len(own) else 0.0 for own in known])


def _most_frequent(numbers: Matrix) -> float:
    """The smallest of equally frequent ones."""
    found, counts = np.unique(numbers, return_counts=True)
    return float(found[counts.argmax()])
