"""Our default beside rivals on planted categories and planted attributes."""

from __future__ import annotations

import time
from functools import partial

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.metrics import adjusted_rand_score
from sklearn.model_selection import cross_val_predict

from clustering.sample.planted import Planted, draw_attributes, draw_mixes
from tests.quality.automl import run_pycaret
from tests.quality.cases import EXTERNAL, EXTERNAL_SEEDS, Case
from tests.quality.planted_tables import (
    ATTRIBUTES,
    MIX,
    of_attributes,
    of_mixes,
    our_default,
    without_weeks,
)
from tests.quality.rivals import RIVALS, shares

OURS, NO_WEEKS = "clustering (default)", "clustering, no weeks"


def limit(X: np.ndarray, labels: np.ndarray) -> float:
    """What a classifier that is given the true labels reaches (cross-validated linear
    discriminants).
    """
    if len(np.unique(labels)) == 1:
        return 1.0
    return float(
        adjusted_rand_score(
            labels, cross_val_predict(LinearDiscriminantAnalysis(), X, labels, cv=5)
        )
    )


def score_mixes(title: str, cases: list[Case], quick: bool, pycaret: str | None) -> None:
    """Mean ARI on stores that are no outliers, that over the limit, share of right k, seconds; by
    method.
    """
    drawn = {
        (case, seed): draw_mixes(case.recipe, [seed])
        for case in (cases[:4] if quick else cases)
        for seed in (case.seeds[:1] if quick else case.seeds)
    }
    theirs = (
        run_pycaret(pycaret, {key: one.counts.astype(float) for key, one in drawn.items()})
        if pycaret
        else {}
    )
    rows: dict[str, list[tuple[float, float, bool, float]]] = {}
    worst: list[tuple[float, str]] = []
    for (case, seed), planted in drawn.items():
        inside = planted.labels >= 0
        truth = planted.labels[inside]
        best = limit(np.sqrt(shares(planted.counts.astype(float)))[inside][:, :-1], truth)
        labelings = _labelings(planted) | ({"PyCaret 3.3.2": theirs[case, seed]} if theirs else {})
        for name, (labels, seconds) in labelings.items():
            ari = float(adjusted_rand_score(truth, labels[inside]))
            right = len(np.unique(labels[labels >= 0])) == case.recipe.clusters
            rows.setdefault(name, []).append((ari, ari / max(best, 1e-9), right, seconds))
        ours, usual = rows[OURS][-1][0], rows["usual recipe"][-1][0]
        worst.append((ours - usual, f"{case.name} (seed {seed})"))
        print(
            f"  {case.name:<24} seed {seed:>3}  limit {best:.2f}  ours {ours:.2f}  usual "
            f"{usual:.2f}"
        )
    _print(title, rows)
    gap, name = min(worst)
    print(f"least lead over the usual recipe in any table: {gap:+.3f} ({name})\n")


def _labelings(planted: Planted) -> dict[str, tuple[np.ndarray, float]]:
    """Labels of our default and of every rival that runs here, with the seconds each took."""
    found = {}
    sales = planted.counts.astype(float)
    methods = {
        OURS: lambda: our_default(*of_mixes(planted), MIX)[0],
        NO_WEEKS: lambda: our_default(*without_weeks(sales), MIX)[0],
    } | {name: partial(method, sales, 10) for name, method in RIVALS.items()}
    for name, method in methods.items():
        clock = time.perf_counter()
        labels = method()
        found[name] = (labels, time.perf_counter() - clock)
    return found


def score_external(quick: bool) -> None:
    """The same for planted attributes: numeric, skewed, categorical, with gaps, and irrelevant
    ones.
    """
    rows: dict[str, list[tuple[float, float, bool, float]]] = {}
    for name, recipe in list(EXTERNAL.items())[: 2 if quick else None]:
        for seed in EXTERNAL_SEEDS[: 1 if quick else 2]:
            planted = draw_attributes(recipe, [seed])
            mean, spread = np.nanmean(planted.numbers, axis=0), np.nanstd(planted.numbers, axis=0)
            levels = [np.eye(4)[planted.levels[:, j]] for j in range(planted.levels.shape[1])]
            best = limit(
                np.hstack([np.nan_to_num((planted.numbers - mean) / spread), *levels]),
                planted.labels,
            )
            clock = time.perf_counter()
            labels = our_default(*of_attributes(planted), ATTRIBUTES)[0]
            ari = float(adjusted_rand_score(planted.labels, labels))
            right = len(np.unique(labels)) == recipe.clusters
            rows.setdefault(OURS, []).append(
                (ari, ari / max(best, 1e-9), right, time.perf_counter() - clock)
            )
            print(
                f"  {name:<24} seed {seed:>3}  limit {best:.2f}  ours {ari:.2f}  k "
                f"{len(np.unique(labels))}"
            )
    _print("external track, planted attributes", rows)
    print()


def _print(title: str, rows: dict[str, list[tuple[float, float, bool, float]]]) -> None:
    print(f"\n{title}\n{'method':<24}{'mean ARI':>10}{'ARI/limit':>11}{'right k':>9}{'seconds':>9}")
    for name, found in rows.items():
        ari, ratio, right, seconds = np.array(found, dtype=float).mean(axis=0)
        print(f"{name:<24}{ari:>10.3f}{ratio:>11.3f}{right:>9.0%}{seconds:>9.2f}")
