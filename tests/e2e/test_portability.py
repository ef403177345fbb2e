"""What only POSIX systems, or only Linux, have is not needed to run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.conftest import clean_environment
from tests.e2e.snapshot import tables

WITHOUT = """
import os, sys
for name in ("sched_getaffinity", "sched_setaffinity", "fork", "getuid", "geteuid", "getpgid",
             "killpg", "setsid", "nice", "getloadavg", "statvfs", "mkfifo"):
    if hasattr(os, name):
        delattr(os, name)
for name in ("resource", "pwd", "grp", "termios"):
    sys.modules[name] = None
from clustering.cli.app import main
main()
"""


def _run(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", WITHOUT, *words],
        cwd=project,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )


def test_run_works_without_names_that_other_systems_lack(
    fresh_project: Path, finished_dir: Path
) -> None:
    done = _run(fresh_project, "run")
    assert done.returncode == 0, done.stderr
    assert tables(fresh_project) == tables(finished_dir)


def test_worker_processes_work_without_them_too(fresh_project: Path) -> None:
    done = _run(fresh_project, "run", "internal_ml", "executor.workers=2")
    assert done.returncode == 3, "nothing is preprocessed yet"
    assert _run(fresh_project, "preprocess", "executor.workers=2").returncode == 0
    done = _run(fresh_project, "run", "internal_ml", "executor.workers=2")
    assert done.returncode == 0, done.stderr
