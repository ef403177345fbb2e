"""Bounds that shaped the clusters of a category: each is said in its verdict and in the summary."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clustering.config import Baseline, Model, Select
from clustering.methods.selection.choose import Score
from clustering.methods.selection.decision import Choice

# what the summary says of the categories that have met a bound
IN_SUMMARY = {
    "k_not_possible": "do not allow model.k clusters and have as many as they allow",
    "min_share": "have a cluster below select.min_share at every k",
    "k_max": "chose k = model.k_max, so more clusters may fit better",
    "empty_cluster": "have a cluster that holds none of the stores it was fitted to",
    "few_compared": "could compare fewer than half of the stores that sell there",
}


def bounded(
    chosen: Choice, model: Model, select: Select, wanted: int | None, compared: int, selling: int
) -> Choice:
    """Give the choice with the bounds it has met, in `limits` and in its sentence.

    `wanted` is model.k as the user set it; `compared` of the `selling` stores have enough history.
    """
    found: dict[str, str] = {}
    if wanted and wanted > chosen.k:
        found["k_not_possible"] = (
            f"model.k={wanted} is more than this category allows, so k = {chosen.k}."
        )
    one = next((score for score in chosen.scores if score.k == chosen.recommended), None)
    name = "min_share" if chosen.is_cut else "min_group_share"
    floor = getattr(select, name)
    is_small = one is not None and one.is_small and one.smallest_share < floor
    if one and one.k > 1 and is_small and chosen.verdict != "too_few_stores":
        found["min_share"] = (
            f"Every k has a cluster below {floor:.0%} of the stores (select.{name}), so small "
            "clusters were accepted."
        )
    if not wanted and chosen.recommended == model.k_max > 1:
        found["k_max"] = f"model.k_max={model.k_max} was reached; more clusters may fit better."
    sizes = np.bincount(chosen.candidates[chosen.k].labels, minlength=chosen.k)
    if (empty := int((sizes == 0).sum())) and chosen.k > 1:
        found["empty_cluster"] = f"{empty} of the {chosen.k} clusters hold no store."
    if 2 * compared < selling:
        found["few_compared"] = (
            f"Only {compared} of {selling} stores have enough history to be compared; the others "
            "were placed afterwards."
        )
    return replace(
        chosen, limits=tuple(found), sentence=" ".join([chosen.sentence, *found.values()])
    )


def continued(chosen: Choice, old_k: int | None, baseline: Baseline, stores: int) -> Choice:
    """Give the choice with the k of the baseline, unless another k gains baseline.k_gain or more.

    The gain is the increase in held-out R2; where there is none, that of the log likelihood per
    store, penalised as in BIC.
    """
    by_k = {score.k: score for score in chosen.scores}
    if old_k is None or old_k == chosen.k or old_k not in by_k or chosen.k != chosen.recommended:
        return chosen
    gain, measure = _gain(by_k[old_k], by_k[chosen.k], stores)
    if gain >= baseline.k_gain:
        said = f"The baseline has k = {old_k}; k = {chosen.k} gains {gain:.2f} of {measure}."
        return replace(chosen, sentence=f"{chosen.sentence} {said}")
    said = (
        f"k = {old_k} continues the baseline: k = {chosen.k} would gain {gain:.2f} of {measure}, "
        f"less than baseline.k_gain={baseline.k_gain:g}."
    )
    return replace(chosen, k=old_k, sentence=f"{chosen.sentence} {said}")


def _gain(old: Score, new: Score, stores: int) -> tuple[float, str]:
    before, after = (_heldout(score) for score in (old, new))
    if np.isfinite(before) and np.isfinite(after):
        return after - before, "held-out R2"
    before, after = (score.values.get("bic", np.nan) for score in (old, new))
    if np.isfinite(before) and np.isfinite(after):
        return (before - after) / (2 * stores), "log likelihood per store"
    return float("inf"), "an unknown measure"


def _heldout(score: Score) -> float:
    return score.values.get("heldout_r2", 0.0 if score.k == 1 else np.nan)
