"""Clusters that differ in some attributes only."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score as adjusted_rand

from clustering.arrays import Matrix
from clustering.methods.fitting.search import Freedom, fit_mixtures
from clustering.methods.fitting.space import Labels, Space
from clustering.methods.fitting.variable_selection import fit_selected
from clustering.methods.transforms.reduce import principal_axes

STORES, INFORMATIVE, NOISE = 120, 4, 30


def _drawn(seed: int, groups: int) -> tuple[Matrix, Labels]:
    """Stores in `groups` that lie 3.5 standard deviations and more apart in 4 of 34 attributes."""
    rng = np.random.default_rng(seed)
    labels = np.arange(STORES) % groups
    centres = 3.5 * np.array([[0, 0, 0, 0], [1, 0, 0, 1], [0, 1, 1, 0]])[:groups]
    numbers = np.hstack([centres[labels], np.zeros((STORES, NOISE))])
    return numbers + rng.normal(size=numbers.shape), labels


def _space(numbers: Matrix) -> Space:
    """As features makes it: principal axes, and what leads back from them."""
    centred = numbers - numbers.mean(axis=0)
    axes = principal_axes(centred)[1]
    return Space(centred @ axes.T, np.full(len(numbers), np.nan), loadings=axes)


@pytest.mark.parametrize("seed", range(4))
def test_groups_are_found_among_many_attributes_of_noise(seed: int) -> None:
    numbers, labels = _drawn(seed, 3)
    found = fit_mixtures(_space(numbers), range(1, 7), 0.0, Freedom())
    best = found[min(found, key=lambda k: found[k].bic)]
    assert best.k == 3
    assert adjusted_rand(labels, best.labels) > 0.9
    assert best.selected is not None
    assert best.selected[:INFORMATIVE].all()
    assert best.selected.sum() <= INFORMATIVE + 2


@pytest.mark.parametrize("seed", range(4))
def test_one_cluster_where_there_are_no_groups(seed: int) -> None:
    found = fit_mixtures(_space(_drawn(seed, 1)[0]), range(1, 7), 0.0, Freedom())
    assert min(found, key=lambda k: found[k].bic) == 1


def test_common_factors_are_not_clusters() -> None:
    rng = np.random.default_rng(0)
    factor = rng.uniform(-1.7, 1.7, (150, 1)) @ rng.normal(0, 1.5, (1, 6))
    numbers = np.hstack([factor + 0.6 * rng.normal(size=(150, 6)), rng.normal(size=(150, 5))])
    found = fit_mixtures(_space(numbers), range(1, 7), 0.0, Freedom())
    assert all(one.selected is None for one in found.values())


def test_the_placement_puts_every_store_where_the_mixture_has_it() -> None:
    space = _space(_drawn(1, 3)[0])
    mixture = min(fit_selected(space, [3])[3], key=lambda one: one.bic)
    placed = mixture.placement(()).responsibilities(space.X, space.information)
    assert np.allclose(placed, mixture.responsibilities, atol=1e-6)


def test_categorical_attributes_count_where_clusters_differ_in_them() -> None:
    rng = np.random.default_rng(3)
    labels = np.arange(STORES) % 2
    telling = np.eye(3)[np.where(rng.random(STORES) < 0.9, labels, 2)]
    silent = np.eye(2)[rng.integers(0, 2, STORES)]
    numbers = rng.normal(size=(STORES, 6))
    numbers[:, 0] += 3.0 * labels
    centred = numbers - numbers.mean(axis=0)
    space = Space(
        np.hstack([centred, telling, silent]),
        np.full(STORES, np.nan),
        blocks=((6, 9), (9, 11)),
        loadings=np.eye(6),
    )
    best = min(fit_selected(space, [2])[2], key=lambda one: one.bic)
    assert adjusted_rand(labels, best.labels) > 0.9
    assert best.selected.tolist() == [True, False, False, False, False, False, True, False]
    placed = best.placement(space.blocks).responsibilities(space.X, space.information)
    assert (placed.argmax(axis=1) == best.labels).all()


def test_the_order_of_the_attributes_does_not_matter() -> None:
    numbers, _ = _drawn(2, 3)
    there = fit_mixtures(_space(numbers), [3], 0.0, Freedom())[3].labels
    turned = fit_mixtures(_space(numbers[:, ::-1]), [3], 0.0, Freedom())[3].labels
    assert adjusted_rand(there, turned) == pytest.approx(1.0)


def test_many_stores_are_fitted_from_a_part_of_them() -> None:
    rng = np.random.default_rng(5)
    labels = rng.integers(0, 3, 3_000)
    numbers = rng.normal(size=(3_000, 25))
    numbers[:, :3] += 4.0 * np.eye(3)[labels]
    found = fit_mixtures(_space(numbers), range(1, 5), 0.0, Freedom())
    best = found[min(found, key=lambda k: found[k].bic)]
    assert best.k == 3
    assert adjusted_rand(labels, best.labels) > 0.9
