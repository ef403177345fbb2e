"""Amounts split in two halves as sampling would split them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.arrays import Matrix
from clustering.methods.transforms.composition import shares
from clustering.methods.transforms.table import Table

# odd 64-bit constants of splitmix64 (Steele, Lea and Flood 2014)
GOLDEN, MIX_1, MIX_2 = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


def thinned(table: Table, noise: float, seed: int) -> tuple[Table, Table]:
    """Split every amount of `table` as the sampling noise of its store would.

    A noise factor a says that sales of s are as noisy as s / (4 a) units sold independently. Each
    amount is split at that many units by a fair coin: binomial thinning, after which both halves
    are independent where units are Poisson distributed (Leiner et al. 2023; Neufeld et al. 2024).
    The coin belongs to the store and the need state, whatever the order of rows.
    """
    from scipy.special import ndtri

    units = np.maximum(np.rint(table.numbers / (4 * noise)), 1.0)
    # the normal approximation, rounded: no probability is off by more than 0.01, at 1 unit exact
    drawn = 0.5 * units + 0.5 * np.sqrt(units) * ndtri(_uniform(table, seed))
    share = np.clip(np.rint(drawn), 0, units) / units
    one, other = table.numbers * share, table.numbers * (1 - share)
    halves = np.column_stack([one.sum(axis=1), other.sum(axis=1)])
    return (
        replace(table, numbers=one, information=halves[:, 0], halves=halves),
        replace(table, numbers=other, information=halves[:, 1], halves=halves),
    )


def _uniform(table: Table, seed: int) -> Matrix:
    """A number in (0, 1) for each store and feature, from their names and the seed."""
    rows = pl.Series(table.stores, dtype=pl.String).hash(seed).to_numpy()
    columns = pl.Series(table.features, dtype=pl.String).hash(seed + 1).to_numpy()
    mixed = _scrambled(_scrambled(rows)[:, None] + columns[None])
    return np.asarray(((mixed >> np.uint64(11)).astype(float) + 0.5) / 2.0**53)


def _scrambled(number: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The output function of splitmix64."""
    number = number + np.uint64(GOLDEN)
    number = (number ^ (number >> np.uint64(30))) * np.uint64(MIX_1)
    number = (number ^ (number >> np.uint64(27))) * np.uint64(MIX_2)
    return np.asarray(number ^ (number >> np.uint64(31)))


def most_noise(table: Table) -> float:
    """A noise factor for mixes whose noise is not known: all that stores vary along the quarter of
    the axes on which they vary least would be noise.
    """
    kept = table.information > 0
    information = table.information[kept]
    if not len(information):
        return 1.0
    roots = np.sqrt(shares(table.numbers[kept]))
    roots -= roots.mean(axis=0)
    variance = np.linalg.eigvalsh(roots.T @ roots / len(roots))
    # one axis has next to no variance: the squares of the coordinates sum to 1
    least = float(np.quantile(variance[1:], 0.25)) if len(variance) > 1 else 0.0
    return max(least / float(np.mean(1.0 / information)), 1e-9 * float(np.median(information)))
