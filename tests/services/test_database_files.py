"""SQLite and DuckDB files give what the raw files give, and take results once."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

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
