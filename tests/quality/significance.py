"""How often profiles call a difference significant where there is none, and where there is one."""

from __future__ import annotations

import zlib

import numpy as np

from clustering.methods import models
from clustering.methods.assignment.by_half import placed_by_half
from clustering.methods.explanation.differences import SIGNIFICANT, differences
from clustering.methods.explanation.unseen import tested_on_unseen
from clustering.methods.transforms.composition import shares
from clustering.methods.transforms.table import read_tables
from tests.quality.hard import SEEDS
from tests.quality.planted_tables import MIX, Tables, of_halves, outcome
from tests.quality.worlds import KINDS, World, draw, sizes_of_stores, sold

CLUSTERS = (2, 4, 7)
TABLES = 8


def score_significance(seeds: str, quick: bool) -> None:
    """Print the share of profile cells with q <= 0.05 by both tests."""
    first = SEEDS[seeds][0]
    alike = [
        _significant(tables_of(all_alike(first + number)), k)
        for number in range(2 if quick else TABLES)
        for k in CLUSTERS
    ]
    kinds = list(KINDS)[:: 5 if quick else 1]
    grouped = [
        _significant(tables_of(world), world.clusters) for world in (draw(k, first) for k in kinds)
    ]
    print(f"\nprofile cells with q <= {SIGNIFICANT}, {seeds} seeds: tested on")
    print(f"{'':<36}{'the same sales':>16}{'the other half':>16}")
    for title, rows in (
        (f"all stores alike, {len(alike)} clusterings", alike),
        (f"true groups, {len(grouped)} tables", grouped),
    ):
        same, other = np.mean(rows, axis=0)
        print(f"{title:<36}{same:>16.1%}{other:>16.1%}")


def all_alike(seed: int) -> World:
    """Stores with one mix: they differ by sampling noise alone."""
    rng = np.random.default_rng([seed, zlib.crc32(b"all alike")])
    stores, need_states = int(rng.integers(100, 500)), int(rng.integers(6, 16))
    mixes = np.tile(rng.dirichlet(np.full(need_states, 3.0)), (stores, 1))
    units = sizes_of_stores(rng, stores)
    return World(sold(rng, mixes, units), np.zeros(stores, dtype=np.int64), mixes)


def tables_of(world: World) -> Tables:
    return of_halves(world.periods[:2].sum(axis=0), world.periods[2:].sum(axis=0))


def _significant(tables: Tables, k: int) -> tuple[float, float]:
    """The share of cells of k clusters called significant, by the same sales and by unseen ones."""
    found = outcome(tables, MIX, models.family("gmm").Settings(k_min=2, k=k))
    whole, a, b = read_tables(*tables, ("value", "half_a", "half_b"))
    data = shares(whole.numbers)
    known = np.isfinite(data).all(axis=1)
    published = np.unique(found.labels)
    same = differences(data[known], found.labels[known], published)
    by_first = placed_by_half(a, found.transformers, found.placer)
    other = tested_on_unseen(same, by_first, shares(b.numbers), published)
    share, unseen = (float((one.q_value <= SIGNIFICANT).mean()) for one in (same, other))
    return share, unseen
