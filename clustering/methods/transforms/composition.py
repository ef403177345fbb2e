"""Mixes as coordinates: shares, square roots of shares (Hellinger), and log-ratios.

Log-ratios need positive shares: zeros are replaced multiplicatively (Martin-Fernandez,
Barcelo-Vidal and Pawlowsky-Glahn 2003) by `zero`, and the other shares of the store shrink so that
all still sum to 1. clr and alr are of Aitchison (1986), ilr of Egozcue et al. (2003).
"""

from __future__ import annotations

import numpy as np

from clustering.arrays import Matrix

FEWEST_SHARES, EQUAL = 5, 0.01


def shares(sales: Matrix) -> Matrix:
    """Give sales (n_stores, p) as shares that sum to 1 in each row; a row without sales becomes
    NaN.
    """
    total = sales.sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total > 0, sales / total, np.nan)


def are_shares(totals: Matrix) -> bool:
    """Whether mixes came as shares: every store sums to 100, or to any one number, within 1 %.

    `totals` (n_stores,) are those of stores with sales. Sampling noise cannot be estimated from
    shares: what a store sold is not known.
    """
    if len(totals) < FEWEST_SHARES:
        return False
    low, high = float(totals.min()), float(totals.max())
    return high - low <= EQUAL * high


def replacement_for_zero(mix: Matrix, factor: float) -> float:
    """The share that stands for zero: `factor` times the smallest positive share."""
    positive = mix[mix > 0]
    return float(factor * positive.min()) if positive.size else 1e-6


def coordinates(mix: Matrix, transform: str, zero: float) -> Matrix:
    """Give shares (n_stores, p) in the coordinates of `transform`; alr and ilr have one column
    fewer, but at least one.
    """
    if transform in ("none", "share") or not mix.shape[1]:  # a category without any sales
        return mix
    if transform == "hellinger":
        return np.asarray(np.sqrt(mix))
    if transform in ("alr", "ilr") and mix.shape[1] == 1:
        return np.zeros_like(mix)  # one share is always 1: there is no ratio
    logs = np.log(without_zeros(mix, zero))
    if transform == "clr":
        return np.asarray(logs - logs.mean(axis=1, keepdims=True))
    if transform == "alr":
        return np.asarray(logs[:, :-1] - logs[:, -1:])
    return np.asarray(logs @ _helmert(mix.shape[1]).T)


def without_zeros(mix: Matrix, zero: float) -> Matrix:
    """Replace zeros by `zero` and shrink the rest of the row; rows still sum to 1."""
    absent = mix <= 0
    # a row of many zeros must keep most of its mass
    delta = np.minimum(zero, 0.5 / np.maximum(absent.sum(axis=1, keepdims=True), 1))
    return np.asarray(
        np.where(absent, delta, mix * (1 - delta * absent.sum(axis=1, keepdims=True)))
    )


def _helmert(parts: int) -> Matrix:
    """An orthonormal basis of the plane of log-ratios, shape (parts - 1, parts)."""
    rows = np.arange(1, parts)[:, None]
    columns = np.arange(parts)[None, :]
    basis = np.where(columns < rows, 1.0 / rows, np.where(columns == rows, -1.0, 0.0))
    return np.asarray(basis * np.sqrt(rows / (rows + 1.0)))
