"""Kills and rivals: whatever happens to a run, the next one ends with the bytes of an undisturbed
one.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from clustering.store.catalog import Catalog
from tests.conftest import PATIENCE, command_in
from tests.e2e.snapshot import tables

RUN = ("run", "executor.workers=1")
LONG = (*RUN, "select.trust_replicates=10000")  # takes minutes in internal/train


def _start(folder: Path, *words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "clustering", *(words or RUN)],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def test_killed_twenty_times_then_the_bytes_of_an_undisturbed_run(
    finished_dir: Path, fresh_project: Path
) -> None:
    rng = random.Random(20)
    killed = 0
    while killed < 20:
        process = _start(fresh_project)
        time.sleep(rng.uniform(0.3, 6.0))
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        killed += 1
        process.communicate()
        # a run that got through is set back, so that every kill has something to hit
        if (fresh_project / "data/dev/merged/manifest.json").exists():
            victim = rng.choice(
                ["internal/preprocess", "external/train", "merged", "internal/train"]
            )
            # (gone already where the kill before this one set back the same stage)
            (fresh_project / "data/dev" / victim / "manifest.json").unlink(missing_ok=True)
    done = command_in(fresh_project, "run")
    assert done.code == 0, done.err
    assert tables(fresh_project) == tables(finished_dir)
    leftovers = [
        path
        for path in (fresh_project / "data").rglob("*")
        if path.name.startswith((".writing-", ".lock-h"))
    ]
    assert leftovers == []


def test_four_runs_and_four_publications_at_once_all_end_well(
    finished_dir: Path, fresh_project: Path
) -> None:
    _all_end_well([_start(fresh_project) for _ in range(4)])
    assert tables(fresh_project) == tables(finished_dir)
    publish = ("publish", "--approver", "Ann")
    _all_end_well([_start(fresh_project, *publish) for _ in range(4)])
    listed = json.loads(command_in(fresh_project, "versions", "--format", "json").out)
    assert [row["number"] for row in listed["versions"]] == [1, 2, 3, 4]
    assert not any(row["faults"] for row in listed["versions"])
    record = fresh_project / "outputs" / "published" / "dev" / "version.json"
    assert json.loads(record.read_text())["version"] == 4


def _all_end_well(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        _, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, err.decode()


def test_run_that_cannot_wait_names_the_holder(fresh_project: Path) -> None:
    catalog = Catalog(str(fresh_project / "data"), str(fresh_project / "outputs"), "dev")
    with catalog.locked(0, "a test"):
        done = command_in(fresh_project, "run", "executor.lock_timeout=0")
    assert done.code == 4
    assert f"process {os.getpid()} (a test)" in done.err


def test_interrupt_ends_with_130_and_keeps_finished_stages(fresh_project: Path) -> None:
    process = _start(fresh_project, *LONG)
    manifest = fresh_project / "data/dev/internal/preprocess/manifest.json"
    while not manifest.exists():
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert b"Traceback" not in err
    assert manifest.exists()


def test_interrupt_while_a_module_is_imported_ends_with_130_too(tmp_path: Path) -> None:
    (tmp_path / "tool.py").write_text(
        "import os, signal\n"
        "from clustering.cli.hydra_bridge import boundary\n"
        "with boundary(False):\n"
        "    exec('os.kill(os.getpid(), signal.SIGINT)')  # as dataclasses make their methods\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "tool"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 130, done.stderr
    assert done.stderr.startswith("error: interrupted")


def test_a_killed_run_does_not_hold_the_folder(fresh_project: Path) -> None:
    process = _start(fresh_project, *LONG)
    holder = fresh_project / "data/.lock-holder.json"
    while not holder.exists():
        assert process.poll() is None
        time.sleep(0.02)
    catalog = Catalog(str(fresh_project / "data"), str(fresh_project / "outputs"), "dev")
    assert f"process {process.pid}" in catalog.holder()
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert holder.exists()
    assert catalog.holder() == ""
