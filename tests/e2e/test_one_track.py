"""Sales alone and attributes alone: one `run` command each, and all that is made of a run."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest

from tests.conftest import command_in


def _ok(folder: Path, *words: str) -> str:
    done = command_in(folder, *words)
    assert done.code == 0, done.err
    return done.out + done.err


def _final(folder: Path) -> pl.DataFrame:
    return pl.read_parquet(folder / "data/dev/merged/assignments.parquet")


@pytest.mark.parametrize(
    ("track", "other", "missing", "said"),
    [
        ("internal", "external", "external", "no attributes (source.external="),
        ("external", "internal", "sales.parquet", "no sales (source.sales="),
    ],
)
def test_one_input_alone_gives_page_workbook_planogram_and_version(
    track: str, other: str, missing: str, said: str, fresh_project: Path
) -> None:
    raw = fresh_project / "data/raw" / missing
    shutil.rmtree(raw) if raw.is_dir() else raw.unlink()
    told = _ok(fresh_project, "run")
    assert told.count(said) == 1
    assert not (fresh_project / "data/dev" / other).exists()
    assert (fresh_project / "outputs/report/dev/index.html").exists()
    final = _final(fresh_project)
    assert final["final_cluster"].null_count() == 0
    own = pl.read_parquet(fresh_project / f"data/dev/{track}/assign/assignments.parquet")
    key = ["category", "store_nbr"]
    assert final.select(key).sort(key).equals(own.select(key).sort(key))
    _ok(fresh_project, "export", "--format", "xlsx")
    assert (fresh_project / "outputs/export/dev/clusters.xlsx").exists()
    _ok(fresh_project, "export", "--format", "planogram")
    planogram = pl.read_csv(fresh_project / "outputs/export/dev/planogram.csv")
    assert planogram.columns == ["CATEGORY", "STORE_NBR", "CLUSTER", "CLUSTER_NAME"]
    assert planogram.height == final.height
    _ok(fresh_project, "publish", "--approver", "Ann")
    assert "100.0%" in _ok(fresh_project, "diff", "v1")


def test_an_empty_list_leaves_the_attributes_of_an_earlier_run_out(project: Path) -> None:
    told = _ok(project, "run", "source.external=[]", "report.page=false")
    assert "no attributes (source.external is empty)" in told
    assert "the external clusters of an earlier run are no longer part" in told
    assert _final(project)["status"].unique().to_list() == ["internal_only"]
    assert _final(project)["external_cluster"].null_count() == _final(project).height
    _ok(project, "run", "report.page=false")
    assert _final(project)["status"].unique().to_list() == ["both"]


def test_one_track_can_be_run_with_the_merge(fresh_project: Path) -> None:
    _ok(fresh_project, "run", "track=external", "report.page=false")
    assert _final(fresh_project)["category"].unique().to_list() == ["ALL"]
    assert not (fresh_project / "data/dev/internal").exists()
    _ok(fresh_project, "run", "track=internal", "report.page=false")
    assert _final(fresh_project)["status"].unique().to_list() == ["both"]


def test_a_path_that_was_typed_and_matches_nothing_stays_a_mistake(project: Path) -> None:
    done = command_in(project, "run", "source.external=[data/raw/extrenal/*]")
    assert done.code == 3
    assert "data/raw/extrenal/*" in done.err


def test_neither_input_is_an_error_that_says_what_to_type(tmp_path: Path) -> None:
    done = command_in(tmp_path, "run")
    assert done.code == 3
    assert "neither sales nor attributes" in done.err
    assert "source.sales=FILE" in done.err
