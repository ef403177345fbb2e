"""Filling gaps in numeric attributes, by scikit-learn's imputers."""

from __future__ import annotations

from typing import Any

import numpy as np

from clustering.arrays import Matrix, Transformer
from clustering.config import Features

KNN_ROWS = 20_000  # the neighbours are sought among at most so many stores


def fit_imputer(X: Matrix, config: Features, seed: int) -> Transformer | None:
    """Fit `config.impute` to X (n_stores, p) with NaN for gaps; None where X has no gap and is no
    attribute table.
    """
    if X.shape[1] == 0:
        return None
    fitted: Transformer = _imputer(config, seed).fit(X[:: _step(X, config)])
    return fitted


def filled(X: Matrix, imputer: Transformer | None) -> Matrix:
    """Apply a fitted imputer."""
    return X if imputer is None or not np.isnan(X).any() else np.asarray(imputer.transform(X))


def _step(X: Matrix, config: Features) -> int:
    return max(1, len(X) // KNN_ROWS) if config.impute == "knn" else 1


def _imputer(config: Features, seed: int) -> Any:
    if config.impute == "knn":
        from sklearn.impute import KNNImputer

        return KNNImputer(keep_empty_features=True)
    if config.impute == "iterative":
        from sklearn.experimental import enable_iterative_imputer  # noqa: F401
        from sklearn.impute import IterativeImputer

        return IterativeImputer(random_state=seed, keep_empty_features=True)
    from sklearn.impute import SimpleImputer

    return SimpleImputer(
        strategy=config.impute,
        fill_value=config.impute_value if config.impute == "constant" else None,
        keep_empty_features=True,
    )
