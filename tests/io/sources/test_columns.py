"""How a user's columns are found."""

from __future__ import annotations

import pytest

from clustering.config import ColumnNames, Columns
from clustering.io.sources.columns import MissingColumns, names_of, proposal, resolve


@pytest.mark.parametrize(
    "store", ["store_nbr", "STORE_NBR", "Store Nbr", "store-nbr", "StoreNbr", " store_nbr "]
)
def test_case_blanks_underscores_and_hyphens_do_not_matter(store: str) -> None:
    assert resolve("file", [store, "OTHER"], "external", {}) == {"store_nbr": store}


def test_two_columns_for_one_role_are_refused() -> None:
    with pytest.raises(MissingColumns, match="both STORE_NBR and Store Nbr fit"):
        resolve("file", ["STORE_NBR", "Store Nbr"], "external", {})


def test_the_name_that_is_set_wins() -> None:
    found = resolve("file", ["STORE_NBR", "Shop"], "external", {"store_nbr": "shop"})
    assert found == {"store_nbr": "Shop"}


def test_a_file_s_own_names_go_before_its_input_s_and_those_before_all() -> None:
    columns = Columns(
        store_nbr="A", sales=ColumnNames(store_nbr="B"), files={"new": {"store_nbr": "C"}}
    )
    found = [
        names_of(columns, name, path)["store_nbr"]
        for name, path in (("external", "x.csv"), ("sales", "x.csv"), ("sales", "d/new.csv"))
    ]
    assert found == ["A", "B", "C"]


def test_every_missing_column_is_told_with_a_proposal() -> None:
    with pytest.raises(MissingColumns) as caught:
        resolve("s.csv", ["Filiale", "UPC", "Umsatz"], "sales", {})
    assert caught.value.problems == [
        "s.csv: no column STORE_NBR, did you mean 'Filiale'? set "
        "source.columns.sales.store_nbr='Filiale'",
        "s.csv: no column SKU_NBR or PRODUCT_ID, did you mean 'UPC'? set "
        "source.columns.sales.sku_nbr='UPC'",
        "s.csv: no column TOTAL_SALES, did you mean 'Umsatz'? set "
        "source.columns.sales.total_sales='Umsatz'",
    ]


@pytest.mark.parametrize(
    ("role", "present", "expected"),
    [
        ("sku_nbr", ["Item Code", "Store"], "Item Code"),
        ("total_sales", ["Net Sales", "Units"], "Net Sales"),
        ("store_nbr", ["Str Nbr", "x"], "Str Nbr"),
        ("store_nbr", ["foo"], None),
    ],
)
def test_a_column_is_proposed_by_its_name(
    role: str, present: list[str], expected: str | None
) -> None:
    assert proposal(role, present) == expected


def test_optional_columns_are_found_where_they_are() -> None:
    present = ["STORE_NBR", "SKU_NBR", "TOTAL_SALES", "CAT_DSC"]
    roles = ("store_nbr", "sku_nbr", "total_sales", "category")
    found = resolve("file", present, "sales", {})
    assert found == dict(zip(roles, present, strict=True))


def test_optional_column_that_the_user_named_must_be_there() -> None:
    with pytest.raises(MissingColumns, match=r"no column Woche.*source\.columns\.sales\.week"):
        resolve("file", ["STORE_NBR", "SKU_NBR", "TOTAL_SALES"], "sales", {"week": "Woche"})


def test_two_fitting_columns_and_missing_ones_are_told_at_once_with_the_columns_there() -> None:
    with pytest.raises(MissingColumns) as caught:
        resolve("file", ["CATEGORY", "CAT_DSC", "SKU_NBR", "PRODUCT_ID"], "sales", {})
    told = (caught.value.message, *caught.value.details)
    keys = ("store_nbr", "sku_nbr", "total_sales", "category")
    assert all(key in line for key, line in zip(keys, told, strict=False))
    assert told[-1] == "columns there: CATEGORY, CAT_DSC, SKU_NBR, PRODUCT_ID"
