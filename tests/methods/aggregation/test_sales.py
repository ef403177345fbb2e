"""One pass over the sales: what is counted where, and what must not change the sums."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustering import schemas
from clustering.config import Preprocess
from clustering.methods.aggregation import aggregate as aggregate_module
from clustering.methods.aggregation.aggregate import aggregate
from clustering.methods.aggregation.rules import RULES
from clustering.methods.aggregation.sales import Aggregated
from clustering.methods.aggregation.totals import UNITS, DenseTotals

Row = tuple[Any, ...]
KINDS = {
    "store_nbr": pl.String,
    "sku_nbr": pl.String,
    "category": pl.String,
    "total_sales": pl.Float64,
    "period": pl.Int32,
}
MAP = pl.DataFrame(
    [
        ("g", "green", "TEA"),
        ("b", "black", "TEA"),
        ("x", "green", "TEA"),
        ("x", "black", "TEA"),
        ("n", None, "TEA"),
        ("q", "odd", None),
    ],
    schema={"sku_nbr": pl.String, "need_state": pl.String, "category": pl.String},
    orient="row",
)
GOOD: Row = ("1", "g", "TEA", 2.0, 1)


def _aggregate(
    rows: list[Row], need_states: pl.DataFrame = MAP, are_codes: bool = False, **changed: Any
) -> Aggregated:
    frame = pl.DataFrame(rows, schema=KINDS, orient="row")
    if are_codes:
        frame = frame.with_columns(pl.col(pl.String).cast(pl.Categorical))
    return aggregate(frame.lazy(), need_states, Preprocess(**({"returns": "drop"} | changed)), 1)


def _halves(found: Aggregated) -> dict[tuple[str, str, tuple[str, ...]], tuple[int, int]]:
    result = {}
    sums = found.totals.sums()
    for store, cell, a, b in zip(sums.store, sums.cell, sums.half_a, sums.half_b, strict=True):
        category, states = found.need_states.cells[cell]
        place = (
            found.stores.names[store],
            found.categories.names[category],
            found.need_states.sets[states],
        )
        result[place] = (int(a), int(b))
    return result


def _row_counts(found: Aggregated) -> dict[tuple[str, str], int]:
    return {
        (found.stores.names[store], found.categories.names[category]): int(
            found.row_counts[store, category]
        )
        for store, category in zip(*np.nonzero(found.row_counts), strict=True)
    }


@pytest.mark.parametrize(
    ("rule", "row"),
    [
        ("store_nbr_null", (None, "g", "TEA", 1.0, 1)),
        ("sku_nbr_null", ("1", None, "TEA", 1.0, 1)),
        ("total_sales_null", ("1", "g", "TEA", None, 1)),
        ("total_sales_not_finite", ("1", "g", "TEA", float("nan"), 1)),
        ("total_sales_not_finite", ("1", "g", "TEA", float("-inf"), 1)),
        ("total_sales_negative", ("1", "g", "TEA", -0.01, 1)),
        ("sku_not_in_map", ("1", "absent", "TEA", 1.0, 1)),
        ("sku_without_need_state", ("1", "n", "TEA", 1.0, 1)),
        ("category_null", ("1", "q", None, 1.0, 1)),
    ],
)
def test_faulty_row_is_counted_kept_and_not_summed(rule: str, row: Row) -> None:
    found = _aggregate([GOOD, row])
    assert {
        name: rows for name, rows in found.rows.items() if name in (*RULES, "used") and rows
    } == {"used": 1, rule: 1}
    assert pl.concat(found.kept)["rule"].to_list() == [rule]
    assert sum(map(sum, _halves(found).values())) == 2 * UNITS


def test_row_with_several_faults_counts_under_the_first_rule() -> None:
    found = _aggregate([GOOD, (None, None, None, None, None), ("1", None, None, -1.0, 1)])
    assert (found.rows["store_nbr_null"], found.rows["sku_nbr_null"], found.rows["used"]) == (
        1,
        1,
        1,
    )


def test_zero_sales_are_no_fault() -> None:
    found = _aggregate([GOOD, ("2", "g", "TEA", 0.0, 1)])
    assert found.rows["used"] == 2
    assert _row_counts(found) == {("1", "TEA"): 1, ("2", "TEA"): 1}


def test_split_sku_has_a_cell_of_its_own_need_states() -> None:
    found = _aggregate([("1", "x", "TEA", 3.0, 1), ("1", "g", "TEA", 1.0, 1)], holdout="random")
    assert {place[2]: sum(halves) for place, halves in _halves(found).items()} == {
        ("black", "green"): 3 * UNITS,
        ("green",): UNITS,
    }


def test_category_of_the_row_wins_and_the_map_fills_in() -> None:
    found = _aggregate([("1", "g", "DRINKS", 1.0, 1), ("1", "g", None, 1.0, 1)])
    assert _row_counts(found) == {("1", "DRINKS"): 1, ("1", "TEA"): 1}
    assert found.rows["category_differs_from_map"] == 1
    assert found.other_categories.rows() == [("g", "DRINKS", UNITS)]


def test_period_in_the_middle_belongs_to_half_a() -> None:
    found = _aggregate([("1", "g", "TEA", float(period), period) for period in (1, 2, 3, 4)])
    assert list(_halves(found).values()) == [(3 * UNITS, 7 * UNITS)]


def test_sales_that_are_not_split_by_time_have_no_halves() -> None:
    rows: list[Row] = [("1", "g", "TEA", float(period), period) for period in (1, 2, 3, 4)]
    found = _aggregate(rows, holdout="random")
    assert found.split is None
    assert list(_halves(found).values()) == [(10 * UNITS, 0)]
    assert _aggregate(rows).split == 2


def test_rows_in_quarantine_are_limited_across_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aggregate_module, "BATCH_ROWS", 2)
    found = _aggregate([GOOD, *[("1", "g", "TEA", -1.0, 1)] * 9], quarantine_rows=3)
    assert found.rows["total_sales_negative"] == 9
    assert pl.concat(found.kept).height == 3


@pytest.mark.parametrize("batch_rows", [1_000_000, 100])
def test_too_wide_for_the_budget_sums_the_same(
    batch_rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        aggregate_module, "BATCH_ROWS", batch_rows
    )  # small batches: the array is left on the way
    stores, skus = 300, 150
    need_states = pl.DataFrame(
        {
            "sku_nbr": [f"s{n}" for n in range(skus)],
            "need_state": [f"state {n}" for n in range(skus)],
            "category": "TEA",
        }
    )
    rows: list[Row] = [
        (str(n % stores), f"s{n % skus}", "TEA", 1.25 * n, n % 7) for n in range(2_000)
    ]
    assert not DenseTotals().fits(stores, skus, 1)
    packed = _aggregate(rows, need_states, dense_budget_mb=1)
    dense = _aggregate(rows, need_states, dense_budget_mb=512)
    assert _halves(packed) == _halves(dense)
    assert _row_counts(packed) == _row_counts(dense)


def _rows(stores: list[str | None], skus: list[str | None]) -> st.SearchStrategy[list[Row]]:
    return st.lists(
        st.tuples(
            st.sampled_from(stores),
            st.sampled_from(skus),
            st.sampled_from(["TEA", "DRINKS", None]),
            st.sampled_from([None, -1.0, 0.0, 0.1, 0.25, 7.77, float("inf")]),
            st.sampled_from([1, 2, 9, None]),
        ),
        max_size=25,
    ).map(lambda rows: [GOOD, *rows])


STORES: list[str | None] = ["1", "02", "2"]
SKUS: list[str | None] = ["g", "b", "x", "n", "q", "absent"]


@settings(max_examples=40, deadline=None)
@given(
    _rows(STORES, SKUS),
    st.randoms(use_true_random=False),
    st.integers(1, 7),
    st.sampled_from(["auto", "random"]),
    st.booleans(),
)
def test_batches_order_and_dictionary_columns_change_nothing(
    rows: list[Row], random: Any, batch_rows: int, holdout: str, are_codes: bool
) -> None:
    whole = _aggregate(rows, holdout=holdout)
    shuffled = random.sample(rows, len(rows))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aggregate_module, "BATCH_ROWS", batch_rows)
        batched = _aggregate(shuffled, are_codes=are_codes, holdout=holdout)
    assert _halves(batched) == _halves(whole)
    assert _row_counts(batched) == _row_counts(whole)
    assert +batched.rows == +whole.rows


@settings(max_examples=40, deadline=None)
@given(_rows([*STORES, None], [*SKUS, None]))
def test_read_is_used_plus_every_rule(rows: list[Row]) -> None:
    found = _aggregate(rows)
    assert (
        found.rows["read"]
        == len(rows)
        == found.rows["used"] + sum(found.rows[rule] for rule in RULES)
    )
    assert sum(_row_counts(found).values()) == found.rows["used"]


AMOUNTS = [None, -1.0, -0.0, 0.0, 2.5, 1e9, 1.1e9, float("nan"), float("inf"), float("-inf")]


def test_rules_of_the_pass_are_those_of_the_schema() -> None:
    rows = [
        (store, sku, amount) for store in ("1", None) for sku in ("g", None) for amount in AMOUNTS
    ]
    kinds = {"store_nbr": pl.String, "sku_nbr": pl.String, "total_sales": pl.Float64}
    sales = pl.DataFrame(rows, schema=kinds, orient="row").with_columns(
        pl.lit("TEA").alias("category"), pl.lit(1, pl.Int32).alias("period")
    )
    need_states = pl.DataFrame({"sku_nbr": ["g"], "need_state": ["green"], "category": ["TEA"]})
    by_schema, _ = schemas.Sales.filter(sales, cast=True)
    assert aggregate(sales.lazy(), need_states, Preprocess(), 1).rows["used"] == by_schema.height
