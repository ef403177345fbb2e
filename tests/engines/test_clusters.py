"""Dask and Ray, each with two worker processes of its own."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import psutil
import pytest

from clustering.config import Executor
from clustering.pipeline.executor import connections, spread
from clustering.sample.write import write_sample
from tests.conftest import PATIENCE, clean_environment, command_in

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


def test_worker_killed_in_the_middle(tmp_path: Path) -> None:
    list(write_sample(tmp_path / "data", stores=200, categories=16, clusters=4, weeks=8, seed=5))
    words = ("select.trust_replicates=1000", "executor.workers=2")
    assert command_in(tmp_path, "run", *words).code == 0
    before = _tables(tmp_path)
    running = subprocess.Popen(
        [sys.executable, "-m", "clustering", "train", *words, "executor=dask", "--force"],
        cwd=tmp_path,
        env=clean_environment(),
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    killed = _kill_a_busy_worker(psutil.Process(running.pid))
    _, err = running.communicate(timeout=PATIENCE)
    print(f"\nkilled worker {killed} of {running.pid}: exit {running.returncode}")
    assert running.returncode in (0, 4), err
    assert running.returncode == 0 or "workers died" in err
    assert _tables(tmp_path) == before
    assert pl.read_parquet(tmp_path / "data/dev/internal/train/selection.parquet").height


def _kill_a_busy_worker(parent: psutil.Process) -> int:
    """Wait until a worker process has computed for a moment, then kill it."""
    end = time.monotonic() + PATIENCE
    while parent.is_running() and time.monotonic() < end:
        for child in parent.children(recursive=True):
            try:
                spawned = "spawn_main" in " ".join(child.cmdline())
                if spawned and child.cpu_times().user > 5:  # importing takes about three seconds
                    os.kill(child.pid, signal.SIGKILL)
                    return child.pid
            except psutil.NoSuchProcess:
                continue
        time.sleep(0.1)
    raise AssertionError("no worker ever worked")
