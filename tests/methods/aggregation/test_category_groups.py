"""Categories that are clustered as one."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from clustering.config import Preprocess
from clustering.errors import ConfigError
from clustering.methods import models
from clustering.methods.aggregation.category_groups import grouped
from clustering.methods.selection.agreement import adjusted_rand_index
from tests.quality.planted_tables import MIX, Tables, outcome

MAP = pl.Series("category", ["MILK", "CHEESE", "TEA", "SALT"])


def _tables() -> Tables:
    rows = [
        ("CHEESE", "1", "blue", 4.0),
        ("CHEESE", "2", "brie", 5.0),
        ("MILK", "1", "oat", 1.0),
        ("MILK", "1", "skim", 2.0),
        ("TEA", "1", "green", 7.0),
    ]
    values = pl.DataFrame(rows, ["category", "store_nbr", "feature", "value"], orient="row")
    values = values.with_columns(
        level=pl.lit(None, pl.String), half_a=pl.col("value") - 1, half_b=pl.lit(1.0)
    )
    stores = (
        values.group_by("category", "store_nbr")
        .agg(sales=pl.col("value").sum())
        .with_columns(
            sales_rows=pl.lit(6, pl.Int64), history=pl.lit("poor"), noise=pl.lit(None, pl.Float64)
        )
    )
    return values, stores


def _grouped(groups: dict[str, list[str]], by: str = "need_state") -> Tables:
    return grouped(*_tables(), Preprocess(group_categories=groups, group_by=by), MAP)


def test_need_states_keep_the_name_of_their_category() -> None:
    values, stores = _grouped({"DAIRY": ["MILK", "CHEESE"]})
    assert values.select("category", "store_nbr", "feature", "value").rows() == [
        ("DAIRY", "1", "CHEESE / blue", 4.0),
        ("DAIRY", "1", "MILK / oat", 1.0),
        ("DAIRY", "1", "MILK / skim", 2.0),
        ("DAIRY", "2", "CHEESE / brie", 5.0),
        ("TEA", "1", "green", 7.0),
    ]
    # together the store has the 10 rows that make enough history
    assert stores.select("category", "store_nbr", "sales", "sales_rows", "history").rows() == [
        ("DAIRY", "1", 7.0, 12, "enough"),
        ("DAIRY", "2", 5.0, 6, "poor"),
        ("TEA", "1", 7.0, 6, "poor"),
    ]


def test_categories_can_be_the_need_states() -> None:
    values, _ = _grouped({"ALL": ["*"]}, "category")
    assert values.select("category", "store_nbr", "feature", "value", "half_a").rows() == [
        ("ALL", "1", "CHEESE", 4.0, 3.0),
        ("ALL", "1", "MILK", 3.0, 1.0),
        ("ALL", "1", "TEA", 7.0, 6.0),
        ("ALL", "2", "CHEESE", 5.0, 4.0),
    ]


def test_a_star_is_all_that_no_group_names() -> None:
    values, _ = _grouped({"DAIRY": ["MILK"], "REST": ["*"]})
    assert values["category"].unique().sort().to_list() == ["DAIRY", "REST"]


def test_a_category_without_sales_is_no_mistake_but_an_unknown_one_is() -> None:
    _grouped({"DAIRY": ["MILK", "SALT"]})
    with pytest.raises(ConfigError) as told:
        _grouped({"DAIRY": ["MILKS", "TEA"], "OTHER": ["TEA"]})
    assert [told.value.message, *told.value.details] == [
        "preprocess.group_categories: no category MILKS, did you mean 'MILK'?",
        "preprocess.group_categories: TEA is in two groups",
    ]


def _one_hidden_type(stores: int = 150, types: int = 3) -> tuple[Tables, np.ndarray]:
    """Ten categories; the type of a store decides how much it sells of each and of which need
    states.
    """
    rng = np.random.default_rng(11)
    labels = rng.integers(0, types, stores)
    sizes = rng.dirichlet(np.full(10, 8.0), types)[labels] * rng.lognormal(7.5, 0.4, (stores, 1))
    values, totals = [], []
    for number, category in enumerate("ABCDEFGHIJ"):
        means = rng.dirichlet(np.full(6, 4.0), types)[labels]
        mixes = np.array([rng.dirichlet(90 * mean) for mean in means])
        halves = [rng.poisson(mixes * sizes[:, number, None] / 2).astype(float) for _ in "ab"]
        for store in range(stores):
            for state in range(6):
                a, b = halves[0][store, state], halves[1][store, state]
                values.append((category, f"{store:03d}", f"need {state}", a + b, a, b))
        sold = sum(halves).sum(axis=1)
        totals += [(category, f"{store:03d}", sold[store], 99) for store in range(stores)]
    columns = ["category", "store_nbr", "feature", "value", "half_a", "half_b"]
    of_values = pl.DataFrame(values, columns, orient="row").filter(pl.col("value") > 0)
    of_stores = pl.DataFrame(
        totals, ["category", "store_nbr", "sales", "sales_rows"], orient="row"
    ).with_columns(history=pl.lit("enough"), noise=pl.lit(None, pl.Float64))
    return (of_values.with_columns(level=pl.lit(None, pl.String)), of_stores), labels


@pytest.mark.parametrize("by", ["need_state", "category"])
def test_whole_stores_of_one_hidden_type_are_found(by: str) -> None:
    tables, labels = _one_hidden_type()
    together = grouped(*tables, Preprocess(group_categories={"ALL": ["*"]}, group_by=by), MAP)
    found = outcome(together, MIX, models.family("gmm").Settings(k_min=2))
    assert adjusted_rand_index(found.labels, labels) >= 0.9
