"""The command of the benchmarks starts: its modules are imported, its words are understood."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_the_command_says_which_parts_it_has() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", "--help"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "--against" in done.stdout
    assert "aggregation" in done.stdout
