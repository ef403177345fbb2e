"""Criteria against scikit-learn and against hand-worked edge cases."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from clustering.methods.selection import criteria


def _points(n: int = 157, d: int = 4, seed: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)) + rng.integers(0, 3, n)[:, None] * 2.5


@pytest.mark.parametrize("k", [2, 3, 7])
def test_criteria_equal_scikit_learn(k: int) -> None:
    X = _points()
    labels = np.random.default_rng(k).integers(0, k, len(X))
    found = criteria.silhouettes(X, [labels])
    np.testing.assert_allclose(found.values[0], metrics.silhouette_samples(X, labels), atol=1e-9)
    assert criteria.calinski_harabasz(X, labels) == pytest.approx(
        metrics.calinski_harabasz_score(X, labels), rel=1e-9
    )
    assert criteria.davies_bouldin(X, labels) == pytest.approx(
        metrics.davies_bouldin_score(X, labels), rel=1e-9
    )


def test_several_labelings_in_one_pass_equal_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    X = _points()
    labelings = [np.random.default_rng(k).integers(0, k, len(X)) for k in (2, 3, 5)]
    one_by_one = [criteria.silhouettes(X, [labels]).values[0] for labels in labelings]
    monkeypatch.setattr(criteria, "BLOCK_BYTES", 8 * len(X) * 10)  # ten rows a block
    together = criteria.silhouettes(X, labelings).values
    for one, other in zip(one_by_one, together, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-12)


def test_silhouette_of_a_cluster_of_one_store_is_zero() -> None:
    X = np.array([[0.0], [0.1], [9.0]])
    assert criteria.silhouettes(X, [np.array([0, 0, 1])]).values[0][2] == 0.0


def test_one_cluster_has_no_separation_to_measure() -> None:
    X, labels = _points(), np.zeros(157, dtype=int)
    assert criteria.calinski_harabasz(X, labels) is None
    assert criteria.davies_bouldin(X, labels) is None


def test_many_stores_are_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(criteria, "SAMPLE", 50)
    X = _points()
    found = criteria.silhouettes(X, [(X[:, 0] > 2).astype(int)])
    assert len(found.rows) == len(found.values[0]) <= 50
