"""The ladder of rules, each of which must be the one that decides."""

from __future__ import annotations

import numpy as np
import pytest

from clustering.assignment.discriminant import fit_discriminant
from clustering.assignment.placer import LADDER, Evidence, numbered_by_size, shares_of_like_stores
from clustering.fitting.placement import CentroidPlacement

RNG = np.random.default_rng(1)
# the model's cluster 0 is the smaller and the more cohesive one
LABELS = np.repeat([0, 1], [20, 60])
X = np.where(LABELS[:, None] == 0, -5.0, 5.0) + RNG.normal(size=(80, 2))
ATTRIBUTES = np.where(LABELS[:, None] == 0, -3.0, 3.0) + RNG.normal(size=(80, 1))
NOTHING = np.nan


def _placer(with_attributes: bool = True):
    made = numbered_by_size(CentroidPlacement(np.array([[-5.0, -5.0], [5.0, 5.0]]), 1.0), np.array([0.99, 0.8]), X,
                            np.full(80, NOTHING))  # fmt: skip
    made.discriminant = fit_discriminant(ATTRIBUTES, made.by_model(X, np.full(80, NOTHING)).argmax(axis=1), 2)
    if not with_attributes:
        made.discriminant = None
    return made


def _evidence(x: float = NOTHING, attribute: float = NOTHING, like: float = NOTHING) -> Evidence:
    return Evidence(np.full((1, 2), x), np.array([NOTHING]), np.array([[attribute]]), np.array([[like, 1 - like]]))


def test_clusters_are_numbered_by_size() -> None:
    assert _placer().sizes.tolist() == [60, 20]
    assert _placer().by_model(np.array([[5.0, 5.0]]), np.array([NOTHING])).argmax() == 0


@pytest.mark.parametrize(
    ("evidence", "rule", "cluster"),
    [
        (_evidence(x=-5.0, attribute=3.0, like=1.0), "model", 1),
        (_evidence(attribute=-3.0, like=1.0), "external_attributes", 1),
        (_evidence(like=0.2), "like_stores", 1),
        (_evidence(), "most_cohesive", 1),
    ],
)
def test_the_first_rule_that_knows_something_decides(evidence: Evidence, rule: str, cluster: int) -> None:
    placed = _placer().place(evidence, list(LADDER))
    assert (placed.assigned_by[0], placed.labels[0]) == (rule, cluster)
    assert placed.probabilities.sum() == pytest.approx(1)


def test_the_ladder_can_be_shortened_and_reordered_and_ends_with_the_largest() -> None:
    known_by_all = _evidence(x=-5.0, attribute=-3.0, like=1.0)
    assert _placer().place(known_by_all, ["like_stores", "model"]).assigned_by[0] == "like_stores"
    placed = _placer().place(_evidence(), ["model"])
    assert (placed.assigned_by[0], placed.labels[0]) == ("largest", 0)


def test_attributes_are_passed_over_where_they_are_no_better_than_chance() -> None:
    assert _placer(with_attributes=False).place(_evidence(attribute=-3.0), list(LADDER)).assigned_by[0] == "most_cohesive"


def test_fallback_probability_is_that_of_the_stores_the_cluster_holds() -> None:
    placed = _placer().place(_evidence(), list(LADDER))
    assert placed.probabilities[0, placed.labels[0]] == pytest.approx(21 / 82)


def test_like_stores_count_by_weight_and_only_where_they_are_known() -> None:
    pairs = [("new", "a", 1.0), ("new", "b", 3.0), ("new", "gone", 9.0), ("other", "gone", 1.0)]
    shares = shares_of_like_stores(["new", "other", "third"], pairs, {"a": 0, "b": 1}, 2)
    assert shares[0].tolist() == [0.25, 0.75]
    assert np.isnan(shares[1:]).all()
