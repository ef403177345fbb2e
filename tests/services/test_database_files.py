"""SQLite and DuckDB files give what the raw files give, and take results once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from clustering.config import Read, Source
from clustering.errors import DataError
from clustering.io.sources import open_source
from tests.conftest import command_in
from tests.services.conftest import fill, rows_of, sample_tables


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
def test_same_clusters_as_from_files_and_results_once(
    kind: str, sample_dir: Path, finished_dir: Path, tmp_path: Path
) -> None:
    (tmp_path / "data/raw").mkdir(parents=True)
    fill(f"{kind}:///{tmp_path}/data/raw/shop.{kind}", sample_tables(sample_dir))
    for _ in range(2):
        done = command_in(tmp_path, "run", f"source={kind}", f"sink={kind}")
        assert done.code == 0, done.err
    merged = pl.read_parquet(finished_dir / "data/dev/merged/assignments.parquet")
    assert pl.read_parquet(tmp_path / "data/dev/merged/assignments.parquet").equals(merged)
    published = rows_of(
        f"{kind}:///{tmp_path}/outputs/results.{kind}", "SELECT * FROM clustering_assignments"
    )
    columns = ["category", "store_nbr", "final_cluster", "status"]
    assert published.select(columns).sort(columns).equals(merged.select(columns).sort(columns))


def test_missing_table_and_missing_file_are_named(sample_dir: Path, tmp_path: Path) -> None:
    fill(f"sqlite:///{tmp_path}/shop.sqlite", {"sales": sample_tables(sample_dir)["sales"]})
    done = command_in(tmp_path, "preprocess", "source=sqlite", "source.uri=sqlite:///shop.sqlite")
    assert done.code == 3
    assert "source.need_states: need_states cannot be read from sqlite:///shop.sqlite: " in done.err
    done = command_in(tmp_path, "preprocess", "source=duckdb", "source.uri=duckdb:///absent.duckdb")
    assert done.code == 3
    assert "duckdb:///absent.duckdb" in done.err
    assert not (tmp_path / "absent.duckdb").exists()


def _shop(path: Path) -> Source:
    """Sales with integers, and a map whose SKUs are padded with zeros."""
    fill(
        f"sqlite:///{path}",
        {
            "sales": pl.DataFrame(
                {"STORE_NBR": [1, 2], "SKU_NBR": [7, 8], "TOTAL_SALES": [3.0, 4.0], "SIZE": "big"}
            ),
            "map": pl.DataFrame({"SKU_NBR": ["07", "08"], "NEED_STATE": ["green", "black"]}),
        },
    )
    return Source(
        name="database", uri=f"sqlite:///{path}", sales="sales", need_states="map", external=None
    )


def test_skus_that_a_database_spells_in_two_ways_stop_the_run(tmp_path: Path) -> None:
    source = _shop(tmp_path / "shop.sqlite")
    with pytest.raises(DataError, match=r"0 of its 2 SKUs .*shop.sqlite sales.*'07' and '7'"):
        open_source(source).need_states()
    aligned = replace(source, read=Read(align_keys=True))
    assert open_source(aligned).need_states()["sku_nbr"].to_list() == ["7", "8"]


def test_need_states_are_made_of_columns_of_a_table_of_sales(tmp_path: Path) -> None:
    source = replace(_shop(tmp_path / "shop.sqlite"), need_states=None, need_state_from="SIZE")
    assert open_source(source).need_states().select("sku_nbr", "need_state").rows() == [
        ("7", "big"),
        ("8", "big"),
    ]
