"""The ladder of rules, each of which must be the one that decides."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from clustering.methods.assignment.discriminant import fit_discriminant
from clustering.methods.assignment.placer import (
    LADDER,
    RULES,
    Evidence,
    Placed,
    numbered_by_size,
    shares_of_like_stores,
)
from clustering.methods.fitting.placement import CentroidPlacement

RNG = np.random.default_rng(1)
# the model's cluster 0 is the smaller one; the mean of all stores is nearer to the other
LABELS = np.repeat([0, 1], [20, 60])
X = np.where(LABELS[:, None] == 0, -5.0, 5.0) + RNG.normal(size=(80, 2))
ATTRIBUTES = np.where(LABELS[:, None] == 0, -3.0, 3.0) + RNG.normal(size=(80, 1))
NOTHING = np.nan


def _placer(with_attributes: bool = True):
    made = numbered_by_size(CentroidPlacement(np.array([[-5.0, -5.0], [5.0, 5.0]]), 1.0), X, LABELS)
    made.discriminant = fit_discriminant(
        ATTRIBUTES, made.by_model(X, np.full(80, NOTHING)).argmax(axis=1), 2
    )
    if not with_attributes:
        made.discriminant = None
    return made


def _evidence(x: float = NOTHING, attribute: float = NOTHING, like: float = NOTHING) -> Evidence:
    return Evidence(
        np.full((1, 2), x),
        np.array([NOTHING]),
        np.array([[attribute]]),
        np.array([[like, 1 - like]]),
    )


def _rule(placed: Placed) -> str:
    return RULES[placed.assigned_by[0]]


def test_clusters_are_numbered_by_size() -> None:
    assert _placer().sizes.tolist() == [60, 20]
    assert _placer().by_model(np.array([[5.0, 5.0]]), np.array([NOTHING])).argmax() == 0


def test_equally_large_clusters_are_ordered_by_coordinates_and_empty_ones_are_last() -> None:
    points = np.array([[3.0, 1.0], [3.0, 1.0], [3.0, 2.0], [3.0, 2.0], [9.0, 9.0]])
    placement = CentroidPlacement(np.zeros((5, 2)), 1.0)
    made = numbered_by_size(placement, points, np.array([4, 4, 1, 1, 2]))
    assert made.order.tolist() == [4, 1, 2, 0, 3]
    assert made.sizes.tolist() == [2, 2, 1, 0, 0]


def test_probabilities_of_the_model_that_are_at_hand_are_not_computed_again() -> None:
    at_hand = replace(_evidence(x=-5.0), by_model=np.array([[0.75, 0.25]]))
    placed = _placer().place(at_hand, list(LADDER))
    assert (_rule(placed), placed.labels[0], placed.probabilities.tolist()) == (
        "model",
        0,
        [[0.75, 0.25]],
    )


@pytest.mark.parametrize(
    ("evidence", "rule", "cluster"),
    [
        (_evidence(x=-5.0, attribute=3.0, like=1.0), "model", 1),
        (_evidence(attribute=-3.0, like=1.0), "external_attributes", 1),
        (_evidence(like=0.2), "like_stores", 1),
        (_evidence(), "most_central", 0),
    ],
)
def test_the_first_rule_that_knows_something_decides(
    evidence: Evidence, rule: str, cluster: int
) -> None:
    placed = _placer().place(evidence, list(LADDER))
    assert (_rule(placed), placed.labels[0]) == (rule, cluster)
    assert placed.probabilities.sum() == pytest.approx(1)


def test_the_most_central_cluster_is_that_nearest_to_all_stores_and_not_the_largest() -> None:
    points = np.array([[0.0], [0.0], [0.0], [4.0], [4.0], [9.0]])
    made = numbered_by_size(
        CentroidPlacement(np.array([[0.0], [4.0], [9.0]]), 1.0),
        points,
        np.array([0, 0, 0, 1, 1, 2]),
    )
    assert made.sizes.tolist() == [3, 2, 1]
    assert made.central == 1


def test_the_ladder_can_be_shortened_and_reordered_and_ends_with_a_guess() -> None:
    known_by_all = _evidence(x=-5.0, attribute=-3.0, like=1.0)
    assert _rule(_placer().place(known_by_all, ["like_stores", "model"])) == "like_stores"
    placed = _placer().place(_evidence(), ["model"])
    assert (_rule(placed), placed.labels[0]) == ("most_central", 0)


def test_attributes_are_passed_over_where_they_are_no_better_than_chance() -> None:
    assert (
        _rule(_placer(with_attributes=False).place(_evidence(attribute=-3.0), list(LADDER)))
        == "most_central"
    )


def test_fallback_probability_is_that_of_the_stores_the_cluster_holds() -> None:
    placed = _placer().place(_evidence(), list(LADDER))
    assert placed.probabilities[0, placed.labels[0]] == pytest.approx(61 / 82)


def test_like_stores_count_by_weight_and_only_where_they_are_known() -> None:
    pairs = [("new", "a", 1.0), ("new", "b", 3.0), ("new", "gone", 9.0), ("other", "gone", 1.0)]
    shares = shares_of_like_stores(["new", "other", "third"], pairs, {"a": 0, "b": 1}, 2)
    assert shares[0].tolist() == [0.25, 0.75]
    assert np.isnan(shares[1:]).all()
    assert np.isnan(shares_of_like_stores(["new"], [], {"a": 0}, 2)).all()
