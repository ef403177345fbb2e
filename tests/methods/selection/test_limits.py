"""Bounds that shaped the clusters are said, and k goes on from the baseline."""

from __future__ import annotations

import numpy as np
import pytest

from clustering.config import Baseline, Model, Select
from clustering.methods.fitting.candidate import from_placement
from clustering.methods.fitting.placement import CentroidPlacement
from clustering.methods.fitting.space import Space
from clustering.methods.selection.choose import Score
from clustering.methods.selection.decision import Choice
from clustering.methods.selection.limits import bounded, continued

X = np.repeat([0.0, 10.0, 20.0, 30.0], 10)[:, None]
SPACE = Space(X, np.full(40, np.nan))


def _choice(k: int, scores: dict[int, dict[str, float]], smallest: float = 0.25) -> Choice:
    candidates = {
        n: from_placement(SPACE, CentroidPlacement(np.arange(n)[:, None] * 10.0, 1.0))
        for n in scores
    }
    listed = [
        Score(n, 10, smallest, values, is_small=smallest < 0.05) for n, values in scores.items()
    ]
    return Choice(candidates, listed, k, k, k, "heldout_r2", "continuum", "A continuum.")


@pytest.mark.parametrize(
    ("choice", "model", "wanted", "compared", "limit", "words"),
    [
        (_choice(2, {2: {}}), Model(k=2), 4, 40, "k_not_possible", "model.k=4 is more"),
        (_choice(2, {2: {}}, 0.01), Model(), None, 40, "min_share", "select.min_group_share"),
        (_choice(4, {4: {}}), Model(k_max=4), None, 40, "k_max", "model.k_max=4 was reached"),
        (_choice(5, {5: {}}), Model(), None, 40, "empty_cluster", "1 of the 5 clusters"),
        (_choice(2, {2: {}}), Model(), None, 19, "few_compared", "Only 19 of 40 stores"),
    ],
)
def test_each_bound_is_said(
    choice: Choice, model: Model, wanted: int | None, compared: int, limit: str, words: str
) -> None:
    found = bounded(choice, model, Select(), wanted, compared, 40)
    assert found.limits == (limit,)
    assert words in found.sentence


def test_nothing_is_said_where_no_bound_was_met() -> None:
    found = bounded(_choice(3, {3: {}}), Model(), Select(), None, 20, 40)
    assert (found.limits, found.sentence) == ((), "A continuum.")


def test_k_stays_that_of_the_baseline_unless_the_gain_pays() -> None:
    scores = {2: {"heldout_r2": 0.40}, 3: {"heldout_r2": 0.43}, 4: {"heldout_r2": 0.50}}
    held = continued(_choice(3, scores), 2, Baseline(), 40)
    assert (held.k, held.recommended) == (2, 3)
    assert "would gain 0.03 of held-out R2, less than baseline.k_gain=0.05" in held.sentence
    paid = continued(_choice(4, scores), 2, Baseline(), 40)
    assert paid.k == 4
    assert "gains 0.10" in paid.sentence


def test_attributes_are_judged_by_bic_and_a_k_that_is_no_more_possible_is_not_continued() -> None:
    scores = {2: {"bic": 100.0}, 3: {"bic": 97.0}, 4: {"bic": 50.0}}
    assert continued(_choice(3, scores), 2, Baseline(), 40).k == 2
    assert continued(_choice(4, scores), 2, Baseline(), 40).k == 4
    assert continued(_choice(3, scores), 7, Baseline(), 40).k == 3
    assert continued(_choice(3, scores), None, Baseline(), 40).k == 3
