"""What the tracks have to do with each other: association, and clusters of one in terms of the
other.
"""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import adjusted_mutual_info_score

from clustering.arrays import Matrix
from clustering.methods.explanation.association import (
    adjusted_mutual_information,
    association,
    contingency_table,
    cramers_v,
)
from clustering.methods.explanation.cross_profiles import cross_profiles

RNG = np.random.default_rng(2)
INSIDE, OUTSIDE = RNG.integers(1, 4, 60), RNG.integers(1, 3, 60)
STORES = [str(n) for n in range(60)]


def _table(one: NDArray[np.int64], other: NDArray[np.int64]) -> Matrix:
    return contingency_table(one, other, np.ones(len(one)))


def _labels(
    category: str, inside: list[int | None], outside: list[int | None], stores: list[str]
) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "category": category,
            "store_nbr": stores,
            "internal_cluster": inside,
            "external_cluster": outside,
        },
        schema_overrides={"internal_cluster": pl.Int64, "external_cluster": pl.Int64},
    )


BOTH = _labels("c", INSIDE.tolist(), OUTSIDE.tolist(), STORES)


def test_cramers_v_is_one_of_equal_labels_and_nothing_of_a_single_one() -> None:
    one, other = np.arange(60) % 3, np.arange(60) % 3
    assert cramers_v(_table(one, other)) == pytest.approx(1)
    assert cramers_v(_table(one, one * 0)) is None


@settings(max_examples=200, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 400),
    st.integers(1, 9),
    st.integers(1, 9),
    st.floats(0, 1),
)
def test_adjusted_mutual_information_is_that_of_scikit_learn(
    seed: int, n: int, k: int, other_k: int, noise: float
) -> None:
    rng = np.random.default_rng(seed)
    one, drawn = (
        (rng.random(n) ** 4 * most).astype(np.int64) for most in (k, other_k)
    )  # the first is often more than half
    other = np.where(rng.random(n) < noise, drawn, one)
    expected = adjusted_mutual_info_score(one, other)
    assert adjusted_mutual_information(_table(one, other)) == pytest.approx(
        expected, abs=1e-12, rel=0
    )


def test_labels_that_leave_nothing_to_chance_are_one_and_a_single_label_tells_nothing() -> None:
    alone, same = np.arange(20), np.zeros(20, dtype=np.int64)
    assert (
        adjusted_mutual_information(_table(alone, alone[::-1]))
        == adjusted_mutual_info_score(alone, alone[::-1])
        == 1
    )
    assert adjusted_mutual_information(_table(same, same)) == 1
    assert adjusted_mutual_information(_table(same, alone)) == 0


def test_association_counts_the_stores_of_each_category_that_both_tracks_place() -> None:
    others = _labels("d", [1, 2, None, 1], [1, 2, 1, None], ["0", "1", "2", "3"])
    nowhere = _labels("e", [None], [1], ["0"])
    found = association(pl.concat([others, nowhere, BOTH]))
    assert found["category"].to_list() == ["c", "d"]
    assert found["stores"].to_list() == [60, 2]
    assert found["adjusted_mutual_information"][0] == pytest.approx(
        adjusted_mutual_info_score(INSIDE, OUTSIDE)
    )
    assert found["cramers_v"][1] == pytest.approx(1)
    assert association(nowhere).is_empty()


def _attribute(feature: str, values: list[float | None]) -> pl.DataFrame:
    stores = [store for store, value in zip(STORES, values, strict=False) if value is not None]
    known = [value for value in values if value is not None]
    return pl.DataFrame(
        {
            "store_nbr": stores,
            "feature": feature,
            "value": known,
            "level": pl.Series([None] * len(known), dtype=pl.String),
        }
    )


def test_clusters_are_profiled_by_attributes_and_by_the_clusters_of_the_other_track() -> None:
    format_ = pl.DataFrame(
        {"store_nbr": STORES, "feature": "format", "value": [None] * 60, "level": "big"}
    )
    values = pl.concat(
        [
            _attribute("income", [float(cluster) for cluster in INSIDE]),
            format_.cast({"value": pl.Float64}),
        ]
    )
    crossed = cross_profiles(BOTH, values)
    income = crossed.filter(track="internal", feature="income").sort("cluster")
    assert income["mean"].to_list() == [1.0, 2.0, 3.0]
    assert income["overall"].unique().to_list() == [INSIDE.mean()]
    assert crossed.filter(feature="format=big")["mean"].unique().to_list() == [1.0]
    shares = crossed.filter(track="external").group_by("cluster").agg(pl.col("mean").sum())
    assert shares["mean"].to_list() == pytest.approx([1.0, 1.0])
    assert cross_profiles(BOTH, None)["track"].unique().to_list() == ["external"]


def test_stores_without_an_attribute_do_not_count_in_its_mean() -> None:
    labels = pl.concat(
        [
            _labels("c", [1, 1, 2, None], [1, 1, 1, 1], ["0", "1", "2", "3"]),
            _labels("d", [4, 4], [1, 1], ["1", "9"]),
        ]
    )
    values = pl.concat(
        [_attribute("age", [3.0, None, None, 8.0]), _attribute("income", [1.0, 2.0, 6.0, 9.0])]
    )
    crossed = (
        cross_profiles(labels, values)
        .filter(track="internal")
        .select("category", "cluster", "feature", "mean", "overall")
    )
    assert crossed.rows() == [
        ("c", 1, "age", 3.0, 3.0),
        ("c", 1, "income", 1.5, 3.0),
        ("c", 2, "age", None, 3.0),
        ("c", 2, "income", 6.0, 3.0),
        ("d", 4, "age", None, None),
        ("d", 4, "income", 2.0, 2.0),
    ]


def test_a_category_whose_stores_have_no_attributes_has_no_profile_by_them() -> None:
    crossed = cross_profiles(
        _labels("c", [1, 2], [1, 1], ["x", "y"]), _attribute("income", [1.0, 2.0])
    )
    assert crossed["track"].unique().to_list() == ["external"]
