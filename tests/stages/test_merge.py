"""The repair of small merged clusters."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustering.config import Merge, Overrides
from clustering.errors import StageError
from clustering.stages.merge import merge

KINDS = {"cluster": pl.Int64, "store_nbr": pl.String}


def _assignments(clusters: dict[str, int], category: str = "TEA") -> pl.DataFrame:
    return pl.DataFrame(
        {
            "category": [category] * len(clusters),
            "store_nbr": list(clusters),
            "cluster": list(clusters.values()),
        },
        schema_overrides=KINDS,
    )


def _matrix(points: dict[str, list[float] | None], category: str = "TEA") -> pl.DataFrame:
    return pl.DataFrame(
        {
            "category": [category] * len(points),
            "store_nbr": list(points),
            "components": list(points.values()),
        },
        schema={"category": pl.String, "store_nbr": pl.String, "components": pl.List(pl.Float64)},
    )


def _case(
    rows: dict[str, tuple[int | None, int | None, float, float]], **settings_: object
) -> dict[str, pl.DataFrame]:
    """Merge stores given as name: (internal, external, internal coordinate, external
    coordinate).
    """
    internal = {name: row[0] for name, row in rows.items() if row[0] is not None}
    external = {name: row[1] for name, row in rows.items() if row[1] is not None}
    return merge(
        _assignments(internal),
        _assignments(external, "ALL"),
        _matrix({name: [rows[name][2]] for name in internal}),
        _matrix({name: [rows[name][3]] for name in external}, "ALL"),
        Merge(**({"min_cluster_size": 3} | settings_)),  # type: ignore[arg-type]
        Overrides(),
        seed=1,
    )


TWO_LARGE = {
    "a1": (1, 1, 0.0, 0.0),
    "a2": (1, 1, 0.1, 0.1),
    "a3": (1, 1, 0.2, 0.0),
    "b1": (2, 2, 9.0, 9.0),
    "b2": (2, 2, 9.1, 9.1),
    "b3": (2, 2, 9.2, 9.0),
}


def _final(result: dict[str, pl.DataFrame]) -> dict[str, str]:
    return dict(result["assignments"].select("store_nbr", "final_cluster").iter_rows())


def test_store_of_a_small_cluster_moves_to_the_nearest_large_one() -> None:
    result = _case(TWO_LARGE | {"c": (1, 2, 8.0, 8.0)})
    assert _final(result)["c"] == "2_2"
    moved = result["reassignments"].row(0, named=True)
    assert (moved["from_cluster"], moved["to_cluster"], moved["runner_up"]) == ("1_2", "2_2", "1_1")
    assert moved["distance"] < moved["runner_up_distance"]


def test_targets_are_fixed_before_anything_moves() -> None:
    # d would make 1_2 large if it moved first; it must not become a target
    result = _case(
        TWO_LARGE | {"c": (1, 2, 0.4, 5.0), "d": (1, 2, 0.5, 5.0), "e": (2, 1, 0.4, 5.0)}
    )
    assert set(_final(result).values()) == {"1_1", "2_2"}


@pytest.mark.parametrize(("weight", "target"), [(1.0, "1_1"), (0.0, "2_2")])
def test_weight_decides_which_track_counts(weight: float, target: str) -> None:
    result = _case(TWO_LARGE | {"c": (1, 2, 0.0, 9.0)}, internal_weight=weight)
    assert _final(result)["c"] == target


def test_tie_goes_to_the_label_that_comes_first() -> None:
    rows = TWO_LARGE | {"c": (1, 2, 4.6, 4.6)}
    symmetric = {
        name: (i, e, 0.0 if i == 1 else 2.0, 0.0 if e == 1 else 2.0)
        for name, (i, e, _, _) in rows.items()
    }
    result = _case(symmetric | {"c": (1, 2, 1.0, 1.0)})
    assert _final(result)["c"] == "1_1"


def test_differences_beyond_the_tenth_decimal_are_ties() -> None:
    symmetric = {
        name: (i, e, 0.0 if i == 1 else 2.0, 0.0 if e == 1 else 2.0)
        for name, (i, e, _, _) in TWO_LARGE.items()
    }
    result = _case(symmetric | {"c": (1, 2, 1.0 + 1e-13, 1.0)})
    assert _final(result)["c"] == "1_1"


def test_reassignments_say_why() -> None:
    result = _case(TWO_LARGE | {"c": (1, 2, 8.0, 8.0), "i": (2, None, 9.0, 0.0)})["reassignments"]
    assert dict(result.select("store_nbr", "reason").iter_rows()) == {
        "c": "below_floor",
        "i": "one_track",
    }
    alone = _case(TWO_LARGE, min_cluster_size=7)["reassignments"]
    assert alone.select("store_nbr", "reason", "runner_up", "runner_up_distance").rows() == [
        (store, "none_reaches_floor", None, None) for store in ("b1", "b2", "b3")
    ]


def test_store_known_to_one_track_stays_with_its_status() -> None:
    result = _case(TWO_LARGE | {"i": (2, None, 9.0, 0.0), "x": (None, 1, 0.0, 0.0)})
    rows = {row["store_nbr"]: row for row in result["assignments"].iter_rows(named=True)}
    assert (rows["i"]["merged_cluster"], rows["i"]["status"], rows["i"]["final_cluster"]) == (
        "2_-",
        "internal_only",
        "2_2",
    )
    assert (rows["x"]["merged_cluster"], rows["x"]["status"], rows["x"]["final_cluster"]) == (
        "-_1",
        "external_only",
        "1_1",
    )


def test_without_external_clusters_the_internal_ones_are_repaired() -> None:
    rows = {name: (i, None, x, 0.0) for name, (i, _, x, _) in TWO_LARGE.items()}
    result = _case(rows | {"c": (3, None, 8.0, 0.0)})
    assert _final(result)["c"] == "2_-"


def test_category_without_a_large_cluster_becomes_one_with_a_warning() -> None:
    result = _case(TWO_LARGE, min_cluster_size=7)
    assert set(_final(result).values()) == {"1_1"}
    assert "TEA" in result["summary"]["warning"][0]
    assert "merge.min_cluster_size=7" in result["summary"]["warning"][0]


def test_category_without_a_large_cluster_is_an_error_where_so_chosen() -> None:
    with pytest.raises(StageError, match=r"TEA.*min_cluster_size=7.*largest has 3"):
        _case(TWO_LARGE, min_cluster_size=7, none_reaches_floor="error")


def test_store_without_coordinates_goes_to_the_largest_cluster() -> None:
    internal = _assignments({name: row[0] for name, row in TWO_LARGE.items()} | {"b4": 2, "c": 1})
    external = _assignments(
        {name: row[1] for name, row in TWO_LARGE.items()} | {"b4": 2, "c": 2}, "ALL"
    )
    points = {name: [row[2]] for name, row in TWO_LARGE.items()} | {"b4": [9.0], "c": None}
    result = merge(
        internal,
        external,
        _matrix(points),
        _matrix(points, "ALL"),
        Merge(min_cluster_size=3),
        Overrides(),
        seed=1,
    )
    assert _final(result)["c"] == "2_2"


stores = st.lists(
    st.tuples(
        st.integers(1, 4),
        st.one_of(st.none(), st.integers(1, 3)),
        st.integers(-50, 50),
        st.integers(-50, 50),
    ),
    min_size=1,
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(stores, st.integers(1, 12), st.randoms(use_true_random=False))
def test_nothing_is_lost_and_no_cluster_stays_below_a_reachable_floor(
    drawn: list, floor: int, random: object
) -> None:
    rows = {f"{n:03d}": row for n, row in enumerate(drawn)}
    result = _case(rows, min_cluster_size=floor)
    merged = result["assignments"]
    assert sorted(merged["store_nbr"]) == sorted(rows)
    assert merged["final_cluster"].null_count() == 0
    complete = merged.filter(pl.col("status") == "both")["merged_cluster"].value_counts()
    sizes = merged["final_cluster"].value_counts()["count"]
    if complete.filter(pl.col("count") >= floor).height:
        assert sizes.min() >= floor
    assert merged["reassigned"].sum() == result["reassignments"].height


@settings(max_examples=40, deadline=None)
@given(stores, st.integers(1, 8), st.integers(0, 1000))
def test_renumbering_stores_does_not_change_the_partition(
    drawn: list, floor: int, seed: int
) -> None:
    names = [f"{n:03d}" for n in range(len(drawn))]
    other = list(np.random.default_rng(seed).permutation(names))
    one = _final(_case(dict(zip(names, drawn, strict=True)), min_cluster_size=floor))
    two = _final(_case(dict(zip(other, drawn, strict=True)), min_cluster_size=floor))
    assert [one[name] for name in names] == [two[name] for name in other]
