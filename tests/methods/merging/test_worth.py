"""What final clusters are worth on sales they have not seen."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from clustering.config import Caps, Merge, Overrides
from clustering.methods.transforms.demand import (
    BothWays,
    Direction,
    Judged,
    both_ways,
    without_season,
)
from clustering.schemas import Worth, WorthByPlans
from clustering.stages.merge import merge
from tests.methods.merging.test_splits import EXTERNAL, GROUPS, IN_PLACES, INTERNAL, N, _tables


def _worth(mixes: np.ndarray, internal: np.ndarray) -> dict[str, pl.DataFrame]:
    tables = _tables(mixes, internal, EXTERNAL)
    return merge(**tables, merge=Merge(), caps=Caps(), overrides=Overrides(), seed=3)


def _whole(result: dict[str, pl.DataFrame]) -> dict[str, float]:
    return result["worth"].filter(pl.col("final_cluster").is_null()).row(0, named=True)


def _gains(way: Direction, groups: np.ndarray) -> np.ndarray:
    return way.gains(groups, groups)


def test_a_plan_per_group_meets_what_one_plan_misses() -> None:
    # two pairs of stores that want one need state each: of its three neighbours, which one plan
    # is made of, each store has one mate
    sales = np.array([[10.0, 0.0], [10.0, 0.0], [0.0, 10.0], [0.0, 10.0]])
    way = Direction(sales, sales / 10, np.full(4, 10.0))
    assert _gains(way, np.array([0, 0, 0, 0])).tolist() == [0.0] * 4
    assert _gains(way, np.array([0, 0, 1, 1])) == pytest.approx(2 / 3)
    assert way.gains_of_own_plans() == pytest.approx(2 / 3)


def test_a_store_has_no_part_in_the_plan_that_judges_it() -> None:
    sales = np.array([[10.0, 0.0], [10.0, 0.0], [0.0, 10.0], [0.0, 10.0]])
    way = Direction(sales, sales / 10, np.full(4, 10.0))
    # its only mate wants the other need state: its own sales would have met half of its demand
    assert _gains(way, np.array([0, 1, 0, 1])) == pytest.approx(-1 / 3)
    # alone in its group: no mate says anything
    assert _gains(way, np.array([0, 1, 2, 2])) == pytest.approx([0.0, 0.0, 2 / 3, 2 / 3])


def test_a_plan_is_made_of_the_stores_that_the_other_half_puts_there() -> None:
    sales = np.array([[10.0, 0.0], [10.0, 0.0], [0.0, 10.0], [0.0, 10.0]])
    way = Direction(sales, sales / 10, np.full(4, 10.0))
    # the other half puts the second store beside the last two: the first has no mate left, the
    # second has the first, and the last two have each other and the second
    found = way.gains(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]))
    assert found == pytest.approx([0.0, 2 / 3, 1 / 2 - 1 / 3, 1 / 2 - 1 / 3])


def test_a_season_of_the_whole_chain_moves_no_store() -> None:
    spring, autumn = np.array([[8.0, 2.0], [6.0, 4.0]]), np.array([[4.0, 4.0], [3.0, 8.0]])
    whole = spring + autumn
    for half in (spring, autumn):
        same = without_season(half, whole)
        assert same.sum(axis=0) / same.sum() == pytest.approx(whole.sum(axis=0) / whole.sum())
    assert without_season(np.zeros((2, 2)), whole).sum() == 0


def test_the_error_counts_stores_and_halves() -> None:
    same = Judged(np.full((2, 4), 0.1), np.ones((2, 4)))
    assert same.gain() == pytest.approx((0.1, 0.0))
    halves = Judged(np.array([[0.1, 0.1], [0.3, 0.3]]), np.ones((2, 2)))
    assert halves.gain() == pytest.approx((0.2, 0.1))
    stores = Judged(np.array([[0.1, 0.3], [0.1, 0.3]]), np.ones((2, 2)))
    assert stores.gain() == pytest.approx((0.2, np.sqrt(0.005)))


def test_sales_weigh_the_stores() -> None:
    sales = np.array([[3.0, 1.0], [3.0, 1.0]])
    assert Judged(np.array([[0.4, 0.0], [0.4, 0.0]]), sales).gain()[0] == pytest.approx(0.3)


def test_true_groups_are_worth_more_than_random_ones() -> None:
    whole = _whole(_worth(IN_PLACES, INTERNAL))
    assert whole["gain"] > 0.1
    assert whole["gain"] > whole["random"] + 2 * whole["standard_error"]
    assert abs(whole["random"]) < 0.02
    assert whole["stores"] == N


def test_stores_that_sell_alike_gain_nothing() -> None:
    rng = np.random.default_rng(1)
    whole = _whole(_worth(np.tile([0.5, 0.3, 0.2], (N, 1)), rng.integers(0, 2, N)))
    assert whole["gain"] <= 2 * whole["standard_error"] + 0.002


def test_fewer_plans_down_to_one_which_gains_nothing() -> None:
    result = _worth(GROUPS, INTERNAL)
    curve = result["worth_by_plans"].sort("plans")
    assert curve["plans"].to_list() == [1, 2, 3, 4]
    assert curve["gain"][0] == 0.0
    assert curve["gain"][1] == pytest.approx(curve["gain"][3], abs=0.01)
    assert curve["gain"][3] == _whole(result)["gain"]
    Worth.validate(result["worth"])
    WorthByPlans.validate(result["worth_by_plans"])


def test_clusters_without_coordinates_are_joined_all_the_same() -> None:
    tables = _tables(GROUPS, INTERNAL, EXTERNAL)
    tables |= {"external": None, "internal_matrix": None, "external_matrix": None}  # type: ignore[dict-item]
    result = merge(**tables, merge=Merge(), caps=Caps(), overrides=Overrides(), seed=3)
    assert result["worth_by_plans"].sort("plans")["plans"].to_list() == [1, 2]


def test_the_gain_of_a_category_lies_between_those_of_its_clusters() -> None:
    result = _worth(IN_PLACES, INTERNAL)
    parts = result["worth"].drop_nulls("final_cluster")
    assert parts["stores"].sum() == N
    low, high = parts["gain"].min(), parts["gain"].max()
    assert low <= _whole(result)["gain"] <= high  # type: ignore[operator]


def test_random_groups_are_the_same_for_the_same_seed() -> None:
    sales = np.random.default_rng(2).uniform(1, 9, (12, 3))
    way = Direction(sales, sales / sales.sum(axis=1, keepdims=True), sales.sum(axis=1))
    both = BothWays(np.ones(12, dtype=bool), (way, way))
    groups = np.repeat([0, 1, 2], 4)
    once, again, other = (both.random((groups, groups), seed).gains for seed in (1, 1, 2))
    assert (once == again).all()
    assert (once != other).any()


def test_worth_has_a_row_for_all_stores_and_one_for_each_cluster() -> None:
    sales = np.array([[10.0, 0.0], [10.0, 0.0], [0.0, 10.0], [0.0, 10.0]])
    both = both_ways(np.vstack([sales, [[0.0, 5.0]]]), np.vstack([sales, [[0.0, 0.0]]]))
    assert both is not None
    groups = np.array([0, 0, 1, 1])
    total = np.array([20.0, 20.0, 20.0, 20.0, 5.0])
    rows = list(both.worth((groups, groups), np.array([1, 1, 2, 2, 2]), total, seed=1))
    assert [row["cluster"] for row in rows] == [None, 1, 2]
    assert [row["stores"] for row in rows] == [4, 2, 2]  # the fifth sold in one half only
    assert [row["plans"] for row in rows] == [2, 1, 1]
    assert [row["gain"] for row in rows] == pytest.approx([2 / 3] * 3)
    assert [row["gain_in_sales"] for row in rows] == pytest.approx([170 / 3, 80 / 3, 30])
