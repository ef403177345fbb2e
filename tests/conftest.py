"""Fixtures for all tests: the real command in a process of its own, and a small data set with a
known answer.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from clustering.sample.write import write_sample
from tests.hostile import spoil

PATIENCE = 1_200  # seconds; only a command that hangs takes longer, however slow the machine


@dataclass(frozen=True)
class Result:
    """How a command ended."""

    code: int
    out: str
    err: str


def clean_environment() -> dict[str, str]:
    """The environment without settings of this project's or Hydra's that the person testing may
    have.
    """
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CLUSTERING_", "HYDRA_"))
    }


def command_in(folder: Path, *words: str, env: dict[str, str] | None = None) -> Result:
    """Run `clustering WORDS` in `folder` and wait for it."""
    done = subprocess.run(
        [sys.executable, "-m", "clustering", *words],
        cwd=folder,
        env=clean_environment() | (env or {}),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return Result(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="session")
def sample_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose data/ holds a small sample; do not write here."""
    folder = tmp_path_factory.mktemp("sample")
    list(write_sample(folder / "data", stores=120, categories=2, clusters=3, weeks=8, seed=7))
    return folder


@pytest.fixture(scope="session")
def finished_dir(sample_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sample on which `clustering run` was done; do not write here."""
    folder = tmp_path_factory.mktemp("finished") / "project"
    shutil.copytree(sample_dir, folder)
    done = command_in(folder, "run")
    assert done.code == 0, done.err
    return folder


@pytest.fixture
def project(finished_dir: Path, tmp_path: Path) -> Path:
    """A finished project of the test's own."""
    folder = tmp_path / "project"
    shutil.copytree(finished_dir, folder)
    return folder


@pytest.fixture
def fresh_project(sample_dir: Path, tmp_path: Path) -> Path:
    """A project with raw data only, of the test's own."""
    folder = tmp_path / "project"
    shutil.copytree(sample_dir, folder)
    return folder


@pytest.fixture(scope="session")
def hostile_dir(sample_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished project full of hostile names (tests.hostile); do not write here."""
    folder = spoil(sample_dir, tmp_path_factory.mktemp("hostile") / "project")
    done = command_in(folder, "run")
    assert done.code == 0, done.err
    return folder
