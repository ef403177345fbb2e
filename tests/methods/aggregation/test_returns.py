"""Returns are taken from the sales of the same store, SKU and period, and no money is lost."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustering.config import Preprocess
from clustering.methods.aggregation.totals import UNITS
from clustering.stages.preprocess_internal import preprocess_internal

Row = tuple[str, str, str | None, float, int | None]
KINDS = {
    "store_nbr": pl.String,
    "sku_nbr": pl.String,
    "category": pl.String,
    "total_sales": pl.Float64,
    "period": pl.Int32,
}
MAP = pl.DataFrame(
    {"sku_nbr": ["g", "b"], "need_state": ["green", "black"], "category": ["TEA", "TEA"]}
)


def _run(rows: list[Row], **changed: Any) -> dict[str, pl.DataFrame]:
    sales = pl.DataFrame(rows, schema=KINDS, orient="row")
    return preprocess_internal(sales.lazy(), MAP, Preprocess(**changed), 1)


def _outcomes(result: dict[str, pl.DataFrame]) -> dict[str, tuple[int, float]]:
    rows = result["reconciliation"].filter(pl.col("input") == "sales")
    return {name: (rows, sales) for _, name, rows, sales in rows.iter_rows()}


def _sums(result: dict[str, pl.DataFrame]) -> dict[tuple[str, str], float]:
    rows = result["values"].select("store_nbr", "feature", "value").iter_rows()
    return {(store, feature): value for store, feature, value in rows}


def test_return_is_taken_from_the_same_store_sku_and_period() -> None:
    result = _run(
        [("1", "g", "TEA", 10.0, 1), ("1", "g", "TEA", -4.0, 1), ("1", "b", "TEA", 5.0, 1)]
    )
    assert _sums(result) == {("1", "green"): 6.0, ("1", "black"): 5.0}
    assert _outcomes(result) == {"read": (3, 11.0), "used": (2, 15.0), "return_netted": (1, -4.0)}
    assert result["quarantine"].is_empty()


@pytest.mark.parametrize(
    "elsewhere",
    [("2", "g", "TEA", -4.0, 1), ("1", "b", "TEA", -4.0, 1), ("1", "g", "TEA", -4.0, 2)],
    ids=["another store", "another SKU", "another period"],
)
def test_return_of_another_store_sku_or_period_is_set_aside(elsewhere: Row) -> None:
    result = _run([("1", "g", "TEA", 10.0, 1), elsewhere])
    assert _sums(result) == {("1", "green"): 10.0}
    assert _outcomes(result)["total_sales_negative"] == (1, -4.0)
    assert result["quarantine"]["rule"].to_list() == ["total_sales_negative"]


def test_what_exceeds_the_sales_is_set_aside_with_its_money() -> None:
    result = _run(
        [("1", "g", "TEA", 3.0, 1), ("1", "g", "TEA", -5.0, 1), ("1", "b", "TEA", 1.0, 1)]
    )
    assert _sums(result) == {("1", "black"): 1.0}
    assert _outcomes(result) == {
        "read": (3, -1.0),
        "used": (2, 4.0),
        "total_sales_negative": (1, -2.0),
        "return_netted": (0, -3.0),
    }


def test_sales_without_periods_are_netted_too() -> None:
    result = _run([("1", "g", "TEA", 3.0, None), ("1", "g", "TEA", -1.0, None)])
    assert _sums(result) == {("1", "green"): 2.0}


def test_dropped_returns_leave_the_sales_as_they_are() -> None:
    result = _run([("1", "g", "TEA", 3.0, 1), ("1", "g", "TEA", -1.0, 1)], returns="drop")
    assert _sums(result) == {("1", "green"): 3.0}
    assert _outcomes(result)["total_sales_negative"] == (1, -1.0)


def test_return_is_taken_from_its_own_half() -> None:
    rows: list[Row] = [
        ("1", "g", "TEA", 8.0, 1),
        ("1", "g", "TEA", 8.0, 4),
        ("1", "g", "TEA", -3.0, 4),
    ]
    row = _run(rows)["values"].row(0, named=True)
    assert (row["half_a"], row["half_b"]) == (8.0, 5.0)


def test_return_is_not_taken_from_amounts_that_round_to_nothing() -> None:
    rows: list[Row] = [
        ("1", "g", "TEA", 5.0, 1),
        ("1", "g", "TEA", 1e-300, 2),
        ("1", "g", "TEA", -1.5, 2),
    ]
    assert _outcomes(_run(rows))["total_sales_negative"] == (1, -1.5)


rows_ = st.lists(
    st.tuples(
        st.sampled_from(["1", "2"]),
        st.sampled_from(["g", "b", "odd"]),
        st.just("TEA"),
        st.integers(-500, 500).map(lambda cents: cents / 100),
        st.sampled_from([1, 2, None]),
    ),
    max_size=25,
).map(lambda rows: [*rows, ("1", "g", "TEA", 9.0, 1)])


@settings(max_examples=60, deadline=None)
@given(rows_, st.sampled_from(["auto", "random"]), st.randoms(use_true_random=False))
def test_rows_and_money_add_up_in_any_order(rows: list[Row], holdout: str, random: Any) -> None:
    result = _run(rows, holdout=holdout)
    outcomes = _outcomes(result)
    read = outcomes.pop("read")
    assert read[0] == len(rows) == sum(number for number, _ in outcomes.values())
    assert read[1] == pytest.approx(sum(row[3] for row in rows), abs=1 / UNITS)
    assert read[1] == pytest.approx(sum(money for _, money in outcomes.values()), abs=1 / UNITS)
    kept = outcomes["used"][1] + outcomes.get("return_netted", (0, 0.0))[1]
    assert result["values"]["value"].sum() == pytest.approx(kept, abs=1 / UNITS)
    assert (result["values"].select("half_a", "half_b").min_horizontal() >= 0).all()
    random.shuffle(rows)
    again = _run(rows, holdout=holdout)
    assert all(result[name].equals(again[name]) for name in result)
