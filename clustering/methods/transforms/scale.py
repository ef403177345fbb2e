"""Bringing columns to one scale: the usual scalers, and the power transform of Yeo and Johnson.

All but the quantile transform are a line of NumPy each; importing scikit-learn for them, and skops
to store them, would take longer than a small run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from clustering.arrays import Matrix, Transformer

# the first powers that are tried are so far from 1, which leaves a column as it is: shares near 0
# or 1 need large ones
FAR = 2.0 ** np.arange(9)
ROUNDS = 6  # of the search after that, each four times as fine as the one before
SEARCH_ROWS = 20_000  # stores among which the power is sought


@dataclass(frozen=True)
class Scaler:
    """Columns less `centre` (p,), divided by `scale` (p,)."""

    centre: Matrix
    scale: Matrix

    def transform(self, X: Matrix) -> Matrix:
        return np.asarray((X - self.centre) / self.scale)


@dataclass(frozen=True)
class PowerScaler:
    """Columns raised to `powers` (p,) as Yeo and Johnson (2000) do, then scaled."""

    powers: Matrix
    scaler: Scaler

    def transform(self, X: Matrix) -> Matrix:
        return self.scaler.transform(raised(X, self.powers))


def fit_scaler(X: Matrix, method: str, seed: int) -> Transformer | None:
    """Fit the scaler `method` to X (n_stores, p); None for "none". Columns without spread become
    zeros.
    """
    if method == "none" or X.shape[1] == 0:
        return None
    if method == "quantile":
        from sklearn.preprocessing import QuantileTransformer

        quantiles: Transformer = QuantileTransformer(
            n_quantiles=min(1000, len(X)), output_distribution="normal", random_state=seed
        ).fit(X)
        return quantiles
    if method == "yeo_johnson":
        powers = _likely_powers(X[:: max(1, len(X) // SEARCH_ROWS)])
        return PowerScaler(powers, _scaler(raised(X, powers), "standard"))
    return _scaler(X, method)


def scaled(X: Matrix, scaler: Transformer | None) -> Matrix:
    """Apply a fitted scaler; a power transform that runs away on a new value is held to a
    million standard deviations.
    """
    return X if scaler is None else np.clip(np.nan_to_num(scaler.transform(X), nan=0.0), -1e6, 1e6)


def _scaler(X: Matrix, method: str) -> Scaler:
    centres: dict[str, Callable[[Matrix], Matrix]] = {
        "standard": lambda X: X.mean(axis=0),
        "robust": lambda X: np.median(X, axis=0),
        "min_max": lambda X: X.min(axis=0),
        "max_abs": lambda X: np.zeros(X.shape[1]),
    }
    scales: dict[str, Callable[[Matrix], Matrix]] = {
        "standard": lambda X: X.std(axis=0),
        "robust": lambda X: np.subtract(*np.percentile(X, [75, 25], axis=0)),
        "min_max": lambda X: np.ptp(X, axis=0),
        "max_abs": lambda X: np.abs(X).max(axis=0),
    }
    scale = scales[method](X)
    rounding = 10 * np.finfo(float).eps * np.abs(X).max(axis=0)
    return Scaler(centres[method](X), np.where(scale > rounding, scale, 1.0))


def raised(X: Matrix, powers: Matrix) -> Matrix:
    """X (n, p) to `powers` (p,): ((1 + x)^l - 1) / l above 0, and below it the same of -x with the
    power 2 - l and a negative sign.
    """
    power = np.where(X >= 0, powers, 2 - powers)
    logs = np.log1p(np.abs(X))
    is_log = np.abs(power) < 1e-9
    with np.errstate(over="ignore"):
        grown = np.where(is_log, logs, np.expm1(power * logs) / np.where(is_log, 1.0, power))
    return np.asarray(np.sign(X) * grown)


def _likely_powers(X: Matrix) -> Matrix:
    """For each column of X (n, p) the power under which a normal distribution makes it most likely.

    A coarse grid is searched, then finer ones around the best: the powers found are binary
    fractions, the same on every machine.
    """
    jacobian = (np.sign(X) * np.log1p(np.abs(X))).mean(axis=0)

    def best_of(tried: Matrix) -> Matrix:
        spread = np.array([_log_spread(raised(X, powers)) for powers in tried])
        likelihood = (tried - 1) * jacobian - spread
        return np.where(
            np.isfinite(likelihood).any(axis=0), tried[likelihood.argmax(axis=0), columns], 1.0
        )

    columns = np.arange(X.shape[1])
    coarse = 1 + np.concatenate([-FAR, [0.0], FAR])
    best = best_of(np.tile(coarse[:, None], len(columns)))
    width = np.maximum(np.abs(best - 1), 1.0)
    for finer in range(1, ROUNDS + 1):
        best = best_of(best + np.arange(-4, 5)[:, None] * width * 4.0**-finer)
    return best


def _log_spread(X: Matrix) -> Matrix:
    """Logs of standard deviations (p,); infinite where only rounding is left of the spread."""
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        spread = X.std(axis=0)
        is_spread = spread > 1e4 * np.finfo(float).eps * np.abs(X).max(axis=0)
        return np.where(is_spread & np.isfinite(spread), np.log(spread), np.inf)
