"""How many moves a second sample of the same sales would make."""

from __future__ import annotations

import numpy as np
import pytest

from clustering.results.comparison.by_chance import chance_of_moving


def test_without_a_margin_a_store_moves_as_often_as_its_cluster_is_wrong() -> None:
    assert chance_of_moving(np.array([0.5, 0.9, 1.0]), 0.0) == pytest.approx([0.5, 0.1, 0.0])


def test_a_margin_leaves_fewer_moves() -> None:
    found = [chance_of_moving(np.array([0.7]), margin)[0] for margin in (0.0, 0.2, 0.5, 0.9, 1.0)]
    assert found == sorted(found, reverse=True)
    assert found[-1] == pytest.approx(0, abs=1e-6)


def test_it_is_how_often_second_samples_of_a_store_near_a_border_cross_it() -> None:
    rng, margin = np.random.default_rng(1), 0.5
    z = np.abs(rng.normal(size=200_000))  # distance from the border, in the noise of one sample
    again = z + rng.normal(size=z.size)
    from scipy.special import ndtr

    gain = ndtr(-again) - ndtr(again)
    assert chance_of_moving(ndtr(z), margin).mean() == pytest.approx(
        (gain >= margin).mean(), abs=0.003
    )
