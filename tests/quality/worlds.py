"""Categories with known groups that are harder to find than those of the sample shop.

Each kind breaks one assumption: how stores vary around their group, how large groups are, what a
zero means, what else moves sales, or what a sale counts. Every seed draws another size, number of
groups and distance, so that no setting can be tuned to one table.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Matrix

PERIODS = 4
DEVELOPMENT_SEEDS = (11, 12)
SCORED_SEEDS = (9_301, 9_302)  # replaced by new ones whenever a rule or a limit changes


@dataclass(frozen=True)
class World:
    """Sales `periods` (4, n_stores, n_need_states) in four periods of equal length, the true
    `labels` (n_stores,) in 0..k-1, the true mixes (n_stores, n_need_states), and the largest k that
    every method may try.
    """

    periods: Matrix
    labels: NDArray[np.int64]
    mixes: Matrix
    k_max: int = 10

    @property
    def sales(self) -> Matrix:
        """The sales (n_stores, n_need_states) of all periods."""
        return np.asarray(self.periods.sum(axis=0))

    @property
    def clusters(self) -> int:
        """The true number of groups."""
        return len(np.unique(self.labels))


def generator(kind: str, seed: int) -> np.random.Generator:
    """The random numbers of one world: another kind with the same seed has others."""
    return np.random.default_rng([seed, zlib.crc32(kind.encode())])


def draw(kind: str, seed: int) -> World:
    """Draw a world of one of KINDS."""
    return KINDS[kind](generator(kind, seed))


def softmax(logits: Matrix) -> Matrix:
    """Rows of shares that sum to 1."""
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def sold(rng: np.random.Generator, mixes: Matrix, units: Matrix) -> Matrix:
    """Units (4, n_stores, n_need_states): Poisson around a quarter of `units` (n_stores,) each."""
    return rng.poisson(units[None, :, None] / PERIODS * mixes[None], (PERIODS, *mixes.shape)) * 1.0


def sizes_of_stores(
    rng: np.random.Generator, stores: int, median: float = 1_500.0, spread: float = 0.8
) -> Matrix:
    """Units (n_stores,) a store sells: log-normal."""
    return np.maximum(rng.lognormal(np.log(median), spread, stores), 5.0)


@dataclass(frozen=True)
class Groups:
    """Log mixes of the groups `centres` (k, n_need_states) and the group of every store (n,)."""

    centres: Matrix
    labels: NDArray[np.int64]

    @property
    def logits(self) -> Matrix:
        """The log mix (n, n_need_states) of each store's group."""
        return np.asarray(self.centres[self.labels])

    @property
    def mixes(self) -> Matrix:
        """The mix (n, n_need_states) of each store's group."""
        return softmax(self.logits)


def groups(
    rng: np.random.Generator,
    k: int | None = None,
    need_states: int | None = None,
    sizes: tuple[int, ...] | None = None,
    separation: tuple[float, float] = (0.45, 0.8),
    tilted: float = 0.5,
) -> Groups:
    """Draw groups whose log mixes differ in a share `tilted` of the need states."""
    k = k or (len(sizes) if sizes else int(rng.integers(2, 7)))
    m = need_states or int(rng.integers(8, 21))
    base = np.log(rng.dirichlet(np.full(m, 3.0)) + 0.5 / m)
    scale = rng.uniform(*separation)
    draws = [rng.normal(0, scale, (k, m)) * (rng.random((k, m)) < tilted) for _ in range(20)]
    centres = base + max(draws, key=_nearest_pair)
    shares = rng.dirichlet(np.full(k, 8.0)) * 0.7 + 0.3 / k
    counts = sizes or tuple(rng.multinomial(int(rng.integers(70, 140)) * k, shares))
    labels = rng.permutation(np.repeat(np.arange(k), counts))
    return Groups(centres, labels)


def _nearest_pair(tilts: Matrix) -> float:
    gaps = np.linalg.norm(tilts[:, None] - tilts[None], axis=2)
    return float(gaps[np.triu_indices(len(tilts), 1)].min())


