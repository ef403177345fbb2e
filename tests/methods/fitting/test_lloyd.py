"""A continuum is cut as before where that is as good."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from clustering.methods.fitting.lloyd import cut_into
from clustering.methods.fitting.space import Space

RNG = np.random.default_rng(1)
# a square of stores: to cut it across is as good as to cut it along
SQUARE = np.array([(x, y) for x in range(20) for y in range(20)], dtype=float)
UNKNOWN = np.full(400, np.nan)


def _labels(space: Space, k: int) -> np.ndarray:
    return cut_into(space, k).nearest(space.X, space.information)


@pytest.mark.parametrize("side", [0, 1])
def test_the_cut_of_the_baseline_stays_where_it_is_as_good(side: int) -> None:
    old = (SQUARE[:, side] > 9).astype(np.int64)
    assert np.array_equal(_labels(Space(SQUARE, UNKNOWN, old=old), 2), old)


def test_a_bad_cut_of_the_baseline_is_given_up() -> None:
    X = np.vstack([RNG.normal(c, 0.1, (100, 2)) for c in ((0, 0), (9, 0), (0, 9))])
    bad = np.repeat([0, 1, 1], 100)
    bad[:50] = 2  # two clusters in one group, and two groups in one cluster
    space = Space(X, np.full(300, np.nan), old=bad)
    assert sorted(np.bincount(_labels(space, 3))) == [100, 100, 100]


def test_another_number_of_clusters_than_the_baselines_is_cut_anew() -> None:
    space = Space(SQUARE, UNKNOWN)
    old = replace(space, old=np.zeros(400, dtype=np.int64))
    assert np.array_equal(_labels(space, 3), _labels(old, 3))


def test_new_stores_start_in_the_nearest_old_cluster() -> None:
    space = Space(np.array([[0.0], [1.0], [9.0], [8.0]]), np.full(4, np.nan))
    found = replace(space, old=np.array([3, -1, 7, -1])).continued(2)
    assert found is not None
    assert found.tolist() == [0, 0, 1, 1]


def test_parts_of_a_space_keep_their_old_clusters() -> None:
    space = Space(np.zeros((3, 1)), np.ones(3), old=np.array([2, -1, 5]))
    assert space.rows(np.array([2, 0])).old == pytest.approx([5, 2])


def test_a_sample_of_the_same_stores_moves_no_border() -> None:
    rng = np.random.default_rng(1)
    before, after = rng.normal(size=(2, 400, 3)) * 0.2 + rng.normal(size=(400, 3))
    unknown = np.full(400, np.nan)
    old = _labels(Space(before, unknown), 5)
    continued = cut_into(Space(after, unknown, old=old), 5)
    means = np.array([after[old == c].mean(axis=0) for c in range(5)])
    assert continued.centres == pytest.approx(means)
