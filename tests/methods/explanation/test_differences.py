from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from clustering.methods.explanation.differences import benjamini_hochberg, differences


def _two_clusters() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], [30, 50])
    data = rng.normal(size=(80, 4))
    data[labels == 0, 2] += 2
    data[5, 1] = np.nan
    return data, labels


def test_tests_are_those_of_scipy() -> None:
    data, labels = _two_clusters()
    found = differences(data, labels, np.array([0, 1]))
    for column in range(4):
        one, other = (data[labels == k, column] for k in (0, 1))
        expected = stats.ttest_ind(one, other, equal_var=False, nan_policy="omit").pvalue
        assert found.p_value[0, column] == pytest.approx(expected, rel=1e-9)
        assert found.mean[0, column] == pytest.approx(np.nanmean(one))
    assert found.rank[0, 2] == found.rank[1, 2] == 1
    assert found.effect_size[0, 2] == pytest.approx(-found.effect_size[1, 2])


def test_correction_is_that_of_scipy() -> None:
    p = np.array([[0.001, 0.3, np.nan], [0.02, 0.04, 0.9]])
    q = benjamini_hochberg(p)
    assert np.isnan(q[0, 2])
    assert q[np.isfinite(q)] == pytest.approx(stats.false_discovery_control(p[np.isfinite(p)]))


def test_feature_that_never_varies_and_cluster_of_one_are_no_error() -> None:
    data = np.column_stack([np.ones(10), np.arange(10.0)])
    found = differences(data, np.array([0] + [1] * 9), np.array([0, 1]))
    assert found.effect_size[0, 0] == 0
    assert np.isnan(found.q_value[0, 1])  # no variance of one store
    assert sorted(found.rank[0]) == [1, 2]


def test_what_does_not_vary_within_clusters_sets_them_apart_the_most() -> None:
    rng = np.random.default_rng(1)
    labels = np.repeat([0, 1], 10)
    data = np.column_stack([rng.normal(size=20) + 4 * labels, labels.astype(float)])
    found = differences(data, labels, np.array([0, 1]))
    assert found.rank[:, 1].tolist() == [1, 1]
    assert (found.q_value[:, 1] < 0.001).all()
    assert np.isfinite(found.effect_size).all()


def test_two_stores_against_two_are_too_few_to_be_sure() -> None:
    labels = np.array([0, 0, 1, 1])
    found = differences(labels[:, None].astype(float), labels, np.array([0, 1]))
    assert found.p_value[0, 0] == pytest.approx(1 / 3)


def test_what_is_hardly_sold_sets_no_mix_apart() -> None:
    rng = np.random.default_rng(2)
    labels = np.repeat([0, 1], 40)
    rare = 0.0001 * (1 + labels) + rng.normal(0, 1e-6, 80)
    main = 0.5 + 0.1 * labels + rng.normal(0, 0.05, 80)
    data = np.column_stack([rare, main, 1 - rare - main])
    found = differences(data, labels, np.array([0, 1]), are_shares=True)
    assert np.abs(found.effect_size[0, 0]) > np.abs(found.effect_size[0, 1])
    assert found.rank[0, 0] == 3
