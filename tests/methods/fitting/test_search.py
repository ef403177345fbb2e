"""What is chosen by BIC besides k: dimensions, starts, and volumes of clusters."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from clustering.methods.fitting.dimension import axis_bics, dimensions
from clustering.methods.fitting.placement import GaussianPlacement
from clustering.methods.fitting.search import Freedom, fit_mixtures
from clustering.methods.fitting.small_clusters import is_too_small
from clustering.methods.fitting.space import Space

UNKNOWN = np.nan


def _two(n: int, distance: float, axes: int, spread: float = 1.0, seed: int = 0) -> tuple:
    """Two clusters that differ along the first axis; the second is `spread` times as wide."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, n)
    X = rng.normal(size=(n, axes)) * np.where(labels, spread, 1.0)[:, None]
    X[:, 0] += distance * labels
    return Space(X, np.full(n, UNKNOWN)), labels


def _best(space: Space, freedom: Freedom, noise: float = 0.0, k_max: int = 6) -> GaussianPlacement:
    found = fit_mixtures(space, range(1, k_max + 1), noise, freedom)
    placement = min(found.values(), key=lambda one: one.bic).placement
    assert isinstance(placement, GaussianPlacement)
    return placement


def test_clusters_that_differ_along_one_axis_are_found_on_few_axes() -> None:
    space, _ = _two(150, 3.5, 10)
    fixed = Freedom(dimensions=False, volumes=False)
    assert _best(space, fixed).k == 1
    placement = _best(space, Freedom(volumes=False))
    assert placement.k == 2
    assert placement.means.shape[1] <= 2


def test_dimensions_are_few_and_reach_from_one_to_all() -> None:
    assert dimensions(1) == [1]
    assert dimensions(20) == [4, 8, 10, 20]
    assert all(dimensions(d)[-1] == d for d in range(1, 40))


def test_bic_of_an_axis_is_that_of_one_gaussian() -> None:
    x = np.random.default_rng(1).normal(3, 2, (400, 1))
    spread = x.var()
    expected = 400 * (np.log(2 * np.pi * spread) + 1) + 2 * np.log(400)
    assert axis_bics(Space(x, np.full(400, UNKNOWN)), 0.0) == pytest.approx(expected)


def test_variance_of_an_axis_is_what_sampling_noise_leaves() -> None:
    rng = np.random.default_rng(1)
    information = np.exp(rng.uniform(0, np.log(100), 3_000))
    x = rng.normal(size=3_000) * np.sqrt(1.0 + 5.0 / information)
    space = Space(x[:, None], information)
    spread = 1.0 + 5.0 / information
    at_truth = float((x**2 / spread + np.log(2 * np.pi * spread)).sum()) + 2 * np.log(3_000)
    assert axis_bics(space, 5.0)[0] == pytest.approx(at_truth, abs=3)
    assert axis_bics(space, 0.0)[0] > at_truth + 100


def test_clusters_of_unequal_spread_are_not_cut_into_more() -> None:
    space, labels = _two(800, 6.0, 4, spread=4.0)
    assert _best(space, Freedom(volumes=False)).k > 2
    placement = _best(space, Freedom())
    assert placement.k == 2
    ratio = np.linalg.det(placement.covariances[1]) / np.linalg.det(placement.covariances[0])
    assert max(ratio, 1 / ratio) ** (0.5 / placement.means.shape[1]) == pytest.approx(4, rel=0.15)
    found = placement.responsibilities(space.X, space.information).argmax(axis=1)
    assert adjusted_rand_score(labels, found) > 0.85


def test_volumes_know_the_noise_of_every_store() -> None:
    rng = np.random.default_rng(3)
    space, _ = _two(1_000, 8.0, 3, spread=3.0)
    information = np.exp(rng.uniform(0, np.log(30), 1_000))
    noisy = Space(
        space.X + rng.normal(size=(1_000, 3)) / np.sqrt(information)[:, None], information
    )
    placement = _best(noisy, Freedom(dimensions=False), noise=1.0)
    assert placement.k == 2
    variances = sorted(float(np.trace(one)) / 3 for one in placement.covariances)
    assert variances == pytest.approx([1.0, 9.0], rel=0.15)


