"""From sales rows to sales per category, store and need state."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustering.config import Preprocess
from clustering.errors import ConfigError, DataError
from clustering.schemas import TABLES
from clustering.stages.preprocess_internal import preprocess_internal

Row = tuple[str | None, str | None, str | None, float | None, int | None]
SCHEMA = {
    "store_nbr": pl.String,
    "sku_nbr": pl.String,
    "category": pl.String,
    "total_sales": pl.Float64,
    "period": pl.Int32,
}
MAP = [
    ("g1", "green", "TEA"),
    ("b1", "black", "TEA"),
    ("x", "green", "TEA"),
    ("x", "black", "TEA"),
    ("e", "espresso", "COFFEE"),
]


def _run(
    rows: list[Row], need_states: list[tuple[Any, ...]] | None = None, seed: int = 1, **changed: Any
) -> dict[str, pl.DataFrame]:
    sales = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    need = pl.DataFrame(
        need_states if need_states is not None else MAP,
        schema={"sku_nbr": pl.String, "need_state": pl.String, "category": pl.String},
        orient="row",
    )
    result = preprocess_internal(
        sales.lazy(), need, Preprocess(**({"min_sales_rows": 2, "returns": "drop"} | changed)), seed
    )
    for name, frame in result.items():
        TABLES["preprocess"][name].validate(frame, cast=True)
    return result


def _outcomes(result: dict[str, pl.DataFrame], name: str) -> dict[str, int]:
    rows = result["reconciliation"].filter(pl.col("input") == name)
    return dict(rows.select("outcome", "rows").iter_rows())


def _values(result: dict[str, pl.DataFrame]) -> dict[tuple[str, str, str], float]:
    rows = result["values"].select("category", "store_nbr", "feature", "value").iter_rows()
    return {(category, store, feature): value for category, store, feature, value in rows}


def test_sales_are_summed_by_need_state_and_split_skus_shared_out() -> None:
    rows: list[Row] = [
        ("1", "g1", "TEA", 3.0, 1),
        ("1", "x", "TEA", 5.0, 2),
        ("1", "g1", "TEA", 1.0, 2),
    ]
    assert _values(_run(rows)) == {("TEA", "1", "green"): 6.5, ("TEA", "1", "black"): 2.5}


def test_each_faulty_row_is_counted_under_one_rule_and_quarantined() -> None:
    rows: list[Row] = [
        ("1", "g1", "TEA", 3.0, 1),
        (None, "g1", "TEA", 1.0, 1),
        ("1", None, "TEA", 1.0, 1),
        ("1", "g1", "TEA", None, 1),
        ("1", "g1", "TEA", float("nan"), 1),
        ("1", "g1", "TEA", float("inf"), 1),
        ("1", "g1", "TEA", -1.0, 1),
        ("1", "g1", "TEA", 1e16, 1),
        ("1", "other", "TEA", 1.0, 1),
        ("1", "n", "TEA", 1.0, 1),
    ]
    result = _run(rows, [*MAP, ("n", None, "TEA")])
    assert _outcomes(result, "sales") == {
        "read": 10,
        "used": 1,
        "store_nbr_null": 1,
        "sku_nbr_null": 1,
        "total_sales_null": 1,
        "total_sales_not_finite": 2,
        "total_sales_negative": 1,
        "total_sales_too_large": 1,
        "sku_not_in_map": 1,
        "sku_without_need_state": 1,
    }
    assert result["quarantine"].filter(pl.col("input") == "sales").height == 9
    assert _outcomes(result, "need_states") == {"read": 6, "used": 5, "need_state_null": 1}


def test_map_without_categories_will_do_where_sales_have_them() -> None:
    rows: list[Row] = [("1", "g1", "TEA", 3.0, 1)]
    assert _values(_run(rows, [("g1", "green", None)])) == {("TEA", "1", "green"): 3.0}


def test_category_is_taken_from_whichever_map_row_of_the_sku_has_one() -> None:
    result = _run([("1", "x", None, 4.0, 1)], [("x", "a", None), ("x", "b", "TEA")])
    assert _values(result) == {("TEA", "1", "a"): 2.0, ("TEA", "1", "b"): 2.0}


def test_duplicate_map_rows_count_once() -> None:
    result = _run([("1", "g1", "TEA", 3.0, 1)], [*MAP, MAP[0]])
    assert _values(result) == {("TEA", "1", "green"): 3.0}
    assert _outcomes(result, "need_states")["duplicate"] == 1


def test_category_comes_from_the_map_where_sales_have_none() -> None:
    assert _values(_run([("1", "e", None, 3.0, 1)])) == {("COFFEE", "1", "espresso"): 3.0}


def test_sales_file_wins_where_it_disagrees_with_the_map_and_that_is_counted() -> None:
    result = _run([("1", "e", "TEA", 3.0, 1), ("1", "g1", "TEA", 1.0, 1)])
    assert ("TEA", "1", "espresso") in _values(result)
    assert _outcomes(result, "categories of used sales rows")["sales file wins over map"] == 1


def test_row_without_any_category_is_set_aside() -> None:
    result = _run(
        [("1", "q", None, 3.0, 1), ("1", "g1", "TEA", 1.0, 1)], [*MAP, ("q", "odd", None)]
    )
    assert _outcomes(result, "sales")["category_null"] == 1


def test_history_says_who_may_be_fitted() -> None:
    rows: list[Row] = [
        ("1", "g1", "TEA", 3.0, 1),
        ("1", "b1", "TEA", 3.0, 1),
        ("2", "g1", "TEA", 3.0, 1),
        ("3", "g1", "TEA", 0.0, 1),
    ]
    stores = _run(rows)["stores"]
    assert dict(stores.select("store_nbr", "history").iter_rows()) == {
        "1": "enough",
        "2": "poor",
        "3": "none",
    }


def test_totals_are_judged_by_sales_as_their_rows_say_nothing() -> None:
    rows: list[Row] = [
        (str(store), sku, "TEA", 0.5 if store == 7 else 100.0 + store, 1)
        for store in range(30)
        for sku in ("g1", "b1")
    ]
    stores = _run(rows, min_sales_rows=10)["stores"]
    assert stores.filter(history="poor")["store_nbr"].to_list() == ["7"]
    few = [row for row in rows if int(row[0]) < 5]
    assert _run(few, min_sales_rows=10)["stores"]["history"].unique().to_list() == ["poor"]


def test_halves_split_at_the_middle_of_the_time() -> None:
    rows: list[Row] = [
        ("1", "g1", "TEA", 1.0, 1),
        ("1", "g1", "TEA", 2.0, 2),
        ("1", "g1", "TEA", 4.0, 3),
        ("1", "g1", "TEA", 8.0, 4),
    ]
    row = _run(rows)["values"].row(0, named=True)
    assert (row["half_a"], row["half_b"]) == (3.0, 12.0)


def test_amounts_of_sales_without_weeks_are_split_whatever_the_order_of_rows() -> None:
    rng = np.random.default_rng(1)
    rows: list[Row] = [
        (f"{store:02d}", sku, "TEA", float(rng.integers(1, 400)), None)
        for store in range(40)
        for sku in ("g1", "b1")
    ]
    values, stores = (_run(rows)[name] for name in ("values", "stores"))
    assert (values["half_a"] + values["half_b"] - values["value"]).abs().max() < 1e-9
    assert 0.4 < values["half_a"].sum() / values["value"].sum() < 0.6
    assert stores["noise"].null_count() == 0
    assert _run(rows[::-1])["values"].equals(values)


def test_holdout_by_time_without_time_names_the_key() -> None:
    with pytest.raises(ConfigError, match=r"preprocess\.holdout=time"):
        _run([("1", "g1", "TEA", 1.0, None)], holdout="time")


def test_too_large_a_share_of_faults_names_counts_and_key() -> None:
    rows: list[Row] = [("1", "g1", "TEA", 1.0, 1), ("1", "g1", "TEA", -1.0, 1)]
    with pytest.raises(
        DataError, match=r"1 of 2 rows .*preprocess.max_quarantined_share=0.1"
    ) as caught:
        _run(rows, max_quarantined_share=0.1)
    assert caught.value.details == ("1 row: total_sales_negative",)


def test_quarantine_keeps_as_many_rows_as_allowed_but_counts_all() -> None:
    result = _run(
        [("1", "g1", "TEA", 1.0, 1), *[("1", "g1", "TEA", -1.0, 1)] * 5], quarantine_rows=2
    )
    assert result["quarantine"].height == 2
    assert _outcomes(result, "sales")["total_sales_negative"] == 5


def test_sampled_stores_leave_the_others_counted() -> None:
    rows: list[Row] = [(str(n), "g1", "TEA", 1.0, 1) for n in range(10)]
    result = _run(rows, sample_stores=4)
    assert result["stores"].height == 4
    assert _outcomes(result, "sales")["not_sampled"] == 6


def test_integer_keys_give_what_text_keys_give() -> None:
    rows = pl.DataFrame(
        {"store_nbr": [12, 7, 12], "sku_nbr": [5, 5, 6], "total_sales": [1.0, 2.0, 4.0]}
    )
    common = [pl.lit("TEA").alias("category"), pl.lit(1, pl.Int32).alias("period")]
    need = pl.DataFrame(
        {"sku_nbr": ["5", "6"], "need_state": ["green", "black"], "category": ["TEA", "TEA"]}
    )
    as_integers = preprocess_internal(rows.with_columns(common).lazy(), need, Preprocess(), 1)
    as_text = rows.with_columns(pl.col("store_nbr", "sku_nbr").cast(pl.String), *common)
    for name, frame in preprocess_internal(as_text.lazy(), need, Preprocess(), 1).items():
        kept = [column for column in frame.columns if not column.startswith("half")]
        assert frame.select(kept).equals(as_integers[name].select(kept))


rows_ = st.lists(
    st.tuples(
        st.sampled_from(["1", "02", "3", None]),
        st.sampled_from(["g1", "b1", "x", "e", "odd", None]),
        st.sampled_from(["TEA", "COFFEE", None]),
        st.one_of(st.none(), st.floats(-5, 1e6, width=32), st.just(0.0)),
        st.sampled_from([1, 2, 3, None]),
    ),
    max_size=30,
).map(lambda rows: [*rows, ("1", "g1", "TEA", 2.0, 1)])


@settings(max_examples=60, deadline=None)
@given(rows_, st.randoms(use_true_random=False))
def test_no_row_is_lost_and_order_does_not_matter(rows: list[Row], random: Any) -> None:
    result = _run(rows)
    for outcomes in (_outcomes(result, name) for name in ("sales", "need_states")):
        assert outcomes.pop("read") == sum(outcomes.values())
    total = sum(row[3] for row in rows if _is_good(row))
    assert sum(_values(result).values()) == pytest.approx(total, abs=1e-3 * max(len(rows), 1))
    shuffled = list(rows)
    random.shuffle(shuffled)
    again = _run(shuffled)
    assert all(result[name].equals(again[name]) for name in ("values", "stores", "reconciliation"))


@settings(max_examples=40, deadline=None)
@given(rows_)
def test_dense_and_packed_sums_agree_and_every_valid_store_is_there(rows: list[Row]) -> None:
    from clustering.methods.aggregation import totals

    dense = _run(rows)
    fits, totals.DenseTotals.fits = (
        totals.DenseTotals.fits,
        lambda self, stores, cells, budget: False,
    )  # type: ignore[method-assign]
    try:
        packed = _run(rows)
    finally:
        totals.DenseTotals.fits = fits  # type: ignore[method-assign]
    assert all(dense[name].equals(packed[name]) for name in dense)
    entered = {
        (row[2] or ("COFFEE" if row[1] == "e" else "TEA"), row[0]) for row in rows if _is_good(row)
    }
    assert set(dense["stores"].select("category", "store_nbr").iter_rows()) == entered


def _is_good(row: Row) -> bool:
    return (
        row[0] is not None
        and row[1] in ("g1", "b1", "x", "e")
        and row[3] is not None
        and row[3] >= 0
    )


@settings(max_examples=30, deadline=None)
@given(rows_)
def test_shares_of_a_store_sum_to_one(rows: list[Row]) -> None:
    values, stores = (_run(rows)[name] for name in ("values", "stores"))
    shares = (
        values.join(stores, on=["category", "store_nbr"])
        .group_by("category", "store_nbr")
        .agg((pl.col("value") / pl.col("sales")).sum().alias("total"))
    )
    assert ((shares["total"] - 1).abs() < 1e-9).all()


def test_budget_too_small_for_an_array_changes_no_table() -> None:
    rows: list[Row] = [(str(n % 300), f"s{n % 150}", "TEA", 1.25 * n, n % 7) for n in range(2_000)]
    need_states = [(f"s{n}", f"state {n}", "TEA") for n in range(150)]
    packed, dense = (_run(rows, need_states, dense_budget_mb=budget) for budget in (1, 512))
    assert all(packed[name].equals(dense[name]) for name in dense)


def test_share_of_faults_at_the_limit_is_allowed() -> None:
    rows: list[Row] = [("1", "g1", "TEA", 1.0, 1), ("1", "g1", "TEA", -1.0, 1)]
    assert _outcomes(_run(rows, max_quarantined_share=0.5), "sales")["used"] == 1


def test_faulty_map_counts_against_the_limit_too() -> None:
    with pytest.raises(
        DataError, match=r"need_states: 1 of 6 rows .*preprocess\.max_quarantined_share"
    ):
        _run(
            [("1", "g1", "TEA", 1.0, 1)], [*MAP, (None, "green", "TEA")], max_quarantined_share=0.1
        )


def test_stores_left_out_of_a_sample_are_no_faults() -> None:
    rows: list[Row] = [(str(n), "g1", "TEA", 1.0, 1) for n in range(10)]
    assert _run(rows, sample_stores=2, max_quarantined_share=0.0)["stores"].height == 2


def test_no_usable_row_is_an_error_that_says_where_the_rows_went() -> None:
    with pytest.raises(DataError, match="no sales row is usable") as caught:
        _run([("1", "g1", "TEA", -1.0, 1)])
    assert "sales: 1 row total_sales_negative" in caught.value.details


def test_quarantined_row_keeps_its_cells() -> None:
    row = _run([("1", "g1", "TEA", 1.0, 1), ("007", "g1", "TEA", -2.5, 1)])["quarantine"].row(
        0, named=True
    )
    assert (row["rule"], row["store_nbr"], row["sku_nbr"], row["category"], row["total_sales"]) == (
        "total_sales_negative",
        "007",
        "g1",
        "TEA",
        -2.5,
    )


def test_faults_of_the_map_are_listed_in_the_same_order_every_time() -> None:
    faulty = [*MAP, (None, "green", "TEA"), ("n", None, "TEA"), ("g1", "green", "TEA")]
    outcomes = [
        list(_outcomes(_run([("1", "g1", "TEA", 1.0, 1)], faulty), "need_states"))
        for _ in range(20)
    ]
    assert outcomes == [["read", "used", "duplicate", "need_state_null", "sku_nbr_null"]] * 20


@pytest.mark.parametrize(
    ("periods", "changed", "covers"),
    [
        ([3, 1, 52], {}, ["1 to 52"]),
        ([3, 1, 52], {"holdout": "random"}, ["1 to 52"]),
        ([3, 1, 52], {"first_period": "2"}, ["2 to 52"]),
        ([17_168, 17_531], {}, ["2017-01-02 to 2017-12-31"]),
        ([None, None], {}, []),
    ],
)
def test_the_period_that_counts_is_recorded(periods, changed, covers):
    rows: list[Row] = [("1", "g1", "TEA", 2.0, period) for period in periods]
    columns = _run(rows, **changed)["columns"].filter(action="covers")
    assert columns["reason"].to_list() == covers


def test_a_category_of_the_map_that_no_sales_have_may_hold_needless_blanks() -> None:
    rows: list[Row] = [("1", "g1", "TEA", 2.0, 1)]
    found = _run(rows, [*MAP, ("c", "candles", "CHRISTMAS  SEASONAL")])
    assert _values(found) == {("TEA", "1", "green"): 2.0}
