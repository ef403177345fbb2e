"""Categories without groups, in ten shapes, and pairs of groups at a given distance."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from clustering.arrays import Matrix
from tests.quality.worlds import World, dirichlet, generator, percents, sizes_of_stores, softmax
from tests.quality.worlds import sold as sold_by

DISTANCES = (2.0, 2.5, 3.0, 3.5, 4.0)
CLEAR = (3.0, 3.5, 4.0)  # distances at which a merchant may expect two groups to be found


def draw_continuum(kind: str, seed: int) -> World:
    """Draw a world of one of SHAPES; its labels are all 0."""
    rng = generator(kind, seed)
    stores, need_states = int(rng.integers(150, 600)), int(rng.integers(7, 18))
    base = np.log(rng.dirichlet(np.full(need_states, 3.0)) + 0.5 / need_states)
    mixes = SHAPES[kind](rng, stores, base)
    units = sizes_of_stores(rng, stores, float(np.exp(rng.uniform(np.log(150), np.log(2_000)))))
    return World(sold_by(rng, mixes, units), np.zeros(stores, dtype=np.int64), mixes)


def draw_pair(distance: float, seed: int, equal_totals: bool = False) -> World:
    """Two equally large groups whose centres lie `distance` standard deviations apart.

    The standard deviation is that of a store of median size along one axis in square-root space,
    sampling noise included.
    """
    rng = generator("pair", seed)
    stores, need_states, within, median = 400, int(rng.integers(8, 15)), 0.02, 1_500.0
    base = np.sqrt(rng.dirichlet(np.full(need_states, 4.0)))
    apart = rng.normal(size=need_states)
    apart -= (apart @ base) * base  # what only changes the length would vanish with the total
    apart /= np.linalg.norm(apart)
    labels = rng.permutation(np.repeat([0, 1], stores // 2))
    spread = np.sqrt(within**2 + 0.25 / median)
    roots = base + np.outer(labels - 0.5, apart) * distance * spread
    roots = np.maximum(roots + within * rng.normal(size=(stores, need_states)), 0.003)
    mixes = roots**2 / (roots**2).sum(axis=1, keepdims=True)
    units = sizes_of_stores(rng, stores, median, 0.5)
    world = World(sold_by(rng, mixes, units), labels, mixes)
    return percents(world) if equal_totals else world


Shape = Callable[[np.random.Generator, int, Matrix], Matrix]


def _axes(rng: np.random.Generator, need_states: int, number: int, scale: float) -> Matrix:
    return rng.normal(0, scale, (number, need_states))


def _around(rng: np.random.Generator, logits: Matrix, spread: float = 0.08) -> Matrix:
    return softmax(logits + spread * rng.normal(size=logits.shape))


def _one_dirichlet(rng: np.random.Generator, n: int, base: Matrix) -> Matrix:
    return dirichlet(rng, np.tile(softmax(base[None]), (n, 1)), rng.uniform(30, 120))


def _log_normal(rng: np.random.Generator, n: int, base: Matrix) -> Matrix:
    return _around(rng, np.tile(base, (n, 1)), rng.uniform(0.2, 0.4))


def _factor(rng: np.random.Generator, n: int, base: Matrix) -> Matrix:
    return _around(rng, base + rng.normal(size=(n, 2)) @ _axes(rng, len(base), 2, 0.35))


def _banana(rng: np.random.Generator, n: int, base: Matrix) -> Matrix:
    along = rng.normal(size=(n, 1))
    return _around(rng, base + np.hstack([along, along**2 - 1]) @ _axes(rng, len(base), 2, 0.3))


def _arc(rng: np.random.Generator, n: int, base: Matrix) -> Matrix:
    angle = rng.uniform(0, 1.3 * np.pi, (n, 1))
    circle = np.hstack([np.cos(angle), np.sin(angle)])
    return _around(rng, base + circle @ _axes(rng, len(base), 2, 0.5))


def _gradient(rng: np.random.Generator, n: int, base: Matrix) -> Matrix:
    return _around(rng, base + rng.uniform(-1, 1, (n, 1)) @ _axes(rng, len(base), 1, 0.5))


def _t4(rng: np.random.Generator, n: int, base: Matrix) -> Matrix:
    scale = 0.25 * np.sqrt(4 / rng.chisquare(4, n))[:, None]
    return softmax(base + scale * rng.normal(size=(n, len(base))))


def _skewed(rng: np.random.Generator, n: int, base: Matrix) -> Matrix:
    return _around(rng, base + (rng.exponential(1, (n, 2)) - 1) @ _axes(rng, len(base), 2, 0.35))


def _zero_inflated(rng: np.random.Generator, n: int, base: Matrix) -> Matrix:
    logits = base + 0.2 * rng.normal(size=(n, len(base)))
    absent = rng.random(logits.shape) < 0.1
    absent[:, int(base.argmax())] = False
    return softmax(np.where(absent, -30.0, logits))


def _triangle(rng: np.random.Generator, n: int, base: Matrix) -> Matrix:
    corners = softmax(base + rng.normal(0, 0.8, (3, len(base))))
    return _around(rng, np.log(rng.dirichlet(np.ones(3), n) @ corners), 0.05)


SHAPES: dict[str, Shape] = {
    "one Dirichlet": _one_dirichlet,
    "log-normal": _log_normal,
    "factor": _factor,
    "banana": _banana,
    "arc": _arc,
    "gradient": _gradient,
    "t4": _t4,
    "skewed": _skewed,
    "zero-inflated": _zero_inflated,
    "triangle": _triangle,
}
