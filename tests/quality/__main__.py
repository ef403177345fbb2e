"""Print the quality tables: `nox -s quality` or `python -m tests.quality [--quick] [--set development|scored]`."""

from __future__ import annotations

import argparse
import time
import warnings

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.metrics import adjusted_rand_score
from sklearn.model_selection import cross_val_predict

from clustering.sources.planted import draw_attributes, draw_mixes
from tests.quality.cases import DEVELOPMENT, EXTERNAL, SCORED_ONLY, Case
from tests.quality.panel import score_panel
from tests.quality.planted_tables import ATTRIBUTES, MIX, of_attributes, of_mixes, our_default
from tests.quality.rivals import RIVALS, shares

OURS = "clustering (default)"


def limit(X: np.ndarray, labels: np.ndarray) -> float:
    """What a classifier that is given the true labels reaches (cross-validated linear discriminants)."""
    if len(np.unique(labels)) == 1:
        return 1.0
    return float(adjusted_rand_score(labels, cross_val_predict(LinearDiscriminantAnalysis(), X, labels, cv=5)))


def score_mixes(title: str, cases: list[Case], quick: bool) -> None:
    """Mean ARI on stores that are no outliers, that over the limit, share of right k, seconds; by method."""
    rows: dict[str, list[tuple[float, float, bool, float]]] = {}
    worst: list[tuple[float, str]] = []
    for case in cases[:4] if quick else cases:
        for seed in case.seeds[:1] if quick else case.seeds:
            planted = draw_mixes(case.recipe, [seed])
            inside = planted.labels >= 0
            sales, truth = planted.counts.astype(float), planted.labels[inside]
            best = limit(np.sqrt(shares(sales))[inside][:, :-1], truth)
            found = {}
            for name, method in ({OURS: None} | RIVALS).items():
                clock = time.perf_counter()
                labels = our_default(*of_mixes(planted), MIX)[0] if method is None else method(sales)
                seconds = time.perf_counter() - clock
                ari = float(adjusted_rand_score(truth, labels[inside]))
                right = len(np.unique(labels[labels >= 0])) == case.recipe.clusters
                rows.setdefault(name, []).append((ari, ari / max(best, 1e-9), right, seconds))
                found[name] = ari
            worst.append((found[OURS] - found["usual recipe"], f"{case.name} (seed {seed})"))
            print(
                f"  {case.name:<24} seed {seed:>3}  limit {best:.2f}  ours {found[OURS]:.2f}  usual {found['usual recipe']:.2f}"
            )
    _print(title, rows)
    gap, name = min(worst)
    print(f"least lead over the usual recipe in any table: {gap:+.3f} ({name})\n")


def score_external(quick: bool) -> None:
    """The same for planted attributes: numeric, skewed, categorical, with gaps, and irrelevant ones."""
    rows: dict[str, list[tuple[float, float, bool, float]]] = {}
    for name, recipe in list(EXTERNAL.items())[: 2 if quick else None]:
        for seed in (201, 202)[: 1 if quick else 2]:
            planted = draw_attributes(recipe, [seed])
            mean, spread = np.nanmean(planted.numbers, axis=0), np.nanstd(planted.numbers, axis=0)
            levels = [np.eye(4)[planted.levels[:, j]] for j in range(planted.levels.shape[1])]
            best = limit(np.hstack([np.nan_to_num((planted.numbers - mean) / spread), *levels]), planted.labels)
            clock = time.perf_counter()
            labels = our_default(*of_attributes(planted), ATTRIBUTES)[0]
            ari = float(adjusted_rand_score(planted.labels, labels))
            right = len(np.unique(labels)) == recipe.clusters
            rows.setdefault(OURS, []).append((ari, ari / max(best, 1e-9), right, time.perf_counter() - clock))
            print(f"  {name:<24} seed {seed:>3}  limit {best:.2f}  ours {ari:.2f}  k {len(np.unique(labels))}")
    _print("external track, planted attributes", rows)
    print()


def _print(title: str, rows: dict[str, list[tuple[float, float, bool, float]]]) -> None:
    print(f"\n{title}\n{'method':<24}{'mean ARI':>10}{'ARI/limit':>11}{'right k':>9}{'seconds':>9}")
    for name, found in rows.items():
        ari, ratio, right, seconds = np.array(found, dtype=float).mean(axis=0)
        print(f"{name:<24}{ari:>10.3f}{ratio:>11.3f}{right:>9.0%}{seconds:>9.2f}")


def main() -> None:
    """Score what the command line asks for."""
    warnings.filterwarnings("ignore")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few cases of each")
    parser.add_argument("--part", choices=["development", "scored", "external", "panel"], action="append")
    asked = parser.parse_args()
    parts = asked.part or ["development", "scored", "external", "panel"]
    if "development" in parts:
        score_mixes("development set", DEVELOPMENT, asked.quick)
    if "scored" in parts:
        score_mixes("scored-only set", SCORED_ONLY, asked.quick)
    if "external" in parts:
        score_external(asked.quick)
    if "panel" in parts:
        print("real panel: fit on weeks 1-26, held-out R2 on weeks 27-52")
        score_panel(asked.quick)


if __name__ == "__main__":
    main()
