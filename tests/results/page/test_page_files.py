"""The page as files: where it is, when it is made, what is beside it."""

from __future__ import annotations

import os
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


def test_figures_name_the_extra_they_need(project):
    hidden = project / "hide"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text("import sys\nsys.modules['vl_convert'] = None\n")
    path = os.pathsep.join(filter(None, [str(hidden), os.environ.get("PYTHONPATH", "")]))
    done = command_in(project, "report", "--figures", "svg", env={"PYTHONPATH": path})
    assert done.code == 2
    assert "[report]" in done.err
    assert command_in(project, "report", env={"PYTHONPATH": path}).code == 0


def test_nothing_merged_yet_is_named_with_the_command(fresh_project):
    assert command_in(fresh_project, "run", "internal_preprocessing").code == 0
    done = command_in(fresh_project, "report")
    assert done.code == 3
    assert "run first: clustering run" in done.err


def test_every_table_is_beside_the_page_for_programs_and_for_spreadsheets(project):
    tables = project / "outputs/report/dev/tables"
    for track, stage, name in (
        ("merged", "", "clusters"),
        ("merged", "", "assignments"),
        ("internal", "train", "selection"),
        ("external", "analyze", "clusters"),
    ):
        whole = pl.read_parquet(project / "data/dev" / track / stage / f"{name}.parquet")
        assert_frame_equal(pl.read_parquet(tables / f"{track}-{name}.parquet"), whole)
        sheet = (tables / f"{track}-{name}.csv").read_bytes()
        assert sheet.startswith(b"\xef\xbb\xbf"), "without it Excel misreads accents"
        assert pl.read_csv(sheet, infer_schema=False).height == whole.height


def test_the_page_asks_nothing_of_the_network_and_runs_its_own_script_only(project):
    page = (project / PAGE).read_text()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    assert policy[1].startswith("default-src &#x27;none&#x27;; script-src &#x27;sha256-")
    assert not re.search(r"""(?:src|href)=["']?https?:""", page)


def test_charts_are_figures_on_request(hostile_dir, tmp_path):
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
    figures = sorted((tmp_path / "report/dev/figures").iterdir())
    clusters = pl.read_parquet(hostile_dir / "data/dev/internal/analyze/clusters.parquet")
    for kind in (".svg", ".png"):
        sizes = [path for path in figures if path.name.endswith(f"-sizes{kind}")]
        assert len(sizes) == clusters["category"].n_unique() + 1  # and the external track
    for path in figures:
        if path.suffix == ".svg":
            svg = ET.parse(path)
            assert next(svg.getroot().iter("{http://www.w3.org/2000/svg}path"), None) is not None
        else:
            assert path.read_bytes().startswith(b"\x89PNG")


def test_an_unknown_category_or_format_is_named(project):
    done = command_in(project, "report", "--category", "TEA")
    assert (done.code, done.err.splitlines()[0]) == (3, "error: the run has no category 'TEA'")
    done = command_in(project, "report", "--figures", "svgg")
    assert done.code == 2
    assert "svg" in done.err
