"""Sweeps through Hydra's launchers and Optuna, in worker processes."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path

import optuna
import pytest

from tests.conftest import command_in

SWEEP = ("-m", "model=gmm,kmeans", "features.transform=hellinger,share")


def _scenarios(folder: Path) -> list[dict]:
    records = sorted(
        folder.glob("outputs/sweeps/*/*/*/scenario.json"), key=lambda path: int(path.parent.name)
    )
    return [json.loads(path.read_text()) | {"folder": path.parent} for path in records]


def _bytes(scenario: dict) -> dict[str, str]:
    root = scenario["folder"] / "data"
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("*.parquet")
    }


@pytest.fixture(scope="module")
def basic(sample_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict]:
    folder = tmp_path_factory.mktemp("basic") / "project"
    shutil.copytree(sample_dir, folder)
    done = command_in(folder, "run", *SWEEP)
    assert done.code == 0, done.err
    return _scenarios(folder)


@pytest.mark.parametrize("launcher", ["joblib", "submitit_local"])
def test_launcher_gives_the_same_bytes_from_other_processes(
    launcher: str, basic: list[dict], fresh_project: Path
) -> None:
    done = command_in(fresh_project, "run", *SWEEP, f"hydra/launcher={launcher}")
    assert done.code == 0, done.err
    found = _scenarios(fresh_project)
    print(
        f"\n{launcher}: this process {os.getpid()}, jobs in "
        f"{sorted({record['pid'] for record in found})}"
    )
    assert len({record["pid"] for record in found}) >= 2
    assert len({record["pid"] for record in basic}) == 1
    assert [_bytes(record) for record in found] == [_bytes(record) for record in basic]
    made = {
        json.loads((record["folder"] / "data/dev/internal/preprocess/manifest.json").read_text())[
            "started"
        ]
        for record in found
    }
    assert len(made) == 1  # preprocess was computed once


def test_optuna_finds_settings_no_worse_than_the_default_and_goes_on(fresh_project: Path) -> None:
    search = ("internal_ml", "-m", "experiment=search", "hydra.sweeper.n_trials=10")
    assert command_in(fresh_project, "run").code == 0
    for _ in range(2):
        done = command_in(fresh_project, "run", *search)
        assert done.code == 0, done.err
    study = optuna.load_study("search", f"sqlite:///{fresh_project}/outputs/search.db")
    assert len(study.trials) == 20
    compared = command_in(fresh_project, "compare", "current", "--format", "json")
    default = json.loads(compared.out)["scenarios"][0]["heldout_r2"]
    print(
        f"\nheld-out R2: default {default:.4f}, best of {len(study.trials)} trials "
        f"{study.best_value:.4f}"
    )
    assert study.best_value >= default


def test_launcher_that_is_not_installed_is_named(fresh_project: Path) -> None:
    done = command_in(fresh_project, "run", *SWEEP, "hydra/launcher=ray")
    assert done.code == 2
    assert '[ray-launcher]"' in done.err
