"""The expected calibration error, and the share of stores in the right cluster."""

from __future__ import annotations

import numpy as np
import pytest

from clustering.methods import models
from tests.quality.calibration import _is_true, expected_error
from tests.quality.continua import draw_continuum
from tests.quality.planted_tables import MIX, of_halves, outcome


def test_probabilities_that_come_true_as_often_as_they_say_have_no_error() -> None:
    stated = np.repeat([0.25, 0.75], 100)
    came_true = np.concatenate([np.arange(100) < 25, np.arange(100) < 75]).astype(float)
    assert expected_error(stated, came_true) == pytest.approx(0)


def test_being_too_sure_by_a_third_everywhere_is_an_error_of_a_third() -> None:
    stated = np.full(300, 0.95)
    assert expected_error(stated, (np.arange(300) < 186).astype(float)) == pytest.approx(0.33)


def test_too_sure_and_not_sure_enough_do_not_cancel() -> None:
    stated = np.repeat([0.15, 0.85], 50)
    assert expected_error(stated, np.full(100, 0.5)) == pytest.approx(0.35)


def test_clusters_are_right_by_the_group_they_stand_for() -> None:
    truth, labels = np.array([0, 0, 0, 1, 1]), np.array([7, 7, 4, 4, 4])
    assert _is_true(truth, labels).tolist() == [True, True, False, True, True]


def test_a_continuum_that_the_baseline_has_cut_is_cut_again() -> None:
    world, settings = draw_continuum("skewed", 12), models.family("gmm").Settings(k_min=2)
    odd, even = (of_halves(world.periods[i], world.periods[i + 2]) for i in (0, 1))
    before, anew = (outcome(tables, MIX, settings) for tables in (odd, even))
    assert [one.verdicts["rule"].item() for one in (before, anew)] == ["heldout_r2", "bic"]
    after = outcome(even, MIX, settings, baseline=before)
    assert after.verdicts["rule"].item() == "heldout_r2"
