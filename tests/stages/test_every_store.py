"""Stores in = stores out, in every category, whatever is missing."""

from __future__ import annotations

from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from clustering.config import Assign, Baseline, Caps, Features, Merge, Overrides, Preprocess, Select
from clustering.methods import models
from clustering.stages.assign import assign
from clustering.stages.features import features
from clustering.stages.merge import merge
from clustering.stages.preprocess_external import preprocess_external
from clustering.stages.preprocess_internal import preprocess_internal
from clustering.stages.train import train

CATEGORIES, STATES = ("ALE", "TEA"), ("green", "black", "white")
STORES = [f"{number:02d}" for number in range(14)]
MAP = pl.DataFrame(
    {
        "sku_nbr": [f"{category} {state}" for category in CATEGORIES for state in STATES],
        "need_state": [state for _ in CATEGORIES for state in STATES],
        "category": [category for category in CATEGORIES for _ in STATES],
    }
)
PLAIN = Features(transform="none", impute="median", scale="standard", outliers="none")
GMM = models.family("gmm").Settings(k_max=3)
# what a store sells in a category: nothing at all, rows of zero, little, much
SELLS = st.sampled_from(["absent", "zero", "little", "much"])


def _sales(sells: dict[tuple[str, str], str]) -> pl.DataFrame:
    rows = [
        (store, f"{category} {state}", category, _amount(how, number, place), 1)
        for number, ((store, category), how) in enumerate(sells.items())
        for place, state in enumerate(STATES)
        if how != "absent"
    ]
    names = {
        "store_nbr": pl.String,
        "sku_nbr": pl.String,
        "category": pl.String,
        "total_sales": pl.Float64,
        "period": pl.Int32,
    }
    return pl.DataFrame(rows, schema=names, orient="row")


def _amount(how: str, number: int, place: int) -> float:
    return {"zero": 0.0, "little": 1.0 + place}.get(how, 10.0 + (7 * number + 3 * place) % 11)


def _track(made: dict[str, pl.DataFrame], how: Features) -> tuple[pl.DataFrame, dict[str, Any]]:
    """The matrix and the models of all categories."""
    matrices, found = [], {}
    for (category,), stores in made["stores"].partition_by("category", as_dict=True).items():
        values = made["values"].filter(category=category)
        one = features(values, stores, how, 1)
        matrices.append(one["matrix"])
        fitted = train(
            values, stores, one["matrix"], one["transformers"], how, GMM, Select(), Caps(), 1
        )
        found[str(category)] = fitted["models"]
    return pl.concat(matrices), found


@settings(max_examples=12, deadline=None)
@given(
    sells=st.lists(SELLS, min_size=28, max_size=28),
    known=st.lists(st.booleans(), min_size=14, max_size=14),
)
def test_every_store_of_any_input_ends_in_every_category(
    sells: list[str], known: list[bool]
) -> None:
    pairs = [(store, category) for category in CATEGORIES for store in STORES]
    sales = _sales(dict(zip(pairs, [*sells[:-2], "much", "much"], strict=True)))
    present = [store for store, is_known in zip(STORES, known, strict=True) if is_known]
    incomes = [10.0 * int(store) + 5 for store in present]
    surroundings = pl.DataFrame(
        {"store_nbr": present, "income": incomes},
        schema={"store_nbr": pl.String, "income": pl.Float64},
    )
    both = surroundings.height > 1
    inside = preprocess_internal(sales.lazy(), MAP, Preprocess(min_sales_rows=0), 1)
    matrix, fitted = _track(inside, Features())
    outside: dict[str, Any] = dict.fromkeys(("values", "stores", "assignments", "matrix"))
    if both:
        outside |= preprocess_external({"a.csv": surroundings}, Preprocess(), 1)
        outside["matrix"], models_of_all = _track(outside, PLAIN)
        outside |= assign(
            outside["stores"], outside["matrix"], models_of_all, Assign(), Caps(), Baseline(), 1
        )
    internal = assign(
        inside["stores"],
        matrix,
        fitted,
        Assign(),
        Caps(),
        Baseline(),
        1,
        attributes=outside["values"],
        attribute_stores=outside["stores"],
    )["assignments"]
    merged = merge(
        internal,
        outside["assignments"],
        matrix,
        outside["matrix"],
        Merge(),
        Caps(),
        Overrides(),
        1,
        inside["values"],
        inside["stores"],
        outside["values"],
    )["assignments"]
    stores = {*sales["store_nbr"], *(surroundings["store_nbr"] if both else ())}
    categories = set(sales["category"])
    ended = merged.select("category", "store_nbr").rows()
    assert sorted(ended) == sorted((c, s) for c in categories for s in stores)
    assert merged["final_cluster"].null_count() == 0
    positive = set(sales.filter(pl.col("total_sales") > 0).select("category", "store_nbr").rows())
    sold = merged.filter(pl.col("status").is_in(["both", "internal_only"]))
    assert set(sold.select("category", "store_nbr").rows()) == positive
