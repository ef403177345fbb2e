"""The choice of k among candidates that were all scored in one space."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from clustering.criteria import LOWER_IS_BETTER
from clustering.methods.selection.heldout import HeldOut


@dataclass
class Score:
    """One candidate's criteria by name (absent where switched off or undefined) and its smallest
    cluster.
    """

    k: int
    smallest: int
    smallest_share: float
    values: dict[str, float] = field(default_factory=dict)
    heldout: HeldOut | None = None
    is_small: bool = False  # a cluster is too small for the verdict


def best_by(scores: list[Score], criterion: str) -> Score | None:
    """The candidate that `criterion` prefers, the smaller k of equals; None where it is defined for
    none.
    """
    known = [score for score in scores if np.isfinite(score.values.get(criterion, np.nan))]
    if not known:
        return None
    special: dict[str, Callable[[list[Score]], Score]] = {
        "gap": _first_se_max,
        "prediction_strength": _largest_strong,
        "heldout_r2": _one_standard_error,
    }
    if criterion in special:
        return special[criterion](known)
    sign = 1 if criterion in LOWER_IS_BETTER else -1
    return min(known, key=lambda score: (sign * score.values[criterion], score.k))


def votes(scores: list[Score], criteria: list[str]) -> Counter[int]:
    """How many of `criteria` prefer each k."""
    winners = (best_by(scores, criterion) for criterion in criteria)
    return Counter(score.k for score in winners if score is not None)


def best_by_vote(scores: list[Score], criteria: list[str]) -> Score | None:
    """The k most criteria prefer, the smaller one of equals."""
    counted = votes(scores, criteria)
    return min(scores, key=lambda score: (-counted[score.k], score.k)) if counted else None


def _one_standard_error(scores: list[Score]) -> Score:
    """The smallest k whose held-out R2 is within one standard error of the best (Breiman et al.
    1984).

    The error is that of the difference, store by store: what both candidates miss alike says
    nothing about their rank.
    """
    best = max(scores, key=lambda score: (score.values["heldout_r2"], -score.k))
    for score in sorted(scores, key=lambda score: score.k):
        if best.heldout is None or score.heldout is None:
            return best
        if best.heldout.r2 - score.heldout.r2 <= best.heldout.standard_error_of_gain(score.heldout):
            return score
    return best


def _first_se_max(scores: list[Score]) -> Score:
    """The smallest k whose gap is within one standard error of the first local maximum
    (cluster::clusGap, firstSEmax).
    """
    ordered = sorted(scores, key=lambda score: score.k)
    gaps = [score.values["gap"] for score in ordered]
    peak = next((i for i in range(len(gaps) - 1) if gaps[i] >= gaps[i + 1]), len(gaps) - 1)
    limit = gaps[peak] - ordered[peak].values.get("gap_se", 0.0)
    return next(score for score, gap in zip(ordered, gaps, strict=True) if gap >= limit)


def _largest_strong(scores: list[Score]) -> Score:
    """The largest k with prediction strength of at least 0.8 (Tibshirani and Walther 2005), else
    the strongest.
    """
    strong = [score for score in scores if score.values["prediction_strength"] >= 0.8]
    if strong:
        return max(strong, key=lambda score: score.k)
    return max(scores, key=lambda score: (score.values["prediction_strength"], -score.k))
