"""Bringing columns to one scale, by scikit-learn's scalers."""

from __future__ import annotations

from typing import Any

import numpy as np

from clustering.arrays import Matrix, Transformer


def fit_scaler(X: Matrix, method: str, seed: int) -> Transformer | None:
    """Fit the scaler `method` to X (n_stores, p); None for "none". Columns without spread are left
    as they are.
    """
    if method == "none" or X.shape[1] == 0:
        return None
    from sklearn import preprocessing

    makers: dict[str, Any] = {
        "standard": preprocessing.StandardScaler,
        "robust": preprocessing.RobustScaler,
        "min_max": preprocessing.MinMaxScaler,
        "max_abs": preprocessing.MaxAbsScaler,
        "quantile": lambda: preprocessing.QuantileTransformer(
            n_quantiles=min(1000, len(X)), output_distribution="normal", random_state=seed
        ),
        "yeo_johnson": preprocessing.PowerTransformer,
    }
    fitted: Transformer = makers[method]().fit(X)
    return fitted


def scaled(X: Matrix, scaler: Transformer | None) -> Matrix:
    """Apply a fitted scaler; a power transform that runs away on a new value is held to ten
    standard deviations.
    """
    return X if scaler is None else np.clip(np.nan_to_num(scaler.transform(X), nan=0.0), -1e6, 1e6)
