"""Shares in the coordinates of each transform."""

from __future__ import annotations

import numpy as np
import pytest

from clustering.methods.transforms.composition import coordinates

LOG_RATIOS = ("clr", "alr", "ilr")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("transform", ["none", "share", "hellinger", *LOG_RATIOS])
def test_a_category_without_need_states_has_no_coordinates(transform: str) -> None:
    assert coordinates(np.zeros((3, 0)), transform, 1e-6).shape == (3, 0)


@pytest.mark.parametrize("transform", LOG_RATIOS)
def test_one_need_state_tells_no_stores_apart(transform: str) -> None:
    assert (coordinates(np.ones((3, 1)), transform, 1e-6) == 0).all()


def test_log_ratios_are_those_of_the_shares() -> None:
    mix = np.array([[0.5, 0.25, 0.25]])
    two = np.log(2)
    assert coordinates(mix, "alr", 1e-6) == pytest.approx(np.array([[two, 0.0]]))
    assert coordinates(mix, "clr", 1e-6) == pytest.approx(np.array([[2 * two, -two, -two]]) / 3)
    norm = np.linalg.norm(coordinates(mix, "ilr", 1e-6))
    assert norm == pytest.approx(np.linalg.norm(coordinates(mix, "clr", 1e-6)))
