"""Mixes as they would be if every store carried every need state.

A store that does not carry a need state sells none of it, whatever its shoppers want. Such a zero
tells stores of one kind apart as if there were a gap between them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Matrix
from clustering.methods.transforms.composition import shares
from clustering.methods.transforms.table import Table

BY_CHANCE = 0.01  # a zero less probable than this is no chance
# a store sells hardly any of a need state: less than FAINT times its level, or at most FAINT_SALES
# times the smallest sales of any store and less than FAINT_LEVEL times its level
FAINT, FAINT_SALES, FAINT_LEVEL = 0.1, 1.5, 0.5
LARGEST = 0.5  # of the mix: stores without such a need state, such as fuel, are of another kind
MOST_AXES = 8  # along which full mixes are taken to differ
ROUNDS, STEPS = 8, 4  # of the fit, and of each fill
LEAST_CARRIED = 0.02  # of the mix, in a store that carries next to nothing
LEAST_VARIANCE = 1e-6
BLOCK = 2_000_000  # numbers in memory at once


@dataclass(frozen=True)
class Carried:
    """What fills the mix of a store: the noise factor, which need states (p,) some stores do not
    carry, the `level` (p,), the mean share among the stores that sell it, and a normal distribution
    of the square roots of full mixes: `centre` (p,), `variance` (d,) along `axes` (d, p), and
    `rest` along all other axes.
    """

    noise: float
    is_optional: NDArray[np.bool_]
    level: Matrix
    centre: Matrix
    axes: Matrix
    variance: Matrix
    rest: float

    def absent(self, numbers: Matrix) -> NDArray[np.bool_]:
        """The need states that stores do not carry (n_stores, p), by their sales."""
        return (numbers <= 0) & self.is_optional & _is_sure(numbers, self.level, self.noise)

    def filled(self, numbers: Matrix) -> Matrix:
        """Sales (n_stores, p) as shares of what would be sold if everything were carried; a row
        without sales becomes NaN.
        """
        mix, absent = shares(numbers), self.absent(numbers)
        rows = np.flatnonzero(absent.any(axis=1))
        size = max(1, BLOCK // (numbers.shape[1] * len(self.axes)))
        for i in range(0, len(rows), size):
            some = rows[i : i + size]
            mix[some] = self._filled(mix[some], absent[some], numbers[some].sum(axis=1))
        return mix

    def _filled(self, mix: Matrix, absent: NDArray[np.bool_], sales: Matrix) -> Matrix:
        """What is absent is expected given what is there, under the normal distribution; how much
        of the whole is there follows from that, and the other way round.
        """
        d, p = self.axes.shape
        roots, there = np.sqrt(mix), ~absent
        pairs = (self.axes[:, None] * self.axes[None]).reshape(d * d, p)
        known = (there @ pairs.T).reshape(-1, d, d)
        known += (self.rest + self.noise / sales)[:, None, None] * np.diag(1 / self.variance)
        carried = np.maximum(1 - absent @ self.level, LEAST_CARRIED)
        for _ in range(STEPS):
            apart = np.where(there, roots * np.sqrt(carried)[:, None] - self.centre, 0.0)
            score = np.linalg.solve(known, (apart @ self.axes.T)[:, :, None])[:, :, 0]
            guess = np.where(absent, np.maximum(self.centre + score @ self.axes, 0.0), 0.0) ** 2
            carried = np.maximum(1 - guess.sum(axis=1), LEAST_CARRIED)
        found = np.where(absent, guess, mix * carried[:, None])
        return np.asarray(found / found.sum(axis=1, keepdims=True))


def fit_carried(table: Table, noise: float | None) -> Carried | None:
    """Fit to the sales of `table`; None where every zero may be chance, without a noise factor,
    which would say how probable a zero is, and where some stores lack what others live on.

    Axes come from mixes that are filled, and filling needs the axes: both are repeated (iterative
    principal components, regularised: Josse and Husson 2012).
    """
    numbers = table.numbers[table.information > 0] if table.is_mix else table.numbers[:0]
    if not noise or not (numbers <= 0).any():
        return None
    mix = shares(numbers)
    where_sold = mix.sum(axis=0) / np.maximum((numbers > 0).sum(axis=0), 1)
    level = where_sold / where_sold.sum()
    is_optional = _is_optional(numbers, mix, level, noise)
    if not is_optional.any() or where_sold[is_optional].max() > LARGEST:
        return None
    p = len(level)
    found = Carried(
        noise, is_optional, level, np.sqrt(level), np.zeros((1, p)), np.ones(1), LEAST_VARIANCE
    )
    for _ in range(ROUNDS):
        found = _refitted(found, np.sqrt(found.filled(numbers)))
    return found


def _refitted(found: Carried, roots: Matrix) -> Carried:
    """The normal distribution of full mixes, given the square roots (n_stores, p) of filled ones.

    The mean variance of the smaller axes is taken off the leading ones: it belongs to all alike.
    """
    d = max(1, min(MOST_AXES, roots.shape[1] // 2))
    centre = roots.mean(axis=0)
    variance, axes = np.linalg.eigh((roots - centre).T @ (roots - centre) / len(roots))
    variance, axes = variance[::-1], axes[:, ::-1].T
    rest = max(float(variance[d:].mean()) if len(variance) > d else 0.0, LEAST_VARIANCE)
    own = np.maximum(variance[:d] - rest, LEAST_VARIANCE)
    return replace(found, centre=centre, axes=axes[:d], variance=own, rest=rest)


def _is_sure(numbers: Matrix, level: Matrix, noise: float) -> NDArray[np.bool_]:
    """Where a zero would be no chance: sales of s are as noisy as s / (4 a) units."""
    units = numbers.sum(axis=1, keepdims=True) / (4 * noise)
    return np.asarray(np.exp(-units * level) < BY_CHANCE)


def _is_optional(numbers: Matrix, mix: Matrix, level: Matrix, noise: float) -> NDArray[np.bool_]:
    """The need states (p,) that more stores sell none of than hardly any: where few want one, sales
    trail off towards zero; where it is not carried, they stop.
    """
    is_sold, is_sure = numbers > 0, _is_sure(numbers, level, noise)
    least = np.where(is_sold, numbers, np.inf).min(axis=0)
    is_faint = (mix < FAINT * level) | (
        (numbers <= FAINT_SALES * least) & (mix < FAINT_LEVEL * level)
    )
    zeros, faint = (is_sure & ~is_sold).sum(axis=0), (is_sure & is_sold & is_faint).sum(axis=0)
    return np.asarray(zeros > faint)
