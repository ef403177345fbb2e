"""Clusters predicted from attributes."""

from __future__ import annotations

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from clustering.methods.assignment.discriminant import Attributes, fit_discriminant

RNG = np.random.default_rng(3)
LABELS = RNG.integers(0, 3, 400)
TELLING = RNG.normal(size=(400, 5)) + 3 * np.eye(3, 5)[LABELS]


def test_finds_what_linear_discriminant_analysis_of_scikit_learn_finds() -> None:
    found = fit_discriminant(TELLING, LABELS, 3)
    assert found is not None
    theirs = (
        LinearDiscriminantAnalysis(solver="lsqr", shrinkage=5 / 405)
        .fit(TELLING, LABELS)
        .predict(TELLING)
    )
    assert np.mean(found.probabilities(TELLING).argmax(axis=1) == theirs) > 0.99


def test_probabilities_are_as_right_as_they_say() -> None:
    found = fit_discriminant(TELLING, LABELS, 3)
    assert found is not None
    labels = RNG.integers(0, 3, 5000)
    r = found.probabilities(RNG.normal(size=(5000, 5)) + 3 * np.eye(3, 5)[labels])
    assert np.allclose(r.sum(axis=1), 1)
    assert abs(r.max(axis=1).mean() - np.mean(r.argmax(axis=1) == labels)) < 0.02
    assert abs(found.accuracy - np.mean(r.argmax(axis=1) == labels)) < 0.05


def test_probabilities_are_as_right_as_they_say_with_few_stores_and_many_attributes() -> None:
    rng, stated, right = np.random.default_rng(5), [], []
    for _ in range(10):
        labels = rng.integers(0, 3, 2060)
        X = rng.normal(size=(2060, 30)) + 1.2 * np.eye(3, 30)[labels]
        found = fit_discriminant(X[:60], labels[:60], 3)
        assert found is not None
        r = found.probabilities(X[60:])
        stated.append(r.max(axis=1).mean())
        right.append(np.mean(r.argmax(axis=1) == labels[60:]))
    assert abs(np.mean(stated) - np.mean(right)) < 0.06


def test_attributes_that_say_nothing_are_no_better_than_the_largest_cluster() -> None:
    better = [
        fit_discriminant(np.random.default_rng(seed).normal(size=(300, 8)), LABELS[:300], 3)
        for seed in range(20)
    ]
    assert (
        sum(found is not None and found.is_better for found in better) <= 6
    )  # one standard error: about one in six
    telling = fit_discriminant(TELLING, LABELS, 3)
    assert telling is not None
    assert telling.is_better
    assert telling.accuracy > telling.baseline + 0.3


def test_cross_validation_is_that_of_fits_to_the_other_folds() -> None:
    X = np.random.default_rng(8).normal(size=(120, 9)) + np.eye(3, 9)[LABELS[:120]] + 7
    labels = LABELS[:120]
    found = fit_discriminant(X, labels, 3)
    assert found is not None
    fold = np.empty(120, dtype=np.int64)
    fold[np.argsort(labels, kind="stable")] = np.arange(120) % 5
    right, largest = np.zeros(120), np.zeros(120)
    for out in (fold == number for number in range(5)):
        other = fit_discriminant(X[~out], labels[~out], 3)
        assert other is not None
        right[out] = other.probabilities(X[out]).argmax(axis=1) == labels[out]
        largest[out] = np.bincount(labels[~out]).argmax() == labels[out]
    assert found.accuracy == right.mean()
    assert found.baseline == largest.mean()
    assert (
        found.accuracy < np.mean(found.probabilities(X).argmax(axis=1) == labels) - 0.02
    )  # what they have seen


def test_where_attributes_are_measured_from_does_not_matter() -> None:
    here, far = fit_discriminant(TELLING, LABELS, 3), fit_discriminant(TELLING + 1e4, LABELS, 3)
    assert here is not None
    assert far is not None
    assert np.allclose(here.probabilities(TELLING), far.probabilities(TELLING + 1e4), atol=1e-6)
    assert here.accuracy == far.accuracy


def test_too_few_stores_or_one_cluster_give_no_rule() -> None:
    assert fit_discriminant(TELLING[:20], LABELS[:20], 3) is None
    assert fit_discriminant(TELLING, np.zeros(400, dtype=np.int64), 1) is None
    assert fit_discriminant(np.full((400, 2), np.nan), LABELS, 3) is None


def test_a_cluster_without_stores_is_never_predicted() -> None:
    found = fit_discriminant(TELLING, LABELS, 4)
    assert found is not None
    assert (found.probabilities(TELLING)[:, 3] == 0).all()


def test_stores_without_attributes_are_rows_of_nan() -> None:
    known = Attributes(["a", "b"], np.array([[1.0], [2.0]]), None)  # type: ignore[arg-type]
    assert np.array_equal(known.of(["b", "x", "a"]), [[2.0], [np.nan], [1.0]], equal_nan=True)
