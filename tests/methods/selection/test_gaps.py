"""The dip test, and clusters that stay apart when those without a gap are joined."""

from __future__ import annotations

import numpy as np
import pytest

from clustering.methods.fitting.space import Space
from clustering.methods.selection.gaps import LARGE, Gaps, dip, gaps, has_gap


def _space(X: np.ndarray, information: np.ndarray | None = None) -> Space:
    return Space(X, np.full(len(X), np.nan) if information is None else information)


def test_the_dip_of_evenly_spaced_numbers_is_the_smallest_there_can_be() -> None:
    assert dip(np.arange(10.0)) == pytest.approx(1 / 20)


def test_the_dip_of_two_points_far_apart_is_a_quarter() -> None:
    assert dip(np.repeat([0.0, 1.0], 50)) == pytest.approx(0.25)


def test_the_dip_is_the_distance_from_the_nearest_distribution_with_one_mode() -> None:
    x = np.sort(np.random.default_rng(0).random(9))
    assert dip(x) == pytest.approx(_by_search(x))


def _by_search(x: np.ndarray) -> float:
    """The dip by its definition: the convex minorant before, and the concave majorant after, every
    possible mode, point by point.
    """
    low, high = np.arange(len(x)) / len(x), (np.arange(len(x)) + 1) / len(x)
    found = []
    for mode in range(len(x)):
        before = _above(x[: mode + 1], low[: mode + 1], high[: mode + 1])
        turned = (1 - high[mode:])[::-1], (1 - low[mode:])[::-1]
        found.append(max(before, _above(-x[mode:][::-1], *turned)) / 2)
    return min(found)


def _above(place: np.ndarray, low: np.ndarray, high: np.ndarray) -> float:
    """The largest distance above the lowest of all chords."""
    n = len(place)
    minorant = [
        min(
            np.interp(place[i], place[[a, b]], low[[a, b]])
            for a in range(i + 1)
            for b in range(i, n)
        )
        for i in range(n)
    ]
    return float((high - minorant).max())


def test_about_one_in_twenty_uniform_samples_seems_to_have_a_gap() -> None:
    rng = np.random.default_rng(1)
    assert 0.03 <= np.mean([has_gap(rng.random(200)) for _ in range(1_000)]) <= 0.07


def test_the_more_clusters_the_clearer_a_gap_must_be() -> None:
    x = np.concatenate([np.linspace(0, 1, 100), np.linspace(1.155, 2.155, 100)])
    assert 0.45 < np.sqrt(200) * dip(x) < 0.5
    assert has_gap(x, 0.05)
    assert not has_gap(x, 0.0125)


def test_one_normal_distribution_cut_in_three_has_no_gap() -> None:
    X = np.random.default_rng(2).normal(size=(600, 2))
    labels = np.digitize(X[:, 0], [-0.5, 0.5])
    assert gaps(_space(X), labels) == Gaps(tested=3, separate=1)


def test_two_of_three_clusters_that_touch_count_as_one() -> None:
    rng = np.random.default_rng(3)
    left, right = rng.normal(0, 1, (400, 2)), rng.normal(8, 1, (200, 2))
    labels = np.concatenate([(left[:, 0] > 0).astype(int), np.full(200, 2)])
    assert gaps(_space(np.vstack([left, right])), labels) == Gaps(tested=3, separate=2)


def test_a_small_cluster_far_from_a_large_one_is_separate() -> None:
    rng = np.random.default_rng(4)
    X = np.vstack([rng.normal(0, 1, (900, 2)), rng.normal(7, 1, (20, 2))])
    assert gaps(_space(X), np.repeat([0, 1], [900, 20])).separate == 2


def test_a_small_cluster_without_a_gap_to_another_joins_no_others() -> None:
    rng = np.random.default_rng(6)
    sizes = [25, 25, LARGE - 1]
    X = np.repeat([[0.0, 0.0], [9.0, 0.0], [4.5, 4.0]], sizes, axis=0) + rng.normal(size=(56, 2))
    assert gaps(_space(X), np.repeat([0, 1, 2], sizes)) == Gaps(tested=2, separate=2)


def test_a_continuum_cut_into_small_clusters_has_no_gap() -> None:
    X = np.random.default_rng(7).normal(size=(40, 2))
    labels = np.argsort(np.argsort(X[:, 0])) // (LARGE - 2)
    assert gaps(_space(X), labels) == Gaps(tested=8, separate=1)


def test_a_single_cluster_has_no_borders() -> None:
    assert gaps(_space(np.ones((3, 2))), np.zeros(3, dtype=int)) == Gaps(tested=1, separate=1)


def test_noise_of_small_stores_does_not_fill_the_gap() -> None:
    rng = np.random.default_rng(5)
    labels, sales = rng.integers(0, 2, 400), np.tile([10.0, 10_000.0], 200)
    noise = rng.normal(size=(400, 2)) * np.sqrt(60 / sales)[:, None]
    X = np.array([[0, 0], [4.5, 0]])[labels] + rng.normal(size=(400, 2)) + noise
    assert gaps(_space(X, sales), labels).separate == 2
