"""Final clusters: whole cells, a floor, one track that leads."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustering import schemas
from clustering.config import Caps, Merge, Overrides
from clustering.errors import DataError, StageError
from clustering.methods.merging.tables import place
from clustering.stages.merge import merge

KINDS = {"cluster": pl.Int64, "store_nbr": pl.String}
Row = tuple[int | None, int | None, float, float]


def _assignments(clusters: dict[str, int], category: str = "TEA") -> pl.DataFrame:
    return pl.DataFrame(
        {
            "category": [category] * len(clusters),
            "store_nbr": list(clusters),
            "cluster": list(clusters.values()),
        },
        schema_overrides=KINDS | {"category": pl.String},
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
    rows: dict[str, Row], caps: Caps | None = None, **settings_: object
) -> dict[str, pl.DataFrame]:
    """Merge stores given as name: (internal, external, internal coordinate, external
    coordinate).
    """
    internal = {name: row[0] for name, row in rows.items() if row[0] is not None}
    external = {name: row[1] for name, row in rows.items() if row[1] is not None}
    result = merge(
        _assignments(internal),
        _assignments(external, "ALL"),
        _matrix({name: [rows[name][2]] for name in internal}),
        _matrix({name: [rows[name][3]] for name in external}, "ALL"),
        Merge(**({"min_cluster_size": 3} | settings_)),  # type: ignore[arg-type]
        caps or Caps(),
        Overrides(),
        seed=1,
    )
    for name, table in result.items():
        schemas.TABLES["merged"][name].validate(table, cast=True)
    return result


def _cell(internal: int | None, external: int | None, stores: int) -> dict[str, Row]:
    """Stores of one cell, at its clusters' numbers."""
    return {
        f"{internal}{external}{number:02d}": (
            internal,
            external,
            float(internal or 0),
            float(external or 0),
        )
        for number in range(stores)
    }


def _final(result: dict[str, pl.DataFrame]) -> dict[str, str]:
    return dict(result["assignments"].select("store_nbr", "final_cluster").iter_rows())


def _by_cell(result: dict[str, pl.DataFrame]) -> dict[str, str]:
    """The final cluster of each cell that has stores."""
    pairs = result["assignments"].select("merged_cluster", "final_cluster").unique()
    found = dict(pairs.iter_rows())
    assert len(found) == pairs.height, "a cell is divided"
    return found


def test_internal_clusters_are_split_by_surroundings_into_pieces_above_the_floor() -> None:
    result = _case(_cell(1, 1, 5) | _cell(1, 2, 4) | _cell(2, 1, 3) | _cell(2, 2, 1))
    assert _by_cell(result) == {"1_1": "A1", "1_2": "A2", "2_1": "B", "2_2": "B"}


def test_a_small_piece_joins_the_nearest_sibling_of_its_mix() -> None:
    rows = _cell(1, 1, 4) | _cell(1, 3, 3) | _cell(1, 4, 1) | _cell(2, 4, 9)
    assert _by_cell(_case(rows)) == {"1_1": "B1", "1_3": "B2", "1_4": "B2", "2_4": "A"}


def test_an_internal_cluster_below_the_floor_joins_its_nearest_internal_neighbour() -> None:
    rows = _cell(1, 1, 8) | _cell(4, 2, 5) | _cell(3, 1, 2)
    result = _case(rows)
    assert _by_cell(result) == {"1_1": "A", "4_2": "B", "3_1": "B"}
    summary = result["summary"].row(0, named=True)
    assert (summary["internal_k"], summary["final_k"], summary["joined"]) == (3, 2, 2)
    assert "2 of 3 internal clusters are left: 3 (2 stores) joined 4" in summary["warning"]


def test_below_half_of_the_weight_the_external_track_leads() -> None:
    rows = _cell(1, 1, 5) | _cell(2, 1, 4) | _cell(1, 2, 3) | _cell(3, 2, 1)
    found = _by_cell(_case(rows, internal_weight=0.4))
    assert found == {"1_1": "A1", "2_1": "A2", "1_2": "B", "3_2": "B"}


