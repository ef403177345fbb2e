"""The panel keeps its real faults: what is missing in it is counted, not repaired."""

from __future__ import annotations

import polars as pl
import pytest

from clustering.config import Preprocess, Source
from clustering.io.sources.complete_journey import CompleteJourney
from clustering.stages.preprocess_external import preprocess_external
from clustering.stages.preprocess_internal import preprocess_internal

Tables = dict[str, pl.DataFrame]


@pytest.fixture(scope="module")
def attributes() -> Tables:
    return CompleteJourney(Source()).external()


@pytest.fixture(scope="module")
def internal() -> Tables:
    panel = CompleteJourney(Source())
    return preprocess_internal(panel.sales(), panel.need_states(), Preprocess(), 1)


@pytest.fixture(scope="module")
def external(attributes: Tables) -> Tables:
    return preprocess_external(attributes, Preprocess(), 1)


def test_external_track_has_attributes_enough_for_stores_enough(external: Tables) -> None:
    assert external["values"]["feature"].n_unique() >= 15
    assert external["stores"].height > 400


def test_stores_without_surveyed_households_have_gaps(attributes: Tables, external: Tables) -> None:
    surveyed = attributes["shoppers"].drop_nulls("mean_age").height
    assert 0 < surveyed < external["stores"].height
    assert external["values"].filter(pl.col("feature") == "mean_age").height == surveyed


def test_attributes_known_for_few_stores_are_dropped_and_reported(external: Tables) -> None:
    dropped = external["columns"].filter(pl.col("action") == "dropped")
    assert set(dropped["column"]) == {"offer_count", "share_displayed", "share_mailed"}
    assert dropped["reason"].str.contains("max_null_share").all()


def test_each_file_of_attributes_has_one_sorted_row_per_store(attributes: Tables) -> None:
    for frame in attributes.values():
        assert frame["store_nbr"].to_list() == sorted(set(frame["store_nbr"]))


def test_no_attribute_is_infinite_or_nan(attributes: Tables) -> None:
    for frame in attributes.values():
        assert frame.select(pl.col(pl.Float64).is_finite().all()).row(0) == (True,) * (
            frame.width - 1
        )


def test_shares_lie_between_zero_and_one(attributes: Tables) -> None:
    shares = [
        frame[name].drop_nulls()
        for frame in attributes.values()
        for name in frame.columns
        if "share_" in name
    ]
    assert all(share.is_between(0, 1).all() for share in shares)


def test_rows_without_need_state_or_category_are_counted(internal: Tables) -> None:
    rows = internal["reconciliation"].filter(pl.col("input") == "sales")
    outcomes = dict(rows.select("outcome", "rows").iter_rows())
    assert (
        min(
            outcomes[rule] for rule in ("sku_not_in_map", "sku_without_need_state", "category_null")
        )
        > 0
    )
    assert outcomes.pop("read") == sum(outcomes.values()) == 1_469_307


def test_products_without_a_type_are_counted_in_the_map(internal: Tables) -> None:
    untyped = CompleteJourney(Source()).need_states()["need_state"].null_count()
    row = internal["reconciliation"].filter(
        (pl.col("input") == "need_states") & (pl.col("outcome") == "need_state_null")
    )
    assert row["rows"].to_list() == [untyped]


def test_attributes_are_the_same_bits_whatever_order_the_threads_add_in(attributes: Tables) -> None:
    again = CompleteJourney(Source(name="complete_journey")).external()
    assert all(again[name].equals(table) for name, table in attributes.items())
