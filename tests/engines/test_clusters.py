"""Dask and Ray, each with two worker processes of its own."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import time
from pathlib import Path

import pytest

from clustering.config import Executor
from clustering.pipeline.executor import connections, spread
from tests.conftest import PATIENCE, command_in

TABLES = (
    "internal/train/selection",
    "internal/assign/assignments",
    "external/assign/assignments",
    "merged/assignments",
)


def _tables(folder: Path) -> dict[str, str]:
    return {
        name: hashlib.sha256((folder / f"data/dev/{name}.parquet").read_bytes()).hexdigest()
        for name in TABLES
    }


def _process_id(folder: Path) -> int:
    """The number of the process, told once another one has begun, too."""
    (folder / str(os.getpid())).touch()
    end = time.monotonic() + PATIENCE
    while len(list(folder.iterdir())) < 2 and time.monotonic() < end:
        time.sleep(0.05)
    return os.getpid()


@pytest.mark.parametrize("name", ["dask", "ray"])
def test_work_is_done_in_other_processes(name: str, tmp_path: Path) -> None:
    with connections():
        tasks = ((tmp_path,) for _ in range(12))
        found = list(spread(_process_id, tasks, 12, Executor(name=name, workers=2)))
    print(f"\n{name}: parent {os.getpid()}, workers {sorted(set(found))}")
    assert len(set(found)) == 2
    assert os.getpid() not in found


@pytest.mark.parametrize("name", ["dask", "ray"])
def test_cluster_gives_what_this_machine_gives(name: str, local_dir: Path, tmp_path: Path) -> None:
    shutil.copytree(local_dir / "data/raw", tmp_path / "data/raw")
    done = command_in(tmp_path, "run", f"executor={name}", "executor.workers=2")
    assert done.code == 0, done.err
    assert _tables(tmp_path) == _tables(local_dir)


def test_scheduler_that_does_not_answer_is_named(local_dir: Path) -> None:
    done = command_in(
        local_dir, "train", "executor=dask", "executor.address=tcp://127.0.0.1:9", "--force"
    )
    assert done.code == 2
    assert done.err.startswith(
        "error: executor.address=tcp://127.0.0.1:9: no Dask scheduler answers"
    )


# the first worker process that takes up a task kills itself
KILLED_ONCE = """
import os, signal, sys
def hear(event, arguments):
    if event == "import" and arguments[0] == "clustering.stages.train":
        try:
            os.close(os.open(os.environ["KILLED"], os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return
        os.kill(os.getpid(), signal.SIGKILL)
if "--multiprocessing-fork" in sys.orig_argv:
    sys.addaudithook(hear)
"""


def test_a_worker_that_is_killed_leaves_the_results_whole(local_dir: Path, tmp_path: Path) -> None:
    project, killed = tmp_path / "project", tmp_path / "killed"
    shutil.copytree(local_dir, project)
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "sitecustomize.py").write_text(KILLED_ONCE)
    paths = os.pathsep.join([str(tmp_path / "own"), *filter(None, sys.path)])
    done = command_in(
        project,
        *("train", "executor=dask", "executor.workers=2", "--force"),
        env={"PYTHONPATH": paths, "KILLED": str(killed)},
    )
    assert killed.exists()
    assert done.code in (0, 4), done.err
    assert done.code == 0 or "workers died" in done.err
    assert _tables(project) == _tables(local_dir)