@pytest.mark.parametrize("method", ["lead", "joint"])
def test_stores_of_a_cell_stay_together(method: str) -> None:
    rows = {
        f"{number:03d}": (number % 4 + 1, number % 3 + 1, float(number % 5), float(number % 7))
        for number in range(80)
    }
    result = _case(rows, min_cluster_size=10, method=method)
    _by_cell(result)
    assert result["assignments"].group_by("final_cluster").len()["len"].min() >= 4


def test_cells_are_joined_in_the_joint_space_where_no_track_leads() -> None:
    rows = _cell(1, 1, 4) | _cell(1, 2, 2) | _cell(9, 9, 4)
    found = _by_cell(_case(rows, method="joint"))
    assert found == {"1_1": "A", "1_2": "A", "9_9": "B"}


@pytest.mark.parametrize(
    ("stores", "settings_", "floor"),
    [
        (60, {}, 5),
        (200, {}, 10),
        (300, {}, 15),
        (1000, {}, 20),
        (1000, {"min_cluster_share": None}, 20),
        (60, {"min_cluster_share": None, "min_cluster_size": 17}, 17),
        (60, {"min_cluster_size": 3}, 3),
        (101, {"min_cluster_share": 0.1}, 11),
    ],
)
def test_the_floor_is_a_share_of_the_stores_within_bounds(
    stores: int, settings_: dict[str, object], floor: int
) -> None:
    found = _case(_cell(1, 1, stores), **({"min_cluster_size": 20} | settings_))
    assert found["summary"]["floor"][0] == floor


def test_a_category_below_the_floor_is_one_cluster_with_a_warning() -> None:
    result = _case(_cell(1, 1, 3) | _cell(2, 2, 3), min_cluster_size=7, min_cluster_share=None)
    assert set(_final(result).values()) == {"A"}
    assert "TEA: 1 of 2 internal clusters are left" in result["summary"]["warning"][0]
    assert "final cluster A has 6 stores, below the floor of 7" in result["summary"]["warning"][0]


def test_a_category_that_only_reaches_the_floor_as_a_whole_is_an_error_where_so_chosen() -> None:
    with pytest.raises(StageError, match=r"TEA reaches the floor of 4 stores .*unless"):
        _case(
            _cell(1, 1, 3) | _cell(2, 2, 3),
            min_cluster_size=4,
            min_cluster_share=None,
            none_reaches_floor="error",
        )


def test_a_store_that_one_track_does_not_know_follows_the_other() -> None:
    rows = _cell(1, 1, 4) | _cell(2, 2, 3) | _cell(2, 3, 3) | _cell(2, None, 1) | _cell(None, 1, 1)
    result = _case(rows)
    found = _by_cell(result)
    assert found["-_1"] == found["1_1"]
    assert found["2_-"] in {found["2_2"], found["2_3"]}
    status = dict(result["assignments"].select("merged_cluster", "status").unique().iter_rows())
    assert (status["2_-"], status["-_1"], status["1_1"]) == (
        "internal_only",
        "external_only",
        "both",
    )


def test_without_external_clusters_the_internal_ones_are_final() -> None:
    rows = _cell(1, None, 5) | _cell(2, None, 4) | _cell(3, None, 1)
    assert _by_cell(_case(rows)) == {"1_-": "A", "2_-": "B", "3_-": "B"}


def test_codes_follow_size() -> None:
    rows = _cell(1, 1, 3) | _cell(1, 2, 4) | _cell(2, 1, 9)
    assert _by_cell(_case(rows)) == {"2_1": "A", "1_2": "B1", "1_1": "B2"}


def test_only_stores_of_joined_cells_count_as_reassigned() -> None:
    result = _case(_cell(1, 1, 5) | _cell(1, 2, 1) | _cell(2, 1, 4))
    moved = result["assignments"].filter("reassigned")["merged_cluster"].to_list()
    assert moved == ["1_2"]


@pytest.mark.parametrize("rule", ["all", "none"])
def test_the_label_holds_the_splits_that_are_asked_for(rule: str) -> None:
    result = _case(_cell(1, 1, 5) | _cell(1, 2, 5) | _cell(2, 1, 5), split=rule)
    assert _by_cell(result)["1_2"] == ("A2" if rule == "all" else "A")
    assert result["splits"].select("mix", "pieces", "in_label").row(0) == ("A", 2, rule == "all")
    assert result["assignments"]["reassigned"].sum() == 0


