"""Filling gaps in numeric attributes, by scikit-learn's imputers."""

from __future__ import annotations

from typing import Any

import numpy as np

from clustering.arrays import Matrix
from clustering.config import Features

KNN_ROWS = 20_000  # the neighbours are sought among at most so many stores


def fit_imputer(X: Matrix, config: Features, seed: int) -> Any:
    """Fit `config.impute` to X (n_stores, p) with NaN for gaps; None where X has no gap and is no
    attribute table.
    """
    if X.shape[1] == 0:
        return None
    if config.impute == "knn":
        from sklearn.impute import KNNImputer

        step = max(1, len(X) // KNN_ROWS)
        return KNNImputer(keep_empty_features=True).fit(X[::step])
    if config.impute == "iterative":
        from sklearn.experimental import enable_iterative_imputer  # noqa: F401
        from sklearn.impute import IterativeImputer

        return IterativeImputer(random_state=seed, keep_empty_features=True).fit(X)
    from sklearn.impute import SimpleImputer

    return SimpleImputer(
        strategy=config.impute,
        fill_value=config.impute_value if config.impute == "constant" else None,
        keep_empty_features=True,
    ).fit(X)


def filled(X: Matrix, imputer: Any) -> Matrix:
    """Apply a fitted imputer."""
    return X if imputer is None or not np.isnan(X).any() else np.asarray(imputer.transform(X))
