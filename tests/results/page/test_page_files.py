"""The page as files: where it is, when it is made, what is beside it."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import polars as pl
from polars.testing import assert_frame_equal

from tests.conftest import command_in

PAGE = Path("outputs/report/dev/index.html")


def test_run_writes_the_page_once(project):
    before = (project / PAGE).stat().st_mtime_ns
    assert command_in(project, "run").code == 0
    assert (project / PAGE).stat().st_mtime_ns == before, (
        "nothing changed, so nothing is to be drawn"
    )
    done = command_in(project, "run", "merge.min_cluster_size=5")
    assert f"page: {PAGE}" in done.out
    assert (project / PAGE).stat().st_mtime_ns > before


def test_page_can_be_left_out(fresh_project):
    assert command_in(fresh_project, "run", "report.page=false").code == 0
    assert not (fresh_project / PAGE).exists()


def test_the_missing_extra_is_a_hint_not_a_failure(fresh_project):
    hidden = fresh_project / "hide"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text("import sys\nsys.modules['vl_convert'] = None\n")
    done = command_in(fresh_project, "run", "internal_ml", env={"PYTHONPATH": str(hidden)})
    assert done.code != 2 or "clustering[report]" in done.err
    done = command_in(fresh_project, "run", env={"PYTHONPATH": str(hidden)})
    assert done.code == 0
    assert "clustering[report]" in done.err
    done = command_in(fresh_project, "report", env={"PYTHONPATH": str(hidden)})
    assert done.code == 2
    assert "clustering[report]" in done.err


def test_every_table_is_beside_the_page(project):
    tables = project / "outputs/report/dev/tables"
    for track in ("internal", "external"):
        for stage, name in (
            ("analyze", "profiles"),
            ("assign", "assignments"),
            ("train", "selection"),
        ):
            whole = pl.read_parquet(project / "data/dev" / track / stage / f"{name}.parquet")
            assert_frame_equal(pl.read_parquet(tables / f"{track}-{name}.parquet"), whole)


def test_every_chart_is_a_figure_on_request(hostile_dir, tmp_path):
    done = command_in(
        hostile_dir,
        "report",
        "--figures",
        "svg",
        "--figures",
        "png",
        f"paths.output_dir={tmp_path}",
        f"paths.data_dir={hostile_dir}/data",
    )
    assert done.code == 0, done.err
    charts = re.findall(r'data-charts="([^"]*)"', (tmp_path / "report/dev/index.html").read_text())
    figures = sorted((tmp_path / "report/dev/figures").iterdir())
    assert len(figures) == 2 * sum(len(names.split()) for names in charts)
    for path in figures:
        if path.suffix == ".svg":
            assert (
                next(ET.parse(path).getroot().iter("{http://www.w3.org/2000/svg}path"), None)
                is not None
            )
        else:
            assert path.read_bytes().startswith(b"\x89PNG")


def test_an_unknown_category_or_format_is_named(project):
    done = command_in(project, "report", "--category", "TEA")
    assert (done.code, done.err.splitlines()[0]) == (3, "error: the run has no category 'TEA'")
    done = command_in(project, "report", "--figures", "svgg")
    assert done.code == 2
    assert "svg" in done.err