def dirichlet(rng: np.random.Generator, mixes: Matrix, concentration: Matrix | float) -> Matrix:
    """Mixes (n, n_need_states) around `mixes` with a concentration, the same or of each store."""
    shape = np.broadcast_to(np.asarray(concentration), (len(mixes),))[:, None] * mixes + 1e-6
    drawn = rng.standard_gamma(shape)
    return np.asarray(drawn / drawn.sum(axis=1, keepdims=True))


def _of(rng: np.random.Generator, mixes: Matrix, one: Groups, median: float = 1_500.0) -> World:
    units = sizes_of_stores(rng, len(mixes), median)
    return World(sold(rng, mixes, units), one.labels, mixes)


def _normal(rng: np.random.Generator, one: Groups, spread: Matrix | float = 0.25) -> Matrix:
    """Log-normal mixes; `spread` is one number or one of each store (n, 1)."""
    return softmax(one.logits + spread * rng.normal(size=one.logits.shape))


def _dirichlet(rng: np.random.Generator) -> World:
    one = groups(rng)
    return _of(rng, dirichlet(rng, one.mixes, rng.uniform(80, 200)), one)


def _log_normal(rng: np.random.Generator) -> World:
    one = groups(rng)
    return _of(rng, _normal(rng, one, rng.uniform(0.15, 0.3)), one)


def _correlated(rng: np.random.Generator) -> World:
    one = groups(rng)
    factors = rng.normal(size=(len(one.labels), 2)) @ rng.normal(0, 0.2, (2, one.centres.shape[1]))
    return _of(rng, softmax(one.logits + factors + 0.12 * rng.normal(size=one.logits.shape)), one)


def _unequal_dirichlet(rng: np.random.Generator) -> World:
    one = groups(rng)
    k = len(one.centres)
    concentration = rng.permutation(np.geomspace(40, 500, k))[one.labels]
    return _of(rng, dirichlet(rng, one.mixes, concentration), one)


def _unequal_log_normal(rng: np.random.Generator) -> World:
    one = groups(rng)
    spread = rng.permutation(np.linspace(0.1, 0.45, len(one.centres)))[one.labels]
    return _of(rng, _normal(rng, one, spread[:, None]), one)


def _heavy_tails(rng: np.random.Generator) -> World:
    one = groups(rng)
    scale = np.sqrt(3 / rng.chisquare(3, len(one.labels)))[:, None]
    return _of(rng, _normal(rng, one, 0.15 * scale), one)


def _uneven(rng: np.random.Generator) -> World:
    one = groups(rng, sizes=(600, 200, 80, 40, 12), separation=(0.6, 0.9))
    return _of(rng, _normal(rng, one, 0.2), one)


def _twelve(rng: np.random.Generator) -> World:
    one = groups(rng, k=12, need_states=int(rng.integers(14, 25)), separation=(0.55, 0.8))
    return replace(_of(rng, _normal(rng, one, 0.15), one), k_max=16)


def _three_need_states(rng: np.random.Generator) -> World:
    one = groups(rng, k=int(rng.integers(2, 4)), need_states=3, tilted=1.0, separation=(0.7, 1.0))
    return _of(rng, dirichlet(rng, one.mixes, 150.0), one)


def _not_carried(rng: np.random.Generator, share: float) -> World:
    one = groups(rng)
    absent = rng.random(one.logits.shape) < share
    absent[np.arange(len(absent)), rng.integers(0, absent.shape[1], len(absent))] = False
    return _of(rng, softmax(np.where(absent, -30.0, np.log(_normal(rng, one, 0.15)))), one)


def _not_carried_by_group(rng: np.random.Generator) -> World:
    one = groups(rng)
    chance = np.where(rng.random(one.centres.shape) < 0.3, 0.85, 0.05)
    absent = rng.random(one.logits.shape) < chance[one.labels]
    absent[np.arange(len(absent)), one.logits.argmax(axis=1)] = False
    return _of(rng, softmax(np.where(absent, -30.0, np.log(_normal(rng, one, 0.15)))), one)


