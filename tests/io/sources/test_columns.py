"""A user's columns are found by accepted names, by case-blind match, or by what the configuration
says.
"""

from __future__ import annotations

import pytest

from clustering.config import Columns
from clustering.errors import DataError
from clustering.io.sources.columns import resolve


@pytest.mark.parametrize("sku", ["sku_nbr", "SKU_NBR", "PRODUCT_ID", "Product_Id", " sku_nbr "])
def test_accepted_names_match_without_regard_to_case(sku: str) -> None:
    assert resolve("file", [sku, "OTHER"], ["sku_nbr"], [], Columns()) == {"sku_nbr": sku}


def test_absent_optional_column_is_left_out() -> None:
    assert resolve("file", ["STORE_NBR"], ["store_nbr"], ["week"], Columns()) == {
        "store_nbr": "STORE_NBR"
    }


def test_present_optional_column_is_found() -> None:
    found = resolve(
        "file", ["STORE_NBR", "CAT_DSC"], ["store_nbr"], ["category", "date"], Columns()
    )
    assert found == {"store_nbr": "STORE_NBR", "category": "CAT_DSC"}


def test_column_named_by_the_user_wins_over_the_accepted_name() -> None:
    chosen = Columns(store_nbr="Outlet")
    assert resolve("file", ["STORE_NBR", "Outlet"], ["store_nbr"], [], chosen) == {
        "store_nbr": "Outlet"
    }


def test_column_named_by_the_user_must_match_exactly() -> None:
    with pytest.raises(DataError, match="file: no column Outlet, did you mean 'outlet'"):
        resolve("file", ["outlet"], ["store_nbr"], [], Columns(store_nbr="Outlet"))


def test_optional_column_that_the_user_named_must_be_there() -> None:
    with pytest.raises(DataError, match=r"no column Woche.*source\.columns\.week"):
        resolve("file", ["STORE_NBR"], ["store_nbr"], ["week"], Columns(week="Woche"))


def test_two_fitting_columns_ask_for_a_choice() -> None:
    with pytest.raises(
        DataError, match=r"both SKU_NBR and PRODUCT_ID fit; set source\.columns\.sku_nbr"
    ):
        resolve("file", ["SKU_NBR", "PRODUCT_ID"], ["sku_nbr"], [], Columns())


def test_every_problem_is_told_at_once_with_the_columns_there() -> None:
    with pytest.raises(DataError) as caught:
        resolve(
            "file", ["CATEGORY", "CAT_DSC"], ["store_nbr", "total_sales"], ["category"], Columns()
        )
    told = (caught.value.message, *caught.value.details)
    assert len(told) == 4
    assert all(
        key in line
        for key, line in zip(("store_nbr", "total_sales", "category"), told, strict=False)
    )
    assert told[-1] == "columns there: CATEGORY, CAT_DSC"
