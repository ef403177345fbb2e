"""Whole processes, timed from outside."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True)
class Cost:
    """Median wall seconds of a command, and the largest memory of any of its processes (MiB)."""

    seconds: float
    peak_mib: float


def cost(command: list[str], folder: Path | None = None, runs: int = 3) -> Cost:
    """Run `command` so often after one warm-up; raises RuntimeError where it fails."""
    _once(command, folder)
    found = [_once(command, folder) for _ in range(runs)]
    return Cost(median(one.seconds for one in found), max(one.peak_mib for one in found))


def _once(command: list[str], folder: Path | None) -> Cost:
    clock = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - clock
    if status != 0:
        raise RuntimeError(f"{' '.join(command)[:200]} failed with status {status}")
    process.returncode = 0
    return Cost(seconds, usage.ru_maxrss / 1024)


def python(code: str) -> list[str]:
    """A command that runs `code`."""
    return [sys.executable, "-c", code]


def clustering(*words: str) -> list[str]:
    """A command of ours."""
    return [sys.executable, "-m", "clustering", *words]


def line(name: str, ours: Cost, theirs: Cost) -> str:
    """One row: ours, theirs, and how many times faster ours is."""
    return (
        f"{name:<44}{ours.seconds:>8.2f} s{theirs.seconds:>9.2f} s{theirs.seconds / ours.seconds:>8.2f} x"
        f"{ours.peak_mib:>9.0f} MiB{theirs.peak_mib:>9.0f} MiB"
    )