def _regions(rng: np.random.Generator) -> World:
    one = groups(rng)
    of_regions = rng.normal(0, 0.12, (5, one.centres.shape[1]))
    shift = of_regions[rng.integers(0, 5, len(one.labels))]
    return _of(rng, softmax(np.log(_normal(rng, one, 0.15)) + shift), one)


def _climate(rng: np.random.Generator) -> World:
    one = groups(rng)
    warmth = rng.uniform(-1, 1, len(one.labels))[:, None]
    loading = rng.normal(0, 0.35, one.centres.shape[1]) * (rng.random(one.centres.shape[1]) < 0.4)
    return _of(rng, softmax(np.log(_normal(rng, one, 0.15)) + warmth * loading), one)


def _part_year(rng: np.random.Generator) -> World:
    """A quarter of the stores sold in one or two of the four periods only, and seasons differ."""
    one = groups(rng)
    logits, season = np.log(_normal(rng, one, 0.15)), rng.normal(0, 0.2, (PERIODS, 1, 1))
    season = season * rng.normal(size=(1, 1, logits.shape[1]))
    units = sizes_of_stores(rng, len(logits))
    periods = np.array([sold(rng, softmax(logits + one), units)[0] for one in season])
    late = rng.random(len(logits)) < 0.25
    periods[:2, late] = 0
    periods[2, late & (rng.random(len(logits)) < 0.5)] = 0
    return World(periods, one.labels, softmax(logits))


def _priced(rng: np.random.Generator) -> World:
    world = _log_normal(rng)
    price = rng.lognormal(1.2, 0.8, world.mixes.shape[1])
    mixes = world.mixes * price
    return replace(
        world,
        periods=np.round(world.periods * price, 2),
        mixes=mixes / mixes.sum(axis=1, keepdims=True),
    )


def _lumpy(rng: np.random.Generator) -> World:
    """Units come in baskets of four of one need state on average."""
    one = groups(rng)
    mixes = _normal(rng, one, 0.15)
    baskets = sold(rng, mixes, sizes_of_stores(rng, len(mixes)) / 4)
    more = rng.negative_binomial(np.maximum(baskets, 1), 0.25) * (baskets > 0)
    return World(baskets + more, one.labels, mixes)


def _many(rng: np.random.Generator, tilted: float) -> World:
    low, high = (0.3, 0.5) if tilted == 1.0 else (0.9, 1.2)
    one = groups(
        rng, k=int(rng.integers(2, 5)), need_states=200, tilted=tilted, separation=(low, high)
    )
    return _of(rng, _normal(rng, one, 0.2), one, median=6_000.0)


def _small_stores(rng: np.random.Generator) -> World:
    one = groups(rng, separation=(0.7, 1.0))
    return _of(rng, _normal(rng, one, 0.15), one, median=90.0)


def percents(world: World) -> World:
    """The same world with the sales of every store scaled to 100 in all."""
    total = np.maximum(world.sales.sum(axis=1), 1e-12)
    return replace(world, periods=100 * world.periods / total[None, :, None])


KINDS: dict[str, Callable[[np.random.Generator], World]] = {
    "Dirichlet": _dirichlet,
    "log-normal": _log_normal,
    "correlated need states": _correlated,
    "unequal spread, Dirichlet": _unequal_dirichlet,
    "unequal spread, log-normal": _unequal_log_normal,
    "heavy tails": _heavy_tails,
    "600:200:80:40:12": _uneven,
    "12 clusters": _twelve,
    "3 need states": _three_need_states,
    "10 % not carried": lambda rng: _not_carried(rng, 0.1),
    "50 % not carried": lambda rng: _not_carried(rng, 0.5),
    "not carried by group": _not_carried_by_group,
    "regions": _regions,
    "climate": _climate,
    "part-year stores": _part_year,
    "units x price": _priced,
    "lumpy baskets": _lumpy,
    "200 need states": lambda rng: _many(rng, 1.0),
    "200 need states, signal in 10": lambda rng: _many(rng, 0.05),
    "a few dozen units": _small_stores,
    "equal store totals": lambda rng: percents(_log_normal(rng)),
}
