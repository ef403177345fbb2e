"""The tables of the assignment."""

from __future__ import annotations

import numpy as np
import polars as pl

from clustering.arrays import Matrix
from clustering.methods.assignment.discriminant import Discriminant
from clustering.methods.assignment.placer import RULES, Placed, Placer
from clustering.methods.assignment.tables import assignments, rules
from clustering.methods.fitting.placement import CentroidPlacement


def _decided(
    probabilities: list[list[float]], labels: list[int], rule: str, numbers: list[int]
) -> tuple[Placed, Placer]:
    k = len(numbers)
    placer = Placer(
        CentroidPlacement(np.zeros((k, 1)), 1.0),
        np.arange(k),
        np.ones(k, dtype=np.int64),
        central=0,
    )
    placer.numbers = np.array(numbers)
    return Placed(
        np.array(probabilities), np.array(labels), np.full(len(labels), RULES.index(rule))
    ), placer


def test_each_placer_gives_the_rows_of_its_stores() -> None:
    stores = pl.DataFrame({"category": ["ALE", "TEA", "TEA"], "store_nbr": ["a", "a", "b"]})
    one = _decided([[1.0]], [0], "largest", [4])
    other = _decided([[0.7, 0.3], [0.75, 0.25]], [0, 1], "caps", [5, 2])
    assert assignments(stores, [one, other]).rows() == [
        ("ALE", "a", 4, 1.0, "largest", None, None),
        ("TEA", "a", 5, 0.7, "caps", 2, 0.4),
        ("TEA", "b", 2, 0.25, "caps", 5, -0.5),
    ]


def _judged(accuracy: float) -> Discriminant:
    nothing: Matrix = np.zeros((1, 1))
    return Discriminant(nothing, nothing, nothing, nothing, accuracy, 0.5, 0.1)


def test_rules_count_stores_and_tell_what_those_that_placed_none_are_worth() -> None:
    assigned = pl.DataFrame(
        {
            "category": ["TEA", "ALE", "TEA", "TEA"],
            "assigned_by": ["model", "model", "external_attributes", "model"],
        }
    )
    notes = {"ALE": {"caps": "", "baseline": "stayed"}, "TEA": {"caps": "cannot hold"}}
    found = rules(assigned, {"ALE": _judged(0.55), "TEA": None, "RUM": _judged(0.9)}, notes)
    assert found.rows() == [
        ("ALE", "baseline", 0, None, None, "stayed"),
        (
            "ALE",
            "external_attributes",
            0,
            0.55,
            0.5,
            "5 points more accurate than always choosing the largest cluster, in "
            "cross-validation: no better than chance, so not used",
        ),
        ("ALE", "model", 1, None, None, None),
        (
            "RUM",
            "external_attributes",
            0,
            0.9,
            0.5,
            "40 points more accurate than always choosing the largest cluster, in cross-validation",
        ),
        ("TEA", "caps", 0, None, None, "cannot hold"),
        ("TEA", "external_attributes", 1, None, None, None),
        ("TEA", "model", 2, None, None, None),
    ]


def test_the_next_cluster_is_never_the_more_probable_one() -> None:
    stores = pl.DataFrame({"category": ["TEA", "TEA"], "store_nbr": ["a", "b"]})
    guessed = _decided([[0.5, 0.2, 0.3], [0.4, 0.2, 0.4]], [2, 1], "most_central", [1, 2, 3])
    rows = assignments(stores, [guessed]).select("cluster", "next_cluster", "margin").rows()
    assert rows == [(3, 2, 0.1), (2, None, None)]
