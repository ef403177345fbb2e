"""Totals among the rows, shares instead of sales, categories that are missing: found and said."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from clustering.config import Features, Preprocess
from clustering.errors import DataError
from clustering.schemas import TABLES
from clustering.stages.features import features
from clustering.stages.preprocess_external import preprocess_external
from clustering.stages.preprocess_internal import preprocess_internal

Row = tuple[str, str, str | None, float, int | None]
KINDS = {
    "store_nbr": pl.String,
    "sku_nbr": pl.String,
    "category": pl.String,
    "total_sales": pl.Float64,
    "period": pl.Int32,
}
MAP = [("g", "green", "TEA"), ("b", "black", "TEA"), ("e", "espresso", "COFFEE")]
# six stores, five weeks, two SKUs
ROWS: list[Row] = [
    (str(store), sku, "TEA", float(10 * store + week + (sku == "g")), week)
    for store in range(1, 7)
    for week in range(1, 6)
    for sku in ("g", "b")
]


def _run(
    rows: list[Row], need_states: list[tuple[Any, ...]] | None = None, **changed: Any
) -> dict[str, pl.DataFrame]:
    names = ("sku_nbr", "need_state", "category")
    need = pl.DataFrame(need_states or MAP, schema=dict.fromkeys(names, pl.String), orient="row")
    sales = pl.DataFrame(rows, schema=KINDS, orient="row")
    result = preprocess_internal(sales.lazy(), need, Preprocess(**changed), 1)
    for name, frame in result.items():
        TABLES["preprocess"][name].validate(frame, cast=True)
    return result


def _found(result: dict[str, pl.DataFrame]) -> dict[str, str]:
    return dict(result["findings"].select("finding", "text").iter_rows())


def _outcome(result: dict[str, pl.DataFrame], outcome: str) -> tuple[int, float]:
    rows = result["reconciliation"].filter(input="sales", outcome=outcome)
    return rows.select("rows", "sales").row(0)


def _total(name: str) -> list[Row]:
    sums = pl.DataFrame(ROWS, schema=KINDS, orient="row").group_by("sku_nbr", "period")
    return [
        (name, sku, "TEA", total, period)
        for sku, period, total in sums.agg(pl.col("total_sales").sum()).iter_rows()
    ]


@pytest.mark.parametrize("name", ["Grand Total", "TOTAL", "Gesamtsumme", "all stores", "9999"])
def test_store_that_is_a_total_is_set_aside(name: str) -> None:
    result, clean = _run([*ROWS, *_total(name)]), _run(ROWS)
    assert result["values"].equals(clean["values"])
    assert result["stores"].equals(clean["stores"])
    assert _outcome(result, "store_is_a_total") == (10, clean["values"]["value"].sum())
    assert _outcome(result, "used") == _outcome(clean, "used")
    assert name in _found(result)["store_is_a_total"]


def test_totals_are_kept_or_refused_on_request() -> None:
    rows = [*ROWS, *_total("Total")]
    assert "Total" in _run(rows, totals="keep")["stores"]["store_nbr"].to_list()
    with pytest.raises(DataError, match=r"store Total is a total.*preprocess\.totals=drop"):
        _run(rows, totals="error")


def _weekly_total(week: int) -> list[Row]:
    sums = pl.DataFrame(ROWS, schema=KINDS, orient="row").group_by("store_nbr", "sku_nbr")
    return [
        (store, sku, "TEA", total, week)
        for store, sku, total in sums.agg(pl.col("total_sales").sum()).iter_rows()
    ]


def test_period_that_is_the_sum_of_the_others_is_set_aside() -> None:
    result, clean = _run([*ROWS, *_weekly_total(99)]), _run(ROWS)
    assert result["values"].equals(clean["values"])
    assert _outcome(result, "period_is_a_total") == (12, clean["values"]["value"].sum())
    assert "period 99" in _found(result)["period_is_a_total"]
    with pytest.raises(DataError, match="period 99"):
        _run([*ROWS, *_weekly_total(99)], totals="error")


def test_clean_sales_are_not_suspected() -> None:
    assert _run(ROWS)["findings"].is_empty()


def test_category_is_all_where_none_is_named() -> None:
    rows = [(store, sku, None, sales, week) for store, sku, _, sales, week in ROWS]
    result = _run(rows, [("g", "green", None), ("b", "black", None)])
    assert result["stores"]["category"].unique().to_list() == ["ALL"]
    assert "ALL" in _found(result)["no_category"]


def test_need_states_of_a_sku_do_not_leak_into_another_category() -> None:
    need_states = [("x", "green", "TEA"), ("x", "arabica", "COFFEE"), ("x", "gift", None)]
    rows: list[Row] = [("1", "x", "TEA", 4.0, 1), ("1", "x", "COFFEE", 2.0, 1)]
    values = _run(rows, need_states)["values"].select("category", "feature", "value")
    assert set(values.iter_rows()) == {
        ("TEA", "green", 2.0),
        ("TEA", "gift", 2.0),
        ("COFFEE", "arabica", 1.0),
        ("COFFEE", "gift", 1.0),
    }


def test_sku_of_several_categories_counts_in_the_first_where_the_sales_name_none() -> None:
    need_states = [("x", "green", "TEA"), ("x", "arabica", "COFFEE")]
    result = _run([("1", "x", None, 4.0, 1)], need_states)
    assert result["values"].select("category", "feature").row(0) == ("COFFEE", "arabica")
    assert "x" in _found(result)["sku_in_several_categories"]


def test_sku_that_is_used_again_is_named_with_its_sales() -> None:
    again: list[Row] = [("1", "g", "COFFEE", 1234.5, 5), ("2", "g", "COFFEE", 1000.0, 5)]
    result = _run([*ROWS, *again, ("1", "b", "MILK", 7.0, 5)])
    finding = result["findings"].filter(finding="category_differs_from_map")
    assert finding.select("rows", "sales").row(0) == (3, 2241.5)
    assert "Most sales: g in COFFEE (2,234), b in MILK (7)" in finding["text"][0]


def test_skus_with_several_need_states_are_named() -> None:
    result = _run(ROWS, [*MAP, ("b", "spiced", "TEA")])
    assert _found(result)["sku_in_several_need_states"].endswith("share their sales equally: b")


def test_shares_of_which_parts_are_missing_are_told() -> None:
    rows: list[Row] = [
        (str(store), sku, "TEA", share, None)
        for store in range(1, 13)
        for sku, share in (("g", 40.0 + store), ("b", 57.0 - 2 * store))
    ]
    assert "shares of which parts are missing" in _found(_run(rows))["partial_shares"]


def test_shares_have_no_sampling_noise_and_no_halves() -> None:
    rows: list[Row] = [
        (str(store), sku, "TEA", share, None)
        for store in range(1, 9)
        for sku, share in (("g", 40.0 + store), ("b", 60.0 - store))
    ]
    result = _run(rows)
    assert result["stores"]["history"].unique().to_list() == ["enough"]
    assert result["values"]["half_a"].null_count() == result["values"].height
    assert "TEA" in _found(result)["shares"]
    matrix = features(result["values"], result["stores"], Features(), 1)["matrix"]
    assert matrix["information"].null_count() == matrix.height
    assert matrix["is_fitted"].sum() >= 7


def test_need_states_of_one_half_only_are_warned_about() -> None:
    rows: list[Row] = [
        (str(store), "g" if week < 3 else "b", "TEA", 5.0 + store, week)
        for store in range(1, 7)
        for week in range(1, 5)
    ]
    assert "black" in _found(_run(rows))["one_half_only"]


def test_skus_without_a_need_state_are_named_by_sales() -> None:
    result = _run([*ROWS, ("1", "new", "TEA", 7000.0, 1), ("1", "old", "TEA", 1.0, 1)])
    assert "new (7,000), old (1)" in _found(result)["sku_not_in_map"]


def test_window_that_leaves_nothing_names_its_settings() -> None:
    with pytest.raises(DataError, match=r"preprocess\.first_period=80"):
        _run(ROWS, first_period="80", last_period="90")


def test_total_among_the_attributes_is_set_aside() -> None:
    external = pl.DataFrame(
        {"store_nbr": ["1", "2", "3", "Grand Total"], "income": [1.0, 2.0, 4.0, 7.0]}
    )
    result = preprocess_external({"a.csv": external}, Preprocess(), 1)
    assert result["stores"]["store_nbr"].to_list() == ["1", "2", "3"]
    assert "Grand Total" in result["findings"]["text"][0]


def test_attribute_too_large_to_compute_with_is_named() -> None:
    external = pl.DataFrame({"store_nbr": ["1", "2", "3"], "income": [1.0, 2.0, 1e100]})
    with pytest.raises(DataError, match=r"attribute income is 1e\+100 for store 3"):
        preprocess_external({"a.csv": external}, Preprocess(), 1)


@pytest.mark.parametrize("transform", ["alr", "ilr"])
@pytest.mark.parametrize("scale", ["none", "quantile"])
def test_log_ratios_work_with_one_need_state(transform: str, scale: str) -> None:
    result = _run([row for row in ROWS if row[1] == "g"])
    settings = Features(transform=transform, scale=scale)
    matrix = features(result["values"], result["stores"], settings, 1)["matrix"]
    assert matrix["components"].to_list() == [[0.0]] * 6
