"""What answers at once must load nothing heavy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import command_in

HEAVY = {
    "hydra",
    "omegaconf",
    "polars",
    "sklearn",
    "scipy",
    "numpy",
    "dataframely",
    "skops",
    "joblib",
}


@pytest.mark.parametrize(
    "words",
    [["--help"], ["run", "--help"], ["train", "--help"], ["trian"], ["jobs"], ["--version"]],
)
def test_command_loads_nothing_heavy(words: list[str]) -> None:
    code = (
        "import sys, atexit\n"
        f"atexit.register(lambda: print('LOADED', *sorted({HEAVY!r} & sys.modules.keys())))\n"
        f"sys.argv = ['clustering', *{words!r}]\n"
        "from clustering.cli.app import main\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1].split() == ["LOADED"], done.stdout[-300:]


def test_help_names_every_command_and_the_exit_is_clean() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "clustering", "--help"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    for name in (
        "preprocess",
        "features",
        "train",
        "assign",
        "analyze",
        "merge",
        "run",
        "jobs",
        "status",
        "sample",
        "init",
        "ui",
    ):
        assert name in done.stdout


@pytest.mark.parametrize("words", [["run"], ["status"]])
def test_where_all_is_fresh_no_table_is_read(project: Path, words: list[str]) -> None:
    code = (
        "import sys, atexit\n"
        f"atexit.register(lambda: print('LOADED', *sorted({HEAVY - {'hydra', 'omegaconf'}!r} & "
        "sys.modules.keys())))\n"
        f"sys.argv = ['clustering', *{words!r}]\n"
        "from clustering.cli.app import main\n"
        "main()\n"
    )
    first = command_in(project, "run")
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines()[-1].split() == ["LOADED"], done.stdout[-300:]
    if words == ["run"]:
        assert done.stdout.splitlines()[:-1] == first.out.splitlines()  # and yet the same summary


def test_settings_that_ask_more_of_hydra_than_to_compose_get_it(project: Path) -> None:
    done = command_in(project, "features", "hydra.run.dir=kept", "hydra.output_subdir=settings")
    assert done.code == 0, done.err
    assert (project / "kept/settings/config.yaml").is_file()