def test_attributes_may_differ_where_their_variance_is_small() -> None:
    rng = np.random.default_rng(4)
    labels = rng.integers(0, 3, 400)
    X = rng.normal(size=(400, 4)) * [30.0, 20.0, 0.3, 0.3]
    X[:, 2] += np.array([0.0, 3.0, 1.5])[labels]
    X[:, 3] += np.array([0.0, 0.0, 2.6])[labels]
    space = Space(X, np.full(400, UNKNOWN))
    found = fit_mixtures(space, range(1, 6), 0.0, Freedom())
    best = min(found.values(), key=lambda one: one.bic)
    assert adjusted_rand_score(labels, best.labels) > 0.95


def test_a_part_of_many_stores_decides_on_axes_and_volumes() -> None:
    space, labels = _two(4_000, 7.0, 3, spread=3.0)
    placement = _best(space, Freedom(), k_max=4)
    assert len(placement.covariances) == placement.k == 2
    found = placement.responsibilities(space.X, space.information).argmax(axis=1)
    assert adjusted_rand_score(labels, found) > 0.85


def test_levels_come_along_whatever_the_number_of_axes() -> None:
    rng = np.random.default_rng(7)
    space, labels = _two(300, 3.0, 6)
    levels = np.eye(2)[np.where(rng.random(300) < 0.9, labels, 1 - labels)]
    mixed = Space(np.hstack([space.X, levels]), space.information, ((6, 8),))
    placement = _best(mixed, Freedom())
    assert placement.blocks == [(6, 8)]
    found = placement.responsibilities(mixed.X, mixed.information).argmax(axis=1)
    assert adjusted_rand_score(labels, found) > 0.75


def test_twelve_stores_among_nine_hundred_are_a_group_where_a_wide_gap_surrounds_them() -> None:
    rng = np.random.default_rng(9)
    labels = np.repeat([0, 1, 2], [600, 288, 12])
    centres = np.array([[0.0, 0.0, 0.0], [5.0, 0.0, 0.0], [0.0, 12.0, 0.0]])
    space = Space(centres[labels] + rng.normal(size=(900, 3)), np.full(900, UNKNOWN))
    found = fit_mixtures(space, range(1, 7), 0.0, Freedom())
    may_win = [k for k, c in found.items() if not is_too_small(c.placement, space, c.labels, 0.02)]
    best = min(may_win, key=lambda k: found[k].bic)
    assert best == 3
    assert adjusted_rand_score(labels, found[best].labels) > 0.95


def test_a_few_strays_far_from_each_other_are_no_group() -> None:
    rng = np.random.default_rng(10)
    X = rng.normal(size=(400, 3))
    X[:6] = rng.uniform(-1, 1, size=(6, 3)) * 3 + 25
    labels = np.r_[np.ones(6, dtype=np.int64), np.zeros(394, dtype=np.int64)]
    means = np.array([X[6:].mean(axis=0), X[:6].mean(axis=0)])
    placement = GaussianPlacement(np.array([0.98, 0.02]), means, np.eye(3)[None])
    assert is_too_small(placement, Space(X, np.full(400, UNKNOWN)), labels, 0.02)
    X[:6] = rng.normal(size=(6, 3)) * 0.5 + 25
    assert not is_too_small(placement, Space(X, np.full(400, UNKNOWN)), labels, 0.02)
    assert is_too_small(placement, Space(X[2:], np.full(398, UNKNOWN)), labels[2:], 0.02)


def test_a_cluster_that_the_tree_cut_too_early_is_put_together_again() -> None:
    rng = np.random.default_rng(11)
    labels = np.repeat([0, 1, 2], [500, 60, 40])
    centres = np.array([[0.0, 0.0], [16.0, 3.0], [16.0, -3.0]])
    X = centres[labels] + rng.normal(size=(600, 2)) * np.array([[4.0, 1.0]])
    found = fit_mixtures(Space(X, np.full(600, UNKNOWN)), range(1, 7), 0.0, Freedom())
    best = min(found, key=lambda k: found[k].bic)
    assert best == 3
    assert adjusted_rand_score(labels, found[best].labels) > 0.95
