"""The sample is decided by its seed, and its truth fits its raw files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from clustering.config import Preprocess, Source
from clustering.errors import StageError
from clustering.io.sources.files import FileSource
from clustering.sample.write import store_numbers, write_sample
from clustering.stages.preprocess_internal import preprocess_internal


def _write(folder: Path, **changed: Any) -> list[Path]:
    return list(
        write_sample(
            folder,
            **({"stores": 30, "categories": 2, "clusters": 3, "weeks": 4, "seed": 1} | changed),
        )
    )


def _bytes(folder: Path, **changed: Any) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in _write(folder, **changed)}


def test_same_seed_gives_the_same_bytes_of_every_file(tmp_path: Path) -> None:
    assert _bytes(tmp_path / "one") == _bytes(tmp_path / "two")


def test_other_seed_changes_raw_files_and_truth(tmp_path: Path) -> None:
    one, two = _bytes(tmp_path / "one", seed=1), _bytes(tmp_path / "two", seed=2)
    for name in (
        "raw/sales.parquet",
        "raw/external/demographics.csv",
        "truth/internal.parquet",
        "truth/external.parquet",
    ):
        assert one[name] != two[name], name


def test_every_file_is_yielded(tmp_path: Path) -> None:
    written = set(_write(tmp_path))
    assert written == {path for path in tmp_path.rglob("*") if path.is_file()}


def test_external_truth_names_the_stores_of_every_attribute_file(tmp_path: Path) -> None:
    _write(tmp_path)
    truth = pl.read_parquet(tmp_path / "truth/external.parquet")
    assert truth["store_nbr"].to_list() == store_numbers(30)
    for path in (tmp_path / "raw/external").iterdir():
        assert pl.read_csv(path, infer_schema_length=0)["STORE_NBR"].to_list() == store_numbers(30)


def test_tilts_name_need_states_of_the_map(tmp_path: Path) -> None:
    _write(tmp_path)
    tilts = pl.read_parquet(tmp_path / "truth/tilts.parquet")
    known = pl.read_csv(tmp_path / "raw/need_states.csv", infer_schema_length=0)
    lost = tilts.join(
        known, left_on=["category", "need_state"], right_on=["CATEGORY", "NEED_STATE"], how="anti"
    )
    assert tilts.height > 0
    assert lost.is_empty()


def test_weeks_lie_in_the_range_asked_for(tmp_path: Path) -> None:
    _write(tmp_path, weeks=5)
    assert pl.read_parquet(tmp_path / "raw/sales.parquet")["WEEK"].unique().sort().to_list() == [
        1,
        2,
        3,
        4,
        5,
    ]


@pytest.mark.parametrize(("dirty", "faults"), [(False, 0), (True, 7)])
def test_preprocess_sets_only_the_dirty_rows_aside(
    dirty: bool, faults: int, tmp_path: Path
) -> None:
    _write(tmp_path, dirty=dirty)
    raw = tmp_path / "raw"
    source = FileSource(
        Source(sales=str(raw / "sales.parquet"), need_states=str(raw / "need_states.csv"))
    )
    result = preprocess_internal(source.sales(), source.need_states(), Preprocess(), 1)
    assert result["quarantine"].height == faults
    assert result["stores"].height == 60


def test_target_that_is_a_file_is_a_stage_error(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(StageError, match="cannot write below"):
        _write(tmp_path / "taken")
