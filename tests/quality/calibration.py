"""Whether a stated probability comes true, and how many stores a refresh moves without a reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from clustering.arrays import Matrix
from clustering.methods import models
from tests.quality.continua import SHAPES, draw_continuum
from tests.quality.hard import SEEDS
from tests.quality.planted_tables import MIX, Outcome, Tables, of_halves, outcome
from tests.quality.worlds import KINDS, World, draw

BINS = 10
MARGINS = (0.0, 0.2, 0.5, 0.9)


def expected_error(stated: Matrix, came_true: Matrix, bins: int = BINS) -> float:
    """Expected calibration error: the mean distance of the stated probability from the share that
    came true, over bins of equal width, each weighing its number of stores (Guo et al. 2017).
    """
    bin_of = np.minimum((stated * bins).astype(int), bins - 1)
    count = np.bincount(bin_of, minlength=bins)
    gap = np.bincount(bin_of, stated - came_true, minlength=bins)
    return float(np.abs(gap).sum() / max(count.sum(), 1))


def score_calibration(seeds: str, quick: bool) -> None:
    """Print stated against true, of groups and of continua, and movers by margin."""
    drawn = SEEDS[seeds][: 1 if quick else None]
    worlds = [
        (f"groups: {kind}", draw(kind, s)) for kind in list(KINDS)[:: _step(quick)] for s in drawn
    ]
    shapes = list(SHAPES)[:: _step(quick)]
    worlds += [(f"continuum: {kind}", draw_continuum(kind, s)) for kind in shapes for s in drawn]
    rows = [_row(name, world) for name, world in worlds]
    print(f"\nprobabilities, {seeds} seeds: clusters of half a year, held against the other half")
    print(
        f"{'':<40}{'verdict':>10}{'k':>4}{'stated':>8}{'again':>7}{'ECE':>6}{'true':>7}{'ECE':>6}"
    )
    for row in rows:
        print(_line(row))
    for title, chosen in _parts(rows):
        _print_pooled(title, chosen)


def _step(quick: bool) -> int:
    return 5 if quick else 1


Row = dict[str, object]


def _row(name: str, world: World) -> Row:
    first, second = (of_halves(world.periods[i], world.periods[i + 1]) for i in (0, 2))
    model = models.family("gmm").Settings(k_min=2, k_max=world.k_max)
    found = outcome(first, MIX, model)
    labels, stated = found.labels, found.assignments["probability"].to_numpy()
    later, _ = found.place(second, MIX)
    kept = (later > 0) & (world.periods[:2].sum(axis=(0, 2)) > 0)
    row: Row = {
        "name": name,
        "verdict": found.verdict,
        "k": found.placer.k,
        "stated": stated[kept],
        "again": (labels == later)[kept].astype(float),
        "true": None,
    }
    if world.clusters > 1 and found.placer.k == world.clusters:
        row["true"] = _is_true(world.labels, labels)[kept].astype(float)
    return row


def _is_true(truth: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Which stores (n,) are in the cluster that stands for their true group."""
    table = np.zeros((truth.max() + 1, labels.max() + 1))
    np.add.at(table, (truth, labels), 1)
    rows, columns = linear_sum_assignment(-table)
    stands_for = dict(zip(columns.tolist(), rows.tolist(), strict=True))
    return np.array([stands_for.get(int(label)) for label in labels]) == truth


def _line(row: Row) -> str:
    stated, again, true = row["stated"], row["again"], row["true"]
    text = f"{row['name']:<40}{row['verdict']:>10}{row['k']:>4}"
    text += f"{stated.mean():>8.2f}{again.mean():>7.2f}{expected_error(stated, again):>6.2f}"
    return text + (
        f"{true.mean():>7.2f}{expected_error(stated, true):>6.2f}" if true is not None else ""
    )


def _parts(rows: Sequence[Row]) -> Iterable[tuple[str, list[Row]]]:
    yield "groups with the right k, truth", [row for row in rows if row["true"] is not None]
    for verdict in ("groups", "continuum"):
        own = [row for row in rows if row["verdict"] == verdict]
        yield f"verdict {verdict}, the other half", [row | {"true": None} for row in own]


def _print_pooled(title: str, rows: Sequence[Row]) -> None:
    """Print a table of stated against true by bin, over the stores of all rows."""
    if not rows:
        return
    key = "again" if rows[0]["true"] is None else "true"
    stated, true = (np.concatenate([row[name] for row in rows]) for name in ("stated", key))
    each = np.mean([expected_error(row["stated"], row[key]) for row in rows])
    pooled = expected_error(stated, true)
    print(f"\n{title}: {len(rows)} tables, ECE {pooled:.3f}, per table {each:.3f}")
    bin_of = np.minimum((stated * BINS).astype(int), BINS - 1)
    for number in np.unique(bin_of):
        own = bin_of == number
        share = own.mean()
        print(
            f"  {number / BINS:.1f}-{(number + 1) / BINS:.1f}  {share:>4.0%} of stores  stated "
            f"{stated[own].mean():.2f}  true {true[own].mean():.2f}"
        )


def score_movers(seeds: str, quick: bool) -> None:
    """Print the share of stores that move from odd to even periods by margin: nothing changed but
    the sample of sales. The refit keeps the number of clusters.
    """
    drawn = SEEDS[seeds][: 1 if quick else None]
    print(f"\nmovers from odd to even weeks by baseline.margin, {seeds} seeds")
    print(f"{'':<28}" + "".join(f"{margin:>8}" for margin in MARGINS) + "   frozen model:")
    for title, worlds in (
        ("groups", [draw(kind, s) for kind in list(KINDS)[:: _step(quick)] for s in drawn]),
        (
            "continua",
            [draw_continuum(kind, s) for kind in list(SHAPES)[:: _step(quick)] for s in drawn],
        ),
    ):
        moved = np.mean([_moved(world) for world in worlds], axis=0)
        print(f"{title:<28}" + "".join(f"{share:>8.0%}" for share in moved))


def _moved(world: World) -> list[float]:
    """The share of movers by margin, refitted, then by the frozen model."""
    odd, even = (of_halves(world.periods[i], world.periods[i + 2]) for i in (0, 1))
    family = models.family("gmm")
    before = outcome(odd, MIX, family.Settings(k_min=2, k_max=world.k_max))
    again = family.Settings(k_min=2, k_max=world.k_max, k=before.placer.k)
    refitted = [
        _share(before, outcome(even, MIX, again, None, before.assignments, m)) for m in MARGINS
    ]
    return refitted + [_by_frozen(before, even, margin) for margin in MARGINS]


def _share(before: Outcome, after: Outcome) -> float:
    return float((before.labels != after.labels).mean())


def _by_frozen(before: Outcome, even: Tables, margin: float) -> float:
    labels, found = before.place(even, MIX)
    rows = np.flatnonzero(labels > 0)
    place = {number: column for column, number in enumerate(before.placer.published)}
    old = np.array([place[number] for number in before.labels[rows]])
    new = np.array([place[number] for number in labels[rows]])
    gain = found[rows, new] - found[rows, old]
    return float(((old != new) & (gain >= margin)).sum() / len(labels))
