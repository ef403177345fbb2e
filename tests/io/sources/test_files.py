"""Files of every kind give the same canonical columns, or a fault that names the file."""

from __future__ import annotations

import gzip
from pathlib import Path

import polars as pl
import pytest

from clustering.config import Columns, Preprocess, Source
from clustering.errors import DataError
from clustering.io.sources.files import FileSource
from clustering.stages.preprocess_internal import preprocess_internal

SALES = pl.DataFrame(
    {
        "STORE_NBR": ["001", "002"],
        "SKU_NBR": ["07", "08"],
        "TOTAL_SALES": [1.5, 2.0],
        "WEEK": [1, 2],
    }
)


def _source(folder: Path, sales: str = "sales.*", **columns: str) -> FileSource:
    return FileSource(
        Source(
            sales=str(folder / sales),
            need_states=str(folder / "map.csv"),
            external=[str(folder / "external/*")],
            columns=Columns(**columns),
        )
    )


def _write(frame: pl.DataFrame, path: Path) -> None:
    if path.suffix == ".parquet":
        frame.write_parquet(path)
    elif path.suffix == ".xlsx":
        frame.write_excel(path)
    elif path.suffix == ".gz":
        path.write_bytes(gzip.compress(frame.write_csv().encode()))
    else:
        frame.write_csv(path, separator="\t" if path.suffix == ".tsv" else ",")


@pytest.mark.parametrize(
    "name", ["sales.parquet", "sales.csv", "sales.csv.gz", "sales.tsv", "sales.xlsx"]
)
def test_every_ending_gives_the_same_rows_and_leading_zeros(name: str, tmp_path: Path) -> None:
    _write(SALES, tmp_path / name)
    rows = _source(tmp_path, name).sales().collect()
    assert rows["store_nbr"].to_list() == ["001", "002"]
    assert rows["sku_nbr"].to_list() == ["07", "08"]
    assert rows["total_sales"].to_list() == [1.5, 2.0]
    assert rows["period"].to_list() == [1, 2]
    assert rows["category"].null_count() == 2


def test_glob_reads_several_files_in_order(tmp_path: Path) -> None:
    _write(SALES, tmp_path / "sales_b.parquet")
    _write(SALES.with_columns(STORE_NBR=pl.lit("003")), tmp_path / "sales_a.parquet")
    source = _source(tmp_path, "sales_*.parquet")
    assert source.sales().collect()["store_nbr"].to_list() == ["003", "003", "001", "002"]
    assert [Path(path).name for path in source.files("sales")] == [
        "sales_a.parquet",
        "sales_b.parquet",
    ]


def test_integers_in_one_file_and_text_in_another_are_text(tmp_path: Path) -> None:
    integers = SALES.with_columns(pl.col("STORE_NBR").cast(pl.Int64))
    _write(integers.with_columns(pl.col("STORE_NBR").cast(pl.String)), tmp_path / "sales_a.parquet")
    _write(integers, tmp_path / "sales_b.parquet")
    rows = _source(tmp_path, "sales_*.parquet").sales().collect()
    assert rows["store_nbr"].to_list() == ["1", "2", "1", "2"]


@pytest.mark.parametrize("other", [pl.Categorical(), pl.Enum(["TEA", "JAM"]), pl.String()], ids=str)
def test_dictionary_columns_of_files_give_the_sums_of_text(
    other: pl.DataType, tmp_path: Path
) -> None:
    rows = {
        "STORE_NBR": ["01", "02", "01"],
        "SKU_NBR": ["7", "8", "9"],
        "CATEGORY": ["TEA", "JAM", None],
        "TOTAL_SALES": [1.0, 2.0, 4.0],
    }
    need_states = pl.DataFrame(
        {"sku_nbr": ["7", "8", "9"], "need_state": ["a", "b", "a"], "category": "TEA"}
    )
    kinds = {"text": pl.String(), "first": pl.Categorical(), "second": other}
    for name, kind in kinds.items():
        frame = pl.DataFrame(rows).with_columns(pl.col("CATEGORY").cast(kind))
        _write(frame, tmp_path / f"{name}.parquet")
    _write(pl.DataFrame(rows), tmp_path / "text_again.parquet")
    tables = [
        preprocess_internal(
            _source(tmp_path, sales).sales(), need_states, Preprocess(overlap="sum"), 1
        )
        for sales in ("text*.parquet", "[fs]*.parquet")
    ]
    assert tables[1]["values"].equals(tables[0]["values"])
    assert tables[1]["stores"].equals(tables[0]["stores"])
    assert tables[0]["values"]["value"].to_list() == [4.0, 10.0]


def test_sales_files_that_spell_their_stores_in_two_ways_are_refused(tmp_path: Path) -> None:
    _write(SALES, tmp_path / "sales_a.parquet")
    _write(SALES.with_columns(pl.col("STORE_NBR").cast(pl.Int64)), tmp_path / "sales_b.parquet")
    with pytest.raises(DataError, match=r"sales_b.*'1' and '001'.*align_keys=true"):
        _source(tmp_path, "sales_*.parquet").sales()


def test_own_column_names_by_config(tmp_path: Path) -> None:
    _write(SALES.rename({"STORE_NBR": "Shop", "TOTAL_SALES": "Euros"}), tmp_path / "sales.csv")
    rows = _source(tmp_path, "sales.csv", store_nbr="Shop", total_sales="Euros").sales().collect()
    assert rows["store_nbr"].to_list() == ["001", "002"]


