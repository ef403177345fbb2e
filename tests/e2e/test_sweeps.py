"""Sweeps, compare and promote, with the basic launcher."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from tests.conftest import Result, command_in


@pytest.fixture(scope="module")
def swept(sample_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """A project after a sweep of four, one of which cannot work; do not write here."""
    folder = tmp_path_factory.mktemp("swept") / "project"
    shutil.copytree(sample_dir, folder)
    return folder, command_in(folder, "run", "-m", "model.k=2,1000,3,4", "model.strict_k=true")


def _manifest(scenario: Path, stage: str) -> dict:
    return json.loads((scenario / f"data/dev/{stage}/manifest.json").read_text())


def _sweep(folder: Path) -> Path:
    return next(folder.glob("outputs/sweeps/*/*"))


def test_failing_scenario_is_recorded_and_the_others_go_on(swept: tuple[Path, Result]) -> None:
    folder, done = swept
    assert done.code == 4  # as that of `run model.k=1000` alone
    records = [json.loads((_sweep(folder) / f"{n}/scenario.json").read_text()) for n in range(4)]
    assert [record["state"] for record in records] == ["done", "failed", "done", "done"]
    assert "model.k=1000 exceeds" in records[1]["error"]
    assert "error: 1 of 4 scenarios failed" in done.err
    assert "Traceback" not in done.err


def test_what_scenarios_have_in_common_is_computed_once(swept: tuple[Path, Result]) -> None:
    sweep = _sweep(swept[0])
    for stage in ("internal/preprocess", "internal/features", "external/preprocess"):
        assert len({_manifest(sweep / n, stage)["run_id"] for n in "023"}) == 1
    assert len({_manifest(sweep / n, "internal/train")["run_id"] for n in "023"}) == 3
    assert not (swept[0] / "data/dev").exists()  # the environment's result is not touched


def test_sweep_takes_what_the_environment_has(project: Path) -> None:
    assert command_in(project, "run", "-m", "model.k=2,3").code == 0
    current = json.loads((project / "data/dev/internal/features/manifest.json").read_text())
    assert {_manifest(_sweep(project) / n, "internal/features")["run_id"] for n in "01"} == {
        current["run_id"]
    }


def test_sweep_of_a_later_stage_starts_from_the_environment(project: Path) -> None:
    done = command_in(project, "train", "-m", "model.k=2,3")
    assert done.code == 0, done.err
    selection = pl.read_parquet(_sweep(project) / "1/data/dev/internal/train/selection.parquet")
    assert selection.filter("chosen")["k"].unique().to_list() == [3]
    assert "held-out R2" in done.out


def test_compare_names_settings_quality_and_agreement(swept: tuple[Path, Result]) -> None:
    done = command_in(swept[0], "compare", "--format", "json", "--prefer", "0", "--sort", "k")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    rows = {row["scenario"]: row for row in found["scenarios"]}
    assert [row["k"] for row in found["scenarios"]] == [4.0, 3.0, 2.0, None]
    assert rows["3"]["settings"] == "model.k=4"
    assert rows["1"]["state"] == "failed"
    assert "model.k=1000 exceeds" in rows["1"]["reason"]
    assert sum(row["system_preferred"] for row in found["scenarios"]) == 1
    assert [row["scenario"] for row in found["scenarios"] if row["user_preferred"]] == ["0"]
    assert found["agreement"]["0"]["0"] == 1
    assert 0 < found["agreement"]["0"]["2"] == found["agreement"]["2"]["0"] < 1
    assert rows["2"]["agreement"] == found["agreement"]["0"]["2"]


def test_leaderboard_fits_80_columns(swept: tuple[Path, Result]) -> None:
    done = command_in(swept[0], "compare", env={"COLUMNS": "80"})
    assert max(map(len, done.out.splitlines())) <= 80
    assert "* system preferred" in done.out
    assert "adjusted Rand index" in done.out


def test_promote_makes_a_scenario_the_current_result(
    swept: tuple[Path, Result], tmp_path: Path
) -> None:
    folder = tmp_path / "project"
    shutil.copytree(swept[0], folder)
    for _ in range(2):  # twice is the same as once
        done = command_in(folder, "promote", "2")
        assert done.code == 0, done.err
    assert command_in(folder, "status", "model.k=3", "model.strict_k=true").out.count("fresh") == 11
    compared = json.loads(command_in(folder, "compare", "current", "2", "--format", "json").out)
    assert compared["agreement"]["current"]["2"] == 1
    assert not list((folder / "data").rglob(".writing-*"))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("promote", "9"), "no such run"),
        (("promote", "1"), "1 failed, nothing to promote: model.k=1000"),
        (("compare", "nowhere"), "no such run"),
        (("compare", "--prefer", "7"), "--prefer 7: no such scenario"),
        (("compare", "--sort", "silhouete"), "did you mean 'silhouette'?"),
        (("promote", "current"), "is the current result already"),
    ],
)
def test_wrong_words_are_told(
    words: tuple[str, ...], message: str, swept: tuple[Path, Result]
) -> None:
    done = command_in(swept[0], *words)
    assert done.code == 2
    assert message in done.err


@pytest.mark.parametrize("experiment", ["usual_recipe", "share_kmeans", "fast", "thorough"])
def test_presets_compose(experiment: str, fresh_project: Path) -> None:
    done = command_in(fresh_project, "run", f"experiment={experiment}", "--cfg", "job")
    assert done.code == 0, done.err


def test_two_sweeps_never_share_a_folder(finished_dir: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(finished_dir, project)
    words = ("train", "-m", "model.k=2,3", "hydra.sweep.dir=outputs/sweeps/mine")
    assert command_in(project, *words).code == 0
    again = command_in(project, *words)
    assert again.code == 2
    assert "outputs/sweeps/mine belongs to another sweep" in again.err


def test_a_killed_scenario_is_cut_off_and_the_rest_was_not_started(
    swept: tuple[Path, Result], tmp_path: Path
) -> None:
    folder = tmp_path / "project"
    shutil.copytree(swept[0], folder)
    sweep = _sweep(folder)
    killed = sweep / "2" / "scenario.json"
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    record = json.loads(killed.read_text()) | {"state": "running", "pid": gone.pid}
    killed.write_text(json.dumps(record))
    shutil.rmtree(sweep / "3")
    done = command_in(folder, "compare", "--format", "json")
    rows = {row["scenario"]: row for row in json.loads(done.out)["scenarios"]}
    assert {name: row["state"] for name, row in rows.items()} == {
        "0": "done",
        "1": "failed",
        "2": "cut off",
        "3": "not started",
    }
    assert rows["3"]["settings"] == "model.k=4"
    assert "not started" in command_in(folder, "compare").out
    done = command_in(folder, "promote", "2")
    assert done.code == 2
    assert "2 cut off, nothing to promote" in done.err
