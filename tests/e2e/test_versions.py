"""Publishing: numbered versions that never change, which one is in effect, and the proof that it
can be made again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.conftest import command_in


def _ok(project: Path, *words: str) -> str:
    done = command_in(project, *words)
    assert done.code == 0, done.err
    return done.out


def _versions(project: Path) -> list[dict[str, Any]]:
    listed: dict[str, list[dict[str, Any]]] = json.loads(
        _ok(project, "versions", "--format", "json")
    )
    return listed["versions"]


@pytest.fixture
def published(project: Path) -> Path:
    """A project with v1, and v2 with two internal clusters, which is in effect."""
    _ok(project, "publish", "--approver", "Ann", "--note", "first")
    own = "categories={COFFEE:{merge.min_cluster_size:30}}"
    _ok(project, "run", "internal.model.k=2", "baseline.run=v1", own, "report.page=false")
    _ok(project, "publish", "--approver", "Bob")
    return project


def test_versions_are_numbered_listed_and_superseded(published: Path) -> None:
    rows = _versions(published)
    assert [(row["number"], row["approver"], row["note"], row["state"]) for row in rows] == [
        (1, "Ann", "first", "superseded"),
        (2, "Bob", "", "in effect"),
    ]
    assert rows[1]["stages"]["internal/preprocess"]["inputs"]["sales"][0]["sha256"]
    assert "in effect" in _ok(published, "versions")
    folder = published / "outputs" / "versions" / "1"
    assert not any(
        path.stat().st_mode & stat.S_IWUSR for path in folder.rglob("*") if path.is_file()
    )


def test_other_systems_read_the_version_in_force(published: Path) -> None:
    def downstream() -> pl.DataFrame:
        return pl.read_parquet(published / "outputs" / "published" / "dev" / "stores.parquet")

    _ok(published, "run", "internal.model.k=4", "report.page=false")
    assert downstream()["version"].unique().to_list() == [2]
    assert downstream()["internal_cluster"].max() == 2
    exported = command_in(published, "export", "--format", "planogram")
    assert "of v2" in exported.err
    assert (published / "outputs" / "export" / "dev" / "planogram.csv").read_bytes() == (
        published / "outputs" / "published" / "dev" / "planogram.csv"
    ).read_bytes()
    assert "v1 is in effect" in _ok(published, "rollback", "--who", "Ann", "--note", "wrong week")
    assert downstream()["version"].unique().to_list() == [1]
    rows = _versions(published)
    assert rows[1]["withdrawn"]["note"] == "wrong week"
    assert "no version of env=dev is in effect now" in _ok(published, "rollback", "--who", "Ann")
    assert not (published / "outputs" / "published" / "dev" / "planogram.csv").exists()
    assert command_in(published, "rollback", "--who", "Ann").code == 2
    assert "100.0% of" in _ok(published, "diff", "v1", "v1")


def test_a_version_may_begin_later(project: Path) -> None:
    _ok(project, "publish", "--approver", "Ann")
    _ok(
        project,
        "publish",
        "--approver",
        "Ann",
        "--from",
        (date.today() + timedelta(days=30)).isoformat(),
    )
    states = [row["state"] for row in _versions(project)]
    assert states == ["in effect", "scheduled"]


def test_a_version_is_made_again_byte_for_byte_also_elsewhere(
    published: Path, tmp_path: Path
) -> None:
    assert "v1 is reproduced: all" in _ok(published, "reproduce", "v1", "executor.workers=1")
    elsewhere = tmp_path / "clone"
    shutil.copytree(published / "data" / "raw", elsewhere / "data" / "raw")
    shutil.copytree(published / "outputs" / "versions", elsewhere / "outputs" / "versions")
    assert "v2 is reproduced: all" in _ok(elsewhere, "reproduce", "v2")
    sales = elsewhere / "data" / "raw" / "sales.parquet"
    pl.read_parquet(sales).with_columns(pl.col("TOTAL_SALES") * 1.01).write_parquet(sales)
    changed = command_in(elsewhere, "reproduce", "v2")
    assert changed.code == 3
    assert (
        "the inputs differ from those of v2: source.sales: the content of sales.parquet has changed"
        in changed.err
    )


def test_a_result_that_differs_is_named(project: Path) -> None:
    """The run is edited together with its manifest before it is published."""
    folder = project / "data" / "dev" / "merged"
    table, record = folder / "assignments.parquet", folder / "manifest.json"
    pl.read_parquet(table).with_columns(reassigned=~pl.col("reassigned")).write_parquet(table)
    manifest = json.loads(record.read_text())
    manifest["outputs"]["assignments"]["sha256"] = hashlib.sha256(table.read_bytes()).hexdigest()
    manifest["packages"]["polars"] = "0.0.1"
    record.write_text(json.dumps(manifest))
    _ok(project, "publish", "--approver", "Ann")
    done = command_in(project, "reproduce", "v1")
    assert done.code == 1
    assert "1 of" in done.err
    assert "merged: assignments" in done.err
    assert "it was 0.0.1" in done.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--run", "v7", "--approver", "Ann"), "no such run"),
        (("--approver", " "), "--approver is empty"),
        (("--approver", "Ann", "--from", "soon"), "--from soon is not a date"),
        (
            ("--approver", "Ann", "--from", "2026-05-02", "--until", "2026-05-01"),
            "is before --from",
        ),
    ],
)
def test_what_cannot_be_published(project: Path, words: tuple[str, ...], message: str) -> None:
    done = command_in(project, "publish", *words)
    assert done.code == 2
    assert message in done.err
    assert not (project / "outputs" / "versions").exists() or not list(
        (project / "outputs" / "versions").glob("[0-9]*")
    )


def test_a_run_whose_parts_do_not_belong_together_is_refused(project: Path) -> None:
    _ok(project, "train", "model.k=2")
    done = command_in(project, "publish", "--approver", "Ann")
    assert done.code == 3
    assert "internal/assign was not made from the present internal/train" in done.err
    _ok(project, "run", "report.page=false")
    path = project / "data" / "dev" / "internal" / "assign" / "assignments.parquet"
    pl.read_parquet(path).reverse().write_parquet(path)
    os.utime(path)
    done = command_in(project, "publish", "--approver", "Ann")
    assert done.code == 3
    assert "is not what internal/assign wrote" in done.err


def test_one_worker_and_two_give_the_same_bytes(project: Path) -> None:
    def hashes() -> dict[str, str]:
        found = {}
        for path in sorted((project / "data" / "dev").rglob("manifest.json")):
            found |= {
                f"{path.parent}/{name}": state["sha256"]
                for name, state in json.loads(path.read_text())["outputs"].items()
            }
        return found

    _ok(project, "run", "--force", "executor.workers=1", "report.page=false")
    one = hashes()
    _ok(project, "run", "--force", "executor.workers=2", "report.page=false")
    assert len(one) > 40
    assert hashes() == one