def test_caps_fold_splits_before_mixes() -> None:
    rows = _cell(1, 1, 5) | _cell(1, 2, 5) | _cell(3, 1, 5) | _cell(3, 9, 5)
    three = _by_cell(_case(rows, Caps(max_clusters=3)))
    assert three["1_1"] == three["1_2"]
    assert three["3_1"] != three["3_9"]
    one = _case(rows, Caps(max_clusters=1))
    assert set(_final(one).values()) == {"A"}
    assert "caps.max_clusters=1 allows no more" in one["summary"]["warning"][0]
    too_large = _case(rows, Caps(max_size=4))["summary"]["warning"][0]
    assert "above caps.max_size=4" in too_large


def test_later_stores_are_placed_by_the_same_rule() -> None:
    result = _case(_cell(1, 1, 5) | _cell(1, 3, 4) | _cell(2, 4, 4))
    later = pl.DataFrame(
        {"category": "TEA", "internal_cluster": [1, 1, 2, None], "external_cluster": [1, 4, 1, 4]},
        schema_overrides={"internal_cluster": pl.Int64},
    )
    placed = place(result["cells"], later)
    assert placed["merged_cluster"].to_list() == ["1_1", "1_4", "2_1", "-_4"]
    assert placed["final_cluster"].to_list() == ["A1", "A2", "B", "B"]
    own = result["assignments"]
    again = place(result["cells"], own.select(later.columns))
    assert again["final_cluster"].equals(own["final_cluster"])


def test_nothing_to_merge_is_an_error() -> None:
    with pytest.raises(DataError, match="no clusters to merge"):
        _case({})


def test_one_track_alone_gives_its_clusters() -> None:
    outside = _case(_cell(None, 1, 3) | _cell(None, 2, 4))["assignments"]
    assert outside["category"].unique().to_list() == ["ALL"]
    assert outside.sort("store_nbr")["final_cluster"].to_list() == ["B"] * 3 + ["A"] * 4
    assert outside["status"].unique().to_list() == ["external_only"]
    inside = _case(_cell(1, None, 3) | _cell(2, None, 4))["assignments"]
    assert inside.sort("store_nbr")["final_cluster"].to_list() == ["B"] * 3 + ["A"] * 4
    assert inside["status"].unique().to_list() == ["internal_only"]


drawn_stores = st.lists(
    st.tuples(
        st.integers(1, 4),
        st.one_of(st.none(), st.integers(1, 3)),
        st.integers(-50, 50).map(float),
        st.integers(-50, 50).map(float),
    ),
    min_size=1,
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(
    drawn_stores,
    st.integers(1, 12),
    st.sampled_from(["lead", "joint"]),
    st.sampled_from([0.4, 0.5]),
)
def test_nothing_is_lost_and_no_cluster_stays_below_a_floor_that_can_be_reached(
    drawn: list[Row], floor: int, method: str, weight: float
) -> None:
    rows = {f"{n:03d}": row for n, row in enumerate(drawn)}
    result = _case(
        rows,
        min_cluster_size=floor,
        min_cluster_share=None,
        method=method,
        internal_weight=weight,
        min_sales_share=0.0,
    )
    merged = result["assignments"]
    assert sorted(merged["store_nbr"]) == sorted(rows)
    assert merged["final_cluster"].null_count() == 0
    _by_cell(result)
    sizes = merged["final_cluster"].value_counts()["count"]
    complete = merged.filter(pl.col("status") == "both").height
    if complete == len(rows) >= floor:
        assert sizes.min() >= floor
    assert result["clusters"]["stores"].sum() == len(rows)


@settings(max_examples=40, deadline=None)
@given(drawn_stores, st.integers(1, 8), st.integers(0, 1000))
def test_renumbering_stores_does_not_change_the_partition(
    drawn: list[Row], floor: int, seed: int
) -> None:
    names = [f"{n:03d}" for n in range(len(drawn))]
    other = list(np.random.default_rng(seed).permutation(names))
    one = _final(_case(dict(zip(names, drawn, strict=True)), min_cluster_size=floor))
    two = _final(_case(dict(zip(other, drawn, strict=True)), min_cluster_size=floor))
    assert [one[name] for name in names] == [two[name] for name in other]
