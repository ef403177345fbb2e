"""Columns computed, rows chosen, wide tables, need states without a map: one small case each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from clustering.config import Source
from clustering.errors import ConfigError, DataError
from clustering.io.sources import open_source

LONG = "STORE_NBR,SKU_NBR,QTY,PRICE,CHANNEL,SIZE,FLAVOUR\n"
ROWS = f"""{LONG}007,a,2,1.50,Shop,small,mint
007,b,3,2.00,Web,large,
008,a,1,1.50,Shop,small,mint
"""
WIDE = "Store Nbr;City;0012;0034;Total\n007;Bonn;1,5;2;3,5\n008;Ulm;;4;4\n"


def _source(folder: Path, text: str, **settings: Any) -> Any:
    (folder / "sales.csv").write_text(text)
    given = {"need_states": str(folder / "none.csv"), "external": None} | settings
    return open_source(Source(sales=str(folder / "sales.csv"), **given))


def _sales(source: Any) -> list[tuple[Any, ...]]:
    frame = source.sales().select("store_nbr", "sku_nbr", "total_sales").collect()
    return sorted(frame.rows())


def test_amount_is_quantity_times_price(tmp_path: Path) -> None:
    source = _source(tmp_path, ROWS, derive={"total_sales": "QTY * PRICE"})
    assert _sales(source) == [("007", "a", 3.0), ("007", "b", 6.0), ("008", "a", 1.5)]


def test_sum_of_amounts_in_text_is_a_sum(tmp_path: Path) -> None:
    source = _source(tmp_path, ROWS, derive={"total_sales": "QTY + PRICE"})
    assert [amount for *_, amount in _sales(source)] == [3.5, 5.0, 2.5]


def test_german_numbers_are_computed_with(tmp_path: Path) -> None:
    text = "STORE_NBR;SKU_NBR;Menge;Einzel Preis\n1;a;2;1.031,10 €\n"
    source = _source(tmp_path, text, derive={"total_sales": 'Menge * "Einzel Preis"'})
    assert _sales(source) == [("1", "a", 2062.2)]


def test_keys_are_put_together_as_text(tmp_path: Path) -> None:
    text = "BANNER,NBR,SKU_NBR,TOTAL_SALES\nX,007,a,1\n"
    source = _source(tmp_path, text, derive={"store_nbr": "BANNER || NBR"})
    assert _sales(source) == [("X007", "a", 1.0)]


@pytest.mark.parametrize(
    ("where", "left"),
    [("CHANNEL = 'Shop'", 2), ("QTY >= 2", 2), ("STORE_NBR = '007' AND QTY > 2", 1)],
)
def test_rows_are_chosen_by_a_condition(where: str, left: int, tmp_path: Path) -> None:
    source = _source(tmp_path, ROWS, where=where, derive={"total_sales": "QTY * PRICE"})
    assert len(_sales(source)) == left


@pytest.mark.parametrize(
    ("settings", "kind", "expected"),
    [
        ({"derive": {"total_sales": "QTY * COST"}}, DataError, "COST, which is no column there"),
        ({"derive": {"total_sales": "QTY *"}}, ConfigError, "is not a valid SQL expression"),
        ({"where": "CHANEL = 'x'"}, DataError, "CHANEL, which is no column there"),
        ({"where": "QTY * 2"}, ConfigError, "is not a valid condition"),
        ({"derive": {"total_sales": "CHANNEL * 2"}}, DataError, "cannot be computed"),
    ],
)
def test_what_cannot_be_computed_is_named(
    settings: dict[str, Any], kind: type[Exception], expected: str, tmp_path: Path
) -> None:
    settings = {"derive": {"total_sales": "QTY * PRICE"}} | settings
    with pytest.raises(kind, match=expected):
        _source(tmp_path, ROWS, **settings).sales()


def test_wide_table_becomes_long_without_its_total(tmp_path: Path) -> None:
    source = _source(tmp_path, WIDE, wide="sku_nbr")
    assert _sales(source) == [("007", "0012", 1.5), ("007", "0034", 2.0), ("008", "0034", 4.0)]


def test_column_of_a_wide_table_that_is_no_sku_is_left_out(tmp_path: Path) -> None:
    source = _source(tmp_path, "STORE_NBR,ZIP,0012,0034\n007,53111,1,2\n", wide="sku_nbr")
    assert _sales(source) == [("007", "0012", 1.0), ("007", "0034", 2.0)]
    assert "2 columns are sku_nbr (without ZIP)" in source.readings(["sales"])["reason"][0]


def test_weeks_in_columns_become_periods(tmp_path: Path) -> None:
    text = "STORE_NBR,SKU_NBR,2026-W01,2026-W02\n1,a,5,6\n"
    periods = _source(tmp_path, text, wide="week").sales().collect().sort("period")
    assert periods["total_sales"].to_list() == [5.0, 6.0]
    assert periods["period"].diff().to_list()[1] == 7


def test_need_state_is_a_combination_of_columns_of_the_sales(tmp_path: Path) -> None:
    source = _source(tmp_path, ROWS, need_state_from=["SIZE", "Flavour"])
    assert source.need_states().select("sku_nbr", "need_state").rows() == [
        ("a", "small x mint"),
        ("b", None),
    ]


def test_need_state_is_made_of_a_product_file(tmp_path: Path) -> None:
    products = tmp_path / "products.csv"
    products.write_text("SKU_NBR,CATEGORY,BRAND\na,TEA,best\nb,TEA,other\n")
    source = _source(tmp_path, ROWS, need_states=str(products), need_state_from="BRAND")
    assert source.need_states().rows() == [("a", "best", "TEA"), ("b", "other", "TEA")]


def test_every_sku_may_be_a_need_state(tmp_path: Path) -> None:
    source = _source(tmp_path, ROWS, need_state_from="sku")
    assert source.need_states().select("sku_nbr", "need_state").rows() == [("a", "a"), ("b", "b")]


def test_missing_map_explains_the_three_ways(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="matches no file") as caught:
        _source(tmp_path, ROWS).files("need_states")
    said = " ".join(caught.value.details)
    assert "NEED_STATE" in said
    assert "[SIZE, FLAVOUR]" in said
    assert "source.need_state_from=sku" in said


def test_attributes_are_chosen_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("STORE_NBR,INCOME,SIZE\n1,5,6\n")
    (tmp_path / "b.csv").write_text("STORE_NBR,TRAFFIC\n1,5\n")
    settings: dict[str, Any] = {"external": [str(tmp_path / "?.csv")]}
    source = _source(tmp_path, ROWS, **settings, external_columns=["income"])
    assert {name: frame.columns for name, frame in source.external().items()} == {
        "a.csv": ["store_nbr", "INCOME"]
    }
    with pytest.raises(DataError, match=r"INCOM, which no file has.*INCOME"):
        _source(tmp_path, ROWS, **settings, external_columns=["INCOM"]).external()


def test_sql_over_plain_files_needs_no_database(tmp_path: Path) -> None:
    pytest.importorskip("duckdb")
    (tmp_path / "sales.csv").write_text(ROWS)
    query = f"""SELECT "STORE_NBR", 'sku ' || "SKU_NBR" AS SKU_NBR, "QTY" * "PRICE" AS TOTAL_SALES
                FROM read_csv('{tmp_path}/sales.csv', all_varchar = false)
                WHERE "CHANNEL" = 'Shop'"""
    source = open_source(Source(name="database", uri="duckdb://", sales=query))
    frame = source.sales().select("sku_nbr", "total_sales").collect()
    assert sorted(frame.rows()) == [("sku a", 1.5), ("sku a", 3.0)]


@pytest.mark.parametrize(
    ("column", "levels"),
    [
        ("MEASURE", ("Dollars", "Units")),
        ("CURRENCY", ("EUR", "USD")),
        ("Kind", ("Sales", "Volume")),
    ],
)
def test_amounts_of_several_kinds_are_not_added_up(
    column: str, levels: tuple[str, str], tmp_path: Path
) -> None:
    rows = "".join(f"1,a,{5 + place},{level}\n" for place, level in enumerate(levels))
    text = f"STORE_NBR,SKU_NBR,TOTAL_SALES,{column}\n{rows}"
    with pytest.raises(DataError, match=rf"{column}.*{levels[0]}, {levels[1]}.*source\.where"):
        _source(tmp_path, text).sales()
    chosen = _source(tmp_path, text, where=f"{column} = '{levels[1]}'")
    assert _sales(chosen) == [("1", "a", 6.0)]


def test_property_of_products_is_no_kind_of_amount(tmp_path: Path) -> None:
    text = "STORE_NBR,SKU_NBR,TOTAL_SALES,PACK\n1,a,5,bottle\n1,b,6,can\n"
    assert len(_sales(_source(tmp_path, text))) == 2
