"""Whether a stated probability comes true, and how many stores a refresh moves without a reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from clustering.arrays import Matrix
from clustering.methods import models
from clustering.methods.assignment.discriminant import fit_discriminant
from tests.quality.continua import SHAPES, draw_continuum
from tests.quality.hard import SEEDS
from tests.quality.planted_tables import MIX, Outcome, Tables, of_halves, outcome
from tests.quality.worlds import KINDS, World, draw

BINS = 10
# stores, columns, and how far clusters lie apart in the columns that tell
ATTRIBUTE_TABLES = [
    (stores, columns, telling)
    for stores in (60, 120, 400)
    for columns in (6, 20, 40)
    for telling in (0.5, 1.0)
]
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


def score_attribute_rule(seeds: str, quick: bool) -> None:
    """Print stated against true of the rule that places stores by their attributes alone, on stores
    that the rule has not seen.
    """
    print(f"\nattributes as a rule, {seeds} seeds: stated, right and ECE on unseen stores")
    errors = []
    for stores, columns, telling in ATTRIBUTE_TABLES[:: 3 if quick else 1]:
        stated, right = _by_attributes(stores, columns, telling, SEEDS[seeds][0])
        if not stated.size:  # the attributes never beat the largest cluster
            continue
        errors.append(expected_error(stated, right))
        print(
            f"{stores:>5} stores, {columns:>3} columns, separation {telling:.1f}: "
            f"{stated.mean():.2f} {right.mean():.2f} {errors[-1]:.3f}"
        )
    print(f"mean ECE {np.mean(errors):.3f}")


def _by_attributes(
    stores: int, columns: int, telling: float, seed: int, repeats: int = 10
) -> tuple[Matrix, Matrix]:
    """Skewed, correlated attributes a third of which shift with the cluster, of new stores."""
    rng, k, found = np.random.default_rng([seed, stores, columns]), 4, []
    for _ in range(repeats):
        mixing = rng.normal(size=(columns, columns)) / np.sqrt(columns) + np.eye(columns)
        shift = telling * rng.normal(size=(k, columns)) * (np.arange(columns) < columns / 3)
        labels = rng.choice(k, 2 * stores, p=[0.4, 0.3, 0.2, 0.1])
        X = (shift[labels] + rng.normal(size=(len(labels), columns))) @ mixing
        X = np.where(np.arange(columns) % 2 == 0, np.exp(0.5 * X), X)
        X = (X - X[:stores].mean(axis=0)) / X[:stores].std(axis=0)
        rule = fit_discriminant(X[:stores], labels[:stores], k)
        if rule is not None and rule.is_better:
            r = rule.probabilities(X[stores:])
            found.append((r.max(axis=1), (r.argmax(axis=1) == labels[stores:]).astype(float)))
    stated, right = zip(*found, strict=True) if found else ([np.zeros(0)], [np.zeros(0)])
    return np.concatenate(stated), np.concatenate(right)


def score_movers(seeds: str, quick: bool) -> None:
    """Print the share of stores that move from odd to even periods by margin: nothing changed but
    the sample of sales.
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
    model = models.family("gmm").Settings(k_min=2, k_max=world.k_max)
    before = outcome(odd, MIX, model)
    after = outcome(even, MIX, model, baseline=before)
    refitted = [after.assign(margin)["assignments"]["cluster"].to_numpy() for margin in MARGINS]
    moved = [float((before.labels != labels).mean()) for labels in refitted]
    return moved + [_by_frozen(before, even, margin) for margin in MARGINS]


def _by_frozen(before: Outcome, even: Tables, margin: float) -> float:
    labels, found = before.place(even, MIX)
    rows = np.flatnonzero(labels > 0)
    place = {number: column for column, number in enumerate(before.placer.published)}
    old = np.array([place[number] for number in before.labels[rows]])
    new = np.array([place[number] for number in labels[rows]])
    gain = found[rows, new] - found[rows, old]
    return float(((old != new) & (gain >= margin)).sum() / len(labels))
