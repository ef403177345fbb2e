"""Scalers and imputers agree with scikit-learn's, and hold where those overflow."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import preprocessing
from sklearn.impute import SimpleImputer

from clustering.config import Features
from clustering.methods.transforms.impute import fit_imputer
from clustering.methods.transforms.scale import PowerScaler, fit_scaler

RNG = np.random.default_rng(0)
X = np.column_stack(
    [
        RNG.lognormal(0, 1, 300),
        RNG.normal(size=300),
        -RNG.lognormal(2, 1, 300),
        RNG.beta(0.5, 60, 300),  # shares near 0 need a power far below 0
        RNG.poisson(2, 300),
    ]
)


@pytest.mark.parametrize(
    ("method", "theirs"),
    [
        ("standard", preprocessing.StandardScaler),
        ("robust", preprocessing.RobustScaler),
        ("min_max", preprocessing.MinMaxScaler),
        ("max_abs", preprocessing.MaxAbsScaler),
    ],
)
def test_scalers_are_those_of_scikit_learn(method: str, theirs: type) -> None:
    scaler = fit_scaler(X, method, 0)
    assert scaler is not None
    np.testing.assert_allclose(scaler.transform(X), theirs().fit(X).transform(X), atol=1e-12)


def test_powers_are_the_most_likely_ones() -> None:
    scaler, theirs = fit_scaler(X, "yeo_johnson", 0), preprocessing.PowerTransformer().fit(X)
    assert isinstance(scaler, PowerScaler)
    np.testing.assert_allclose(scaler.powers, theirs.lambdas_, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(scaler.transform(X), theirs.transform(X), atol=1e-2)


def test_a_column_without_spread_becomes_zeros_and_keeps_its_power() -> None:
    level = np.full((9, 1), 3.0)
    scaler = fit_scaler(level, "yeo_johnson", 0)
    assert isinstance(scaler, PowerScaler)
    assert scaler.powers.tolist() == [1.0]
    assert scaler.transform(level).tolist() == [[0.0]] * 9


def test_huge_numbers_do_not_overflow_the_search() -> None:
    huge = np.geomspace(1, 1e300, 50)[:, None]
    scaler = fit_scaler(huge, "yeo_johnson", 0)
    assert scaler is not None
    assert np.isfinite(scaler.transform(huge)).all()


@pytest.mark.parametrize("method", ["mean", "median", "most_frequent"])
def test_gaps_are_filled_as_scikit_learn_does(method: str) -> None:
    gaps = np.where(RNG.random(X.shape) < 0.2, np.nan, np.round(X, 1))
    gaps[:, 1] = np.nan
    imputer = fit_imputer(gaps, Features(impute=method), 0)
    assert imputer is not None
    theirs = SimpleImputer(strategy=method, keep_empty_features=True).fit_transform(gaps)
    np.testing.assert_allclose(imputer.transform(gaps), theirs, atol=1e-12)
