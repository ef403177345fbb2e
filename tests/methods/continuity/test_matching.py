"""New clusters matched to old ones."""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from clustering.methods.continuity.matching import kept, match
from clustering.methods.continuity.old_names import with_old_names

OLD = np.repeat([1, 2, 3], [30, 20, 10])


def _x(labels: np.ndarray) -> np.ndarray:
    return np.column_stack([labels, -labels]).astype(float)


@given(order=st.permutations([0, 1, 2]))
def test_renamed_clusters_get_their_numbers_back(order: list[int]) -> None:
    labels = np.array(order)[OLD - 1]
    matched = match("A", labels, OLD, _x(labels), 3)
    assert (matched.numbers[labels] == OLD).all()
    assert matched.table["status"].unique().to_list() == ["continued"]
    assert matched.table["jaccard"].to_list() == [1.0, 1.0, 1.0]


def test_the_larger_half_of_a_split_goes_on_and_the_other_is_new() -> None:
    labels = OLD - 1
    labels[:12] = 3
    matched = match("A", labels, OLD, _x(labels), 4)
    assert matched.numbers.tolist() == [1, 2, 3, 4]
    assert matched.table.select("cluster", "status").rows() == [
        (1, "continued"),
        (2, "continued"),
        (3, "continued"),
        (4, "new"),
    ]


def test_a_vanished_cluster_retires_and_its_number_is_not_given_again() -> None:
    labels = np.where(OLD == 3, 0, OLD - 1)
    matched = match("A", labels, OLD, _x(labels), 2)
    assert matched.table.filter(status="retired")["cluster"].to_list() == [3]
    labels[:12] = 2
    assert match(
        "A", labels, np.where(OLD == 3, 1, OLD), _x(labels), 3, used=3
    ).numbers.tolist() == [1, 2, 4]


def test_new_stores_do_not_count_against_a_cluster() -> None:
    labels = np.append(OLD - 1, np.zeros(200, dtype=np.int64))
    old = np.append(OLD, np.zeros(200, dtype=np.int64))
    assert match("A", labels, old, _x(labels), 3).numbers.tolist() == [1, 2, 3]


def test_a_store_stays_where_moving_gains_less_than_the_margin() -> None:
    probabilities = np.array([[0.55, 0.45], [0.9, 0.1], [0.6, 0.4]])
    assert kept(np.array([0, 0, 0]), probabilities, np.array([1, 1, -1]), 0.2).tolist() == [
        True,
        False,
        False,
    ]
    assert not kept(np.array([0, 0, 0]), probabilities, np.array([1, 1, -1]), 0.0).any()


def test_continued_clusters_keep_their_names_and_new_ones_may_not_take_them() -> None:
    named = pl.DataFrame({"cluster": [1, 2, 4], "name": ["high tea", "high milk", "high milk"]})
    continuity = pl.DataFrame({"cluster": [1, 2, 4], "status": ["continued", "continued", "new"]})
    baseline = pl.DataFrame({"cluster": [1, 2, 3], "name": ["high milk", "low tea", "old"]})
    assert with_old_names(named, continuity, baseline)["name"].to_list() == [
        "high milk",
        "low tea",
        "high milk (4)",
    ]
