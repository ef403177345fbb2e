"""Seconds a category of 800 stores takes on one core: features, every k, the verdict; PyCaret's
recipe in the same run.
"""

from __future__ import annotations

import time

import numpy as np

from clustering.config import Select
from clustering.methods import models
from clustering.sample.planted import Recipe, draw_mixes
from tests.quality.automl import run_pycaret
from tests.quality.planted_tables import MIX, of_mixes, through_stages

REPLICATES = 100
CASES = {
    "groups, 12 need states": Recipe(stores=800, clusters=4, need_states=12),
    "groups, 30 need states": Recipe(stores=800, clusters=5, need_states=30),
    "continuum, 12 need states": Recipe(stores=800, clusters=1, need_states=12),
}


def print_seconds(pycaret: str | None) -> None:
    """Print the median of five runs, and what bootstrap trust adds."""
    planted = {name: draw_mixes(recipe, [3]) for name, recipe in CASES.items()}
    theirs = (
        run_pycaret(pycaret, {name: one.counts.astype(float) for name, one in planted.items()})
        if pycaret
        else {}
    )
    print(
        f"{'800 stores, k = 1..10':<28}{'seconds':>9}{'PyCaret':>9}{'ratio':>7}"
        f"{f'  trust, {REPLICATES} replicates, adds':>30}"
    )
    for name, one in planted.items():
        tables = of_mixes(one)
        ours, trust = (
            _median(tables, Select()),
            _median(tables, Select(trust_replicates=REPLICATES), runs=1),
        )
        rival = (
            f"{theirs[name][1]:>9.2f}{theirs[name][1] / ours:>7.1f}"
            if name in theirs
            else f"{'':>16}"
        )
        print(f"{name:<28}{ours:>9.2f}{rival}{trust - ours:>28.1f} s")


def _median(tables: tuple, select: Select, runs: int = 5) -> float:
    seconds = []
    for _ in range(runs):
        clock = time.perf_counter()
        through_stages(*tables, MIX, models.family("gmm").Settings(), select)
        seconds.append(time.perf_counter() - clock)
    return float(np.median(seconds))
