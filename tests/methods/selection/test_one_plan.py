"""Whether plans by cluster are worth more than one plan."""

from __future__ import annotations

import numpy as np
import pytest

from clustering.config import Features
from clustering.methods.fitting.placement import CentroidPlacement
from clustering.methods.selection.one_plan import GainOfPlans, gain_of_plans
from clustering.methods.transforms.fitted import fit_features
from clustering.methods.transforms.table import Table


def _table(numbers: np.ndarray) -> Table:
    n, total = len(numbers), numbers.sum(axis=1)
    return Table(
        [str(i) for i in range(n)],
        ["a", "b"],
        numbers,
        [],
        [],
        np.zeros((n, 0), dtype=np.int64),
        total,
        True,
        np.tile(total[:, None] / 2, 2),
    )


def _gain(one: np.ndarray, other: np.ndarray) -> GainOfPlans | None:
    fitted = fit_features(_table(one + other), np.ones(len(one), dtype=bool), Features(), 1)
    X = fitted.transform(_table(one + other))
    centres = np.array([X[X[:, 0] <= 0].mean(axis=0), X[X[:, 0] > 0].mean(axis=0)])
    placement = CentroidPlacement(centres, 0.01)
    return gain_of_plans((_table(one), _table(other)), fitted, placement)


def test_two_groups_that_sell_the_opposite_gain_what_one_plan_misses() -> None:
    sales = np.array([[8.0, 2.0]] * 10 + [[2.0, 8.0]] * 10)
    found = _gain(sales, sales)
    # one plan is nearly half and half and misses 0.3 of every store's demand
    assert found is not None
    assert found.gain == pytest.approx(0.3, abs=0.02)
    assert found.standard_error == pytest.approx(0)
    assert not found.one_plan_will_do


def test_stores_that_differ_by_chance_gain_nothing() -> None:
    rng = np.random.default_rng(1)
    one, other = rng.poisson(30, (2, 200, 2)) + 1.0
    found = _gain(one, other)
    assert found is not None
    assert abs(found.gain) < 0.005
    assert found.one_plan_will_do


def test_a_gain_within_two_standard_errors_is_no_gain() -> None:
    assert GainOfPlans(0.03, 0.02).one_plan_will_do
    assert not GainOfPlans(0.05, 0.02).one_plan_will_do
    assert GainOfPlans(0.001, 0.0).one_plan_will_do


def test_one_cluster_has_nothing_to_compare() -> None:
    sales = np.full((10, 2), 5.0)
    fitted = fit_features(_table(sales), np.ones(10, dtype=bool), Features(), 1)
    placement = CentroidPlacement(np.zeros((1, 1)), 1.0)
    assert gain_of_plans((_table(sales), _table(sales)), fitted, placement) is None
