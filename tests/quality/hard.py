"""Our default beside rivals on worlds with groups, on continua and on pairs of groups."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from sklearn.metrics import adjusted_rand_score

from clustering.arrays import Matrix
from tests.quality.automl import run_pycaret
from tests.quality.continua import CLEAR, DISTANCES, SHAPES, draw_continuum, draw_pair
from tests.quality.external_worlds import EXTERNAL_KINDS, as_matrix, draw_external
from tests.quality.mclust import has_mclust, mclust
from tests.quality.planted_tables import ATTRIBUTES, MIX, of_attributes, of_halves, our_default
from tests.quality.rivals import ON_COORDINATES, RIVALS, roots
from tests.quality.worlds import DEVELOPMENT_SEEDS, KINDS, SCORED_SEEDS, World, draw

OURS = "clustering (default)"
SEEDS = {"development": DEVELOPMENT_SEEDS, "scored": SCORED_SEEDS}
QUICK = 4  # kinds of each part
MCLUST_NEED_STATES = 50
PAIR_SEEDS = 16  # tables of each distance
Method = Callable[[World], np.ndarray]
Row = dict[str, tuple[float, ...]]


def ours(world: World) -> tuple[np.ndarray, str]:
    """Labels and verdict of our default; the halves of the sales are the first and last two
    periods.
    """
    halves = world.periods[:2].sum(axis=0), world.periods[2:].sum(axis=0)
    return our_default(*of_halves(*halves), MIX, k_max=world.k_max)


def rivals(need_states: int) -> dict[str, Callable[[Matrix, int], np.ndarray]]:
    """Those that run in this process, and mclust where R has it; it takes minutes for hundreds of
    need states.
    """
    own = {"mclust, BIC": lambda sales, k_max: mclust(roots(sales), k_max)}
    return RIVALS | (own if need_states <= MCLUST_NEED_STATES and has_mclust() else {})


def score_hard(seeds: str, quick: bool, pycaret: str | None) -> None:
    """Print ARI and the share of right k of every kind for our default, and the means of all."""
    kinds = list(KINDS)[:: 5 if quick else 1]
    worlds = {(kind, seed): draw(kind, seed) for kind in kinds for seed in _seeds(seeds, quick)}
    theirs = (
        run_pycaret(pycaret, {key: one.sales for key, one in worlds.items()}) if pycaret else {}
    )
    table: dict[str, list[Row]] = {}
    for (kind, seed), world in worlds.items():
        row = _scores(world)
        if theirs:
            labels, seconds = theirs[kind, seed]
            row["PyCaret 3.3.2"] = _agreement(world.labels, labels, seconds)
        table.setdefault(kind, []).append(row)
    print(f"\nhard worlds with groups, {seeds} seeds, {len(worlds)} tables")
    print(f"{'kind':<32}{'k':>6}{'ARI':>7}{'right k':>9}{'found k':>10}  best rival")
    for kind, rows in table.items():
        true = [worlds[key].clusters for key in worlds if key[0] == kind]
        _print_kind(kind, true, rows)
    print_methods([row for rows in table.values() for row in rows])


def _print_kind(kind: str, true: Sequence[int], rows: Sequence[Row]) -> None:
    means = {name: np.mean([row[name] for row in rows], axis=0) for name in rows[0]}
    rival = max((name for name in means if name != OURS), key=lambda name: means[name][0])
    found = ",".join(str(int(row[OURS][3])) for row in rows)
    k = ",".join(map(str, true))
    print(
        f"{kind:<32}{k:>6}{means[OURS][0]:>7.2f}{means[OURS][1]:>9.0%}{found:>10}"
        f"  {rival} {means[rival][0]:.2f}"
    )


def print_methods(rows: Sequence[Row]) -> None:
    """Print the means of all rows by method."""
    print(f"\n{'method':<32}{'mean ARI':>10}{'right k':>9}{'seconds':>9}")
    for name in rows[0]:
        own = [row[name] for row in rows if name in row]
        ari, right, seconds, _ = np.mean(own, axis=0)
        tables = f"  {len(own)} tables" if len(own) < len(rows) else ""
        print(f"{name:<32}{ari:>10.3f}{right:>9.0%}{seconds:>9.2f}{tables}")


def _scores(world: World) -> Row:
    clock = time.perf_counter()
    labels = ours(world)[0]
    row = {OURS: _agreement(world.labels, labels, time.perf_counter() - clock)}
    for name, method in rivals(world.sales.shape[1]).items():
        clock = time.perf_counter()
        labels = method(world.sales, world.k_max)
        row[name] = _agreement(world.labels, labels, time.perf_counter() - clock)
    return row


def _agreement(truth: np.ndarray, labels: np.ndarray, seconds: float) -> tuple[float, ...]:
    """ARI, whether k is right, seconds, and k."""
    k = len(np.unique(labels[labels >= 0]))
    right = k == len(np.unique(truth))
    return float(adjusted_rand_score(truth, labels)), float(right), seconds, float(k)


def _seeds(seeds: str, quick: bool) -> tuple[int, ...]:
    return SEEDS[seeds][: 1 if quick else None]


def score_continua(seeds: str, quick: bool) -> None:
    """Print how often each method finds groups where there are none."""
    kinds = list(SHAPES)[:: 3 if quick else 1]
    drawn = [
        s + offset
        for s in _seeds(seeds, quick)
        for offset in (range(0, 100 if quick else 500, 100))
    ]
    false: dict[str, dict[str, list[bool]]] = {}
    for kind in kinds:
        for seed in drawn:
            for name, found in _finds_groups(draw_continuum(kind, seed)).items():
                false.setdefault(name, {}).setdefault(kind, []).append(found)
    print(f"\ncontinua, {seeds} seeds, {len(kinds) * len(drawn)} tables: share called groups")
    _print_shares(false)


def _finds_groups(world: World) -> dict[str, bool]:
    """Whether each method finds groups; of rivals, whether it prefers more than one cluster."""
    found = {OURS: ours(world)[1] == "groups"}
    for name in ("tied mixture, BIC", "full mixture, BIC", "KMeans, gap", "HDBSCAN"):
        labels = RIVALS[name](world.sales, world.k_max)
        found[name] = len(np.unique(labels[labels >= 0])) > 1
    return found


def _print_shares(found: Mapping[str, Mapping[str, Sequence[bool]]]) -> None:
    """Print one column a method, one row a kind, and the share over all."""
    kinds = list(next(iter(found.values())))
    print(f"{'':<20}" + "".join(f"{name:>22}" for name in found))
    for kind in kinds:
        print(f"{kind:<20}" + "".join(f"{np.mean(own[kind]):>22.0%}" for own in found.values()))
    overall = (np.mean([one for row in own.values() for one in row]) for own in found.values())
    print(f"{'all':<20}" + "".join(f"{share:>22.0%}" for share in overall))


def score_pairs(seeds: str, quick: bool) -> None:
    """Print how often two groups at each distance are found: the verdict says groups, and k is
    2.
    """
    drawn = [_seeds(seeds, True)[0] + number for number in range(1 if quick else PAIR_SEEDS)]
    for equal_totals in (False, True):
        found: dict[str, dict[str, list[bool]]] = {}
        for distance in DISTANCES[:: 2 if quick else 1]:
            for seed in drawn:
                pair = draw_pair(distance, seed, equal_totals)
                for name, is_found in _finds_both(pair).items():
                    found.setdefault(name, {}).setdefault(str(distance), []).append(is_found)
        print(f"\ntwo groups, {'equal store totals' if equal_totals else 'usual totals'}: found")
        _print_shares(found)
        clear = [one for d in CLEAR for one in found[OURS].get(str(d), [])]
        print(f"at distance {CLEAR[0]} to {CLEAR[-1]}: {np.mean(clear):.0%} found by our default")


def _finds_both(world: World) -> dict[str, bool]:
    labels, verdict = ours(world)
    found = {OURS: verdict == "groups" and len(np.unique(labels)) == 2}
    for name in ("tied mixture, BIC", "full mixture, BIC", "KMeans, gap", "HDBSCAN"):
        labels = RIVALS[name](world.sales, world.k_max)
        found[name] = len(np.unique(labels[labels >= 0])) == 2
    return found


def score_external_worlds(seeds: str, quick: bool) -> None:
    """Print ARI on attributes that are strongly correlated, or drown in columns of noise."""
    rows: list[Row] = []
    print(f"\nhard attributes, {seeds} seeds")
    for kind in EXTERNAL_KINDS:
        own = []
        for seed in _seeds(seeds, quick):
            planted = draw_external(kind, seed)
            clock = time.perf_counter()
            labels = our_default(*of_attributes(planted), ATTRIBUTES)[0]
            row = {OURS: _agreement(planted.labels, labels, time.perf_counter() - clock)}
            X = as_matrix(planted)
            for name, method in ON_COORDINATES.items():
                row[name] = _agreement(planted.labels, method(X, 10), 0.0)
            own.append(row)
        _print_kind(kind, [len(np.unique(planted.labels))], own)
        rows += own
    print_methods(rows)
