"""Exports of vendors and systems: which column `init --from` takes for which role."""

from __future__ import annotations

from pathlib import Path

import pytest

from clustering.errors import DataError
from clustering.io.sources.recognise import recognise

STORE, SKU, SALES = "store_nbr", "sku_nbr", "total_sales"
EXPORTS = {
    "circana": (
        "Geography,Product,UPC,Time,Dollar Sales,Unit Sales,Dollar Sales Year Ago",
        'STORE {s},"TEA, {k}",00{k},Week Ending 01-1{s}-25,"$1,04{k}.50",3,$1.00',
        {STORE: "Geography", SKU: "UPC", SALES: "Dollar Sales", "date": "Time"},
    ),
    "nielsen": (
        "Markets,Products,UPC,Periods,$,Units,% Chg $",
        "Store {s},TEA,00{k},1 W/E 01/1{s}/25,4{k}.5,4,1.2%",
        {STORE: "Markets", SKU: "UPC", SALES: "$", "week": "Periods"},
    ),
    "sap": (
        "Werk;Artikel;Kalenderwoche;Menge;Umsatz (netto)",
        "000{s};00{k};0{s}/2025;3;4{k},50",
        {STORE: "Werk", SKU: "Artikel", SALES: "Umsatz (netto)", "week": "Kalenderwoche"},
    ),
    "oracle": (
        '"LOC","ITEM","EOW_DATE","SALES_VALUE","SALES_UNITS"',
        '"000{s}","00{k}","1{s}-JAN-25",4{k}.5,4',
        {STORE: "LOC", SKU: "ITEM", SALES: "SALES_VALUE", "date": "EOW_DATE"},
    ),
    "bigquery": (
        "store_id,sku_id,txn_ts,sales_amt,currency",
        "000{s},00{k},2025-01-1{s} 10:11:12 UTC,4{k}.5,USD",
        {STORE: "store_id", SKU: "sku_id", SALES: "sales_amt", "date": "txn_ts"},
    ),
    "pandas": (
        ",store,product_key,fiscal_week,net_amt",
        "{s}{k},000{s},00{k},{s},4{k}.5",
        {STORE: "store", SKU: "product_key", SALES: "net_amt", "week": "fiscal_week"},
    ),
}


def _write(path: Path, head: str, row: str) -> None:
    rows = [row.format(s=store, k=sku) for store in range(1, 7) for sku in range(1, 9)]
    path.write_text("\n".join([head, *rows]) + "\n")


@pytest.mark.parametrize("export", EXPORTS)
def test_columns_of_an_export_have_their_roles(export: str, tmp_path: Path) -> None:
    head, row, roles = EXPORTS[export]
    _write(tmp_path / "export.csv", head, row)
    found = recognise([str(tmp_path / "export.csv")])[0]
    assert (found.name, found.roles) == ("sales", roles)


def test_sales_without_a_column_like_a_store_are_named(tmp_path: Path) -> None:
    _write(tmp_path / "export.csv", "WHERE,UPC,NET", "{s},00{k},4.5")
    with pytest.raises(DataError, match=r"repeats its SKUs.*like a store number \(WHERE, UPC, NET"):
        recognise([str(tmp_path / "export.csv")])
