"""Exports as retailers have them: `init --from`, `check`, `run`, and the right final clusters."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from tests.conftest import command_in

FIRST_DAY = date(2025, 1, 6)


@pytest.fixture
def raw(sample_dir: Path) -> Path:
    return sample_dir / "data" / "raw"


def _days(week: pl.Expr, pattern: str) -> pl.Expr:
    days = {number: FIRST_DAY + timedelta(weeks=number - 1) for number in range(1, 60)}
    return week.replace_strict(days, return_dtype=pl.Date).dt.strftime(pattern)


def _us(raw: Path, folder: Path) -> list[str]:
    """A title row, $1,031.10, M/D/Y, trailing blanks, 1088.0 in the stores file, UPC, Item Code."""
    sales = pl.read_parquet(raw / "sales.parquet").select(
        ("1" + pl.col("STORE_NBR").cast(pl.String) + "  ").alias("Store #"),
        pl.col("SKU_NBR").alias("UPC"),
        pl.col("CATEGORY").alias("Category"),
        _days(pl.col("WEEK"), "%-m/%-d/%Y").alias("Week Ending Date"),
        pl.col("TOTAL_SALES").map_elements(lambda x: f"${x:,.2f}", pl.String).alias("Net Sales $"),
    )
    (folder / "POS export.csv").write_text("POS Export - FY25,,,,\n" + sales.write_csv())
    need_states = pl.read_csv(raw / "need_states.csv", infer_schema=False)
    need_states.rename({"SKU_NBR": "Item Code", "NEED_STATE": "Need"}).write_csv(
        folder / "items.csv"
    )
    stores = _stores(raw).with_columns(("1" + pl.col("STORE_NBR") + ".0").alias("STORE_NBR"))
    stores.rename({"STORE_NBR": "Store Number"}).write_csv(folder / "stores.csv")
    return ["POS export.csv", "items.csv", "stores.csv"]


def _german(raw: Path, folder: Path) -> list[str]:
    """Semicolons, decimal commas, dd.mm.yyyy, latin-1, the map in Excel below a title."""
    sales = pl.read_parquet(raw / "sales.parquet").select(
        pl.col("STORE_NBR").alias("Filialnummer"),
        pl.col("SKU_NBR").alias("Artikelnummer"),
        pl.col("CATEGORY").alias("Warengruppe"),
        _days(pl.col("WEEK"), "%d.%m.%Y").alias("Datum"),
        pl.col("TOTAL_SALES")
        .map_elements(lambda x: f"{x:,.2f}".translate(str.maketrans(",.", ".,")), pl.String)
        .alias("Umsatz €".replace(" €", " in Euro")),
    )
    text = sales.write_csv(separator=";").replace("Filialnummer", "Filialnummer (für Märkte)")
    (folder / "Umsätze.csv").write_bytes(text.encode("latin-1"))
    need_states = pl.read_csv(raw / "need_states.csv", infer_schema=False).rename(
        {"SKU_NBR": "Artikel", "NEED_STATE": "Bedürfnis", "CATEGORY": "Warengruppe"}
    )
    need_states.write_excel(folder / "Sortiment.xlsx", position="A3")
    stores = _stores(raw).rename({"STORE_NBR": "Filiale"})
    numbers = [name for name, kind in stores.schema.items() if kind.is_float()]
    stores.with_columns(
        pl.col(numbers).cast(pl.String).str.replace(".", ",", literal=True)
    ).write_csv(folder / "Filialen.csv", separator=";")
    return ["Umsätze.csv", "Sortiment.xlsx", "Filialen.csv"]


def _stores(raw: Path) -> pl.DataFrame:
    first, *others = sorted((raw / "external").iterdir())
    table = pl.read_csv(first, schema_overrides={"STORE_NBR": pl.String})
    for path in others:
        more = pl.read_csv(path, schema_overrides={"STORE_NBR": pl.String})
        table = table.join(more, on="STORE_NBR")
    return table


@pytest.mark.parametrize("export", [_us, _german], ids=["US", "German"])
def test_export_reaches_the_final_clusters_of_the_clean_files(
    export: object, raw: Path, finished_dir: Path, tmp_path: Path
) -> None:
    files = export(raw, tmp_path)  # type: ignore[operator]
    done = command_in(tmp_path, "init", "mine", "--from", *files)
    assert done.code == 0, done.err
    project = tmp_path / "mine"
    done = command_in(project, "check")
    assert done.code == 0, done.out + done.err
    done = command_in(project, "run")
    assert done.code == 0, done.err
    shift = pl.col("store_nbr").str.strip_prefix("1") if export is _us else pl.col("store_nbr")
    ours = pl.read_parquet(project / "data/dev/merged/assignments.parquet")
    theirs = pl.read_parquet(finished_dir / "data/dev/merged/assignments.parquet")
    columns = ["category", "store_nbr", "final_cluster"]
    assert ours.with_columns(shift).select(columns).equals(theirs.select(columns))
    labels = pl.read_csv(project / "conf/labels.csv")
    assert labels["kind"].unique().sort().to_list() == ["attribute", "category", "need_state"]
    assert set(ours["category"]) == set(labels.filter(kind="category")["raw"])


def test_files_that_are_no_input_are_named(tmp_path: Path) -> None:
    (tmp_path / "notes.csv").write_text("text,number\nhello,1\n")
    done = command_in(tmp_path, "init", "mine", "--from", "notes.csv")
    assert done.code == 3
    assert "notes.csv" in done.err
    assert not (tmp_path / "mine").exists()


def test_sales_alone_make_every_sku_a_need_state(raw: Path, tmp_path: Path) -> None:
    sales = pl.read_parquet(raw / "sales.parquet").rename({"STORE_NBR": "Shop", "SKU_NBR": "EAN"})
    sales.write_csv(tmp_path / "sales.csv")
    done = command_in(tmp_path, "init", "mine", "--from", "sales.csv")
    assert done.code == 0, done.err
    done = command_in(tmp_path / "mine", "check")
    assert done.code == 0, done.err
    assert "no attributes" in done.out
