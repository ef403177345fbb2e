"""Plans are shared out over categories by what each brings."""

from __future__ import annotations

import polars as pl
import pytest

from clustering.errors import ConfigError
from clustering.results.budget import Budget, shared_out

# sales 1000 in each category; TEA's third plan brings more than its second
CURVES = {"CHEESE": [0.0, 50.0, 80.0, 90.0], "TEA": [0.0, 10.0, 60.0], "SALT": [0.0, -5.0]}
SUMMARY = pl.DataFrame({"category": ["CHEESE", "TEA", "SALT", "RARE"], "final_k": [4, 3, 2, 1]})


def _shared(plans: int | None) -> Budget:
    rows = [
        (category, number, worth / 1000, 0.002, worth)
        for category, curve in CURVES.items()
        for number, worth in enumerate(curve, 1)
    ]
    columns = ["category", "plans", "gain", "standard_error", "gain_in_sales"]
    by_plans = pl.DataFrame(rows, schema=columns, orient="row")
    return shared_out(by_plans, SUMMARY, plans)


def _plans(found: Budget) -> dict[str, int]:
    return dict(found.table.select("category", "plans").iter_rows())


def test_every_plan_goes_where_it_brings_the_most() -> None:
    # CHEESE's second plan brings 50; then its third 30 and TEA's next two 30 each
    assert _plans(_shared(5)) == {"CHEESE": 2, "TEA": 1, "SALT": 1, "RARE": 1}
    assert _plans(_shared(6)) == {"CHEESE": 3, "TEA": 1, "SALT": 1, "RARE": 1}
    assert _plans(_shared(8)) == {"CHEESE": 3, "TEA": 3, "SALT": 1, "RARE": 1}


def test_with_all_plans_no_worth_is_lost_and_none_is_wasted() -> None:
    found = _shared(None)
    assert _plans(found) == {"CHEESE": 4, "TEA": 3, "SALT": 1, "RARE": 1}
    row = found.table.filter(category="SALT").row(0, named=True)
    assert (row["plans_now"], row["worth_now"], row["worth"]) == (2, -5.0, 0.0)
    assert found.table["worth"].sum() == 150.0
    assert found.caps == {"SALT": {"caps.max_clusters": 1}}


def test_the_worth_of_every_number_of_plans() -> None:
    curve = _shared(5).curve
    assert curve["plans"].to_list() == [4, 5, 6, 8, 9]
    assert curve["worth"].to_list() == [0.0, 50.0, 80.0, 140.0, 150.0]


def test_errors_are_in_the_unit_of_sales_and_the_last_plan_is_told() -> None:
    row = _shared(6).table.filter(category="CHEESE").row(0, named=True)
    assert row["standard_error"] == pytest.approx(2.0)
    assert row["last_plan"] == pytest.approx(30.0)


def test_a_category_without_measured_worth_keeps_its_plans() -> None:
    row = _shared(None).table.filter(category="RARE").row(0, named=True)
    assert (row["plans_now"], row["plans"], row["worth"]) == (1, 1, None)


def test_fewer_plans_than_categories_are_refused() -> None:
    with pytest.raises(ConfigError, match="--budget 3: too few for 4 categories; use 4-10"):
        _shared(3)