def test_all_missing_columns_are_listed_at_once_with_the_key_to_set(tmp_path: Path) -> None:
    _write(SALES.rename({"STORE_NBR": "STORE_NR", "TOTAL_SALES": "Euros"}), tmp_path / "sales.csv")
    with pytest.raises(DataError) as caught:
        _source(tmp_path, "sales.csv").sales()
    told = " ".join([caught.value.message, *caught.value.details])
    assert "did you mean 'STORE_NR'" in told
    assert "source.columns.sales.total_sales='Euros'" in told
    assert "columns there: STORE_NR" in told


def test_cell_that_is_no_number_becomes_a_row_fault(tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_text("STORE_NBR,SKU_NBR,TOTAL_SALES\n1,2,abc\n1,2,3\n")
    assert _source(tmp_path, "sales.csv").sales().collect()["total_sales"].to_list() == [None, 3.0]


def test_dates_are_periods(tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_text(
        "STORE_NBR,SKU_NBR,TOTAL_SALES,DATE\n1,2,3,1970-01-08\n1,2,3,\n"
    )
    assert _source(tmp_path, "sales.csv").sales().collect()["period"].to_list() == [7, None]


def test_external_keeps_types_and_the_store_as_text(tmp_path: Path) -> None:
    (tmp_path / "external").mkdir()
    (tmp_path / "external/a.csv").write_text(
        "store_nbr,income,open,format\n007,1.5,true,big\n008,2,false,\n"
    )
    frame = _source(tmp_path).external()["a.csv"]
    assert frame["store_nbr"].to_list() == ["007", "008"]
    assert [str(kind) for kind in frame.dtypes] == ["String", "Float64", "Boolean", "String"]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("sales.parquet", b"no parquet", "cannot be read"),
        ("sales.csv", b"STORE_NBR,SKU_NBR,TOTAL_SALES\n", "empty"),
        ("sales.json", b"[]", "unknown ending"),
        ("sales.csv", b"STORE_NBR,STORE_NBR,SKU_NBR,TOTAL_SALES\n1,1,1,1\n", "occurs twice"),
    ],
)
def test_structural_fault_names_the_file(
    name: str, content: bytes, told: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=rf"{name}.*{told}"):
        _source(tmp_path, name).sales()


def test_pattern_without_a_file_names_the_key(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"source.sales=.*matches no file"):
        _source(tmp_path).sales()


@pytest.mark.parametrize(
    ("column", "told"),
    [
        ("TOTAL_SALES", "expected numbers"),
        ("STORE_NBR", "expected integers or text"),
        ("SKU_NBR", "expected integers or text"),
    ],
)
def test_wrong_type_in_parquet_names_the_column(column: str, told: str, tmp_path: Path) -> None:
    wrong = pl.lit("abc") if column == "TOTAL_SALES" else pl.lit(1.5)
    _write(SALES.with_columns(wrong.alias(column)), tmp_path / "sales.parquet")
    with pytest.raises(DataError, match=rf"sales.parquet: column {column} \w+ .*{told}"):
        _source(tmp_path).sales()


def test_missing_columns_of_the_map_are_listed_with_their_keys(tmp_path: Path) -> None:
    (tmp_path / "map.csv").write_text("A,B\n1,2\n")
    with pytest.raises(DataError, match=r"map.csv: .*columns\.need_states\.sku_nbr") as caught:
        _source(tmp_path).need_states()
    assert any("source.columns.need_states.need_state" in line for line in caught.value.details)


def test_map_keeps_leading_zeros_and_product_attributes(tmp_path: Path) -> None:
    (tmp_path / "map.csv").write_text(
        "SKU_NBR,NEED_STATE,CAT_DSC,ATTRIBUTE_1,OTHER\n007,green,TEA,brand,z\n"
    )
    expected = {"sku_nbr": "007", "need_state": "green", "category": "TEA", "attribute_1": "brand"}
    assert _source(tmp_path).need_states().row(0, named=True) == expected


def test_external_file_without_a_store_column_names_the_file_and_key(tmp_path: Path) -> None:
    (tmp_path / "external").mkdir()
    (tmp_path / "external/a.csv").write_text("shop,x\n1,2\n")
    with pytest.raises(DataError, match=r"a.csv: no column STORE_NBR.*external\.store_nbr"):
        _source(tmp_path).external()


def test_external_file_with_stores_alone_is_refused(tmp_path: Path) -> None:
    (tmp_path / "external").mkdir()
    (tmp_path / "external/a.csv").write_text("STORE_NBR\n1\n")
    with pytest.raises(DataError, match=r"a.csv holds no attribute"):
        _source(tmp_path).external()


def test_leading_zeros_survive_under_the_users_own_store_column(tmp_path: Path) -> None:
    (tmp_path / "external").mkdir()
    (tmp_path / "external/a.csv").write_text("Shop,x\n007,2\n")
    assert _source(tmp_path, store_nbr="Shop").external()["a.csv"]["store_nbr"].to_list() == ["007"]


def test_empty_list_of_external_files_names_the_key() -> None:
    with pytest.raises(DataError, match=r"source\.external is empty"):
        FileSource(Source(external=[])).files("external")


def test_files_of_one_name_in_two_folders_are_both_read(tmp_path: Path) -> None:
    for folder in ("external/a", "external/b"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "x.csv").write_text(f"STORE_NBR,{folder[-1]}\n1,2\n")
    source = FileSource(Source(external=[str(tmp_path / "external/*/x.csv")]))
    assert [frame.columns[1] for frame in source.external().values()] == ["a", "b"]
