"""Differences are tested on sales that made no cluster."""

from __future__ import annotations

import numpy as np

from clustering.methods.explanation.differences import SIGNIFICANT, differences
from clustering.methods.explanation.unseen import tested_on_unseen as on_unseen

CLUSTERS = np.array([1, 2])


def test_noise_that_made_the_clusters_is_not_significant_in_the_other_half() -> None:
    rng = np.random.default_rng(4)
    first, second = rng.normal(size=(2, 300, 6))
    labels = np.where((first + second)[:, 0] > 0, 2, 1)
    same = differences(first + second, labels, CLUSTERS)
    assert same.q_value[0, 0] <= SIGNIFICANT
    found = on_unseen(same, np.where(first[:, 0] > 0, 2, 1), second, CLUSTERS)
    assert (found.q_value > SIGNIFICANT).all()


def test_a_difference_that_comes_back_is_significant_and_ranks_first() -> None:
    rng = np.random.default_rng(5)
    labels = rng.integers(1, 3, 200)
    halves = rng.normal(size=(2, 200, 3)) + np.array([0, 0, 3]) * (labels == 2)[:, None]
    found = on_unseen(
        differences(halves.mean(axis=0), labels, CLUSTERS), labels, halves[1], CLUSTERS
    )
    assert (found.q_value[:, 2] <= SIGNIFICANT).all()
    assert found.rank[:, 2].tolist() == [1, 1]


def test_effects_are_those_of_all_sales() -> None:
    data, labels = np.random.default_rng(6).random((40, 4)), np.repeat([1, 2], 20)
    same = differences(data, labels, CLUSTERS)
    found = on_unseen(same, labels, data[::-1], CLUSTERS)
    assert np.array_equal(found.effect_size, same.effect_size)


def test_without_stores_in_both_halves_nothing_is_tested() -> None:
    data, labels = np.random.default_rng(7).random((10, 3)), np.repeat([1, 2], 5)
    found = on_unseen(
        differences(data, labels, CLUSTERS), np.zeros(0, dtype=np.int64), np.zeros((0, 3)), CLUSTERS
    )
    assert np.isnan(found.q_value).all()
