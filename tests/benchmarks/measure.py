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
    """Median wall and CPU seconds of a command, and the largest memory of any of its processes
    (MiB); 0 where not measured.
    """

    seconds: float
    peak_mib: float = 0.0
    cpu: float = 0.0


@dataclass(frozen=True)
class Row:
    """A line of the table: what ours and the rival cost; `size` is what a growth curve has on its
    axis.
    """

    part: str
    what: str
    ours: Cost
    rival: str
    theirs: Cost
    size: int = 0

    @property
    def times(self) -> float:
        """How many times faster ours is."""
        return self.theirs.seconds / self.ours.seconds

    def __str__(self) -> str:
        return (
            f"{self.what:<46} "
            f"{self.rival:<24}{self.ours.seconds:>9.2f}{self.theirs.seconds:>9.2f}{self.times:>8.2f}"
            f"{self.ours.cpu:>9.2f}{self.theirs.cpu:>9.2f}"
            f"{self.ours.peak_mib:>9.0f}{self.theirs.peak_mib:>9.0f}"
        )


HEADER = (
    f"{'':<46} {'rival':<24}{'ours s':>9}{'its s':>9}{'times':>8}{'our CPU':>9}{'its CPU':>9}"
    f"{'our MiB':>9}{'its MiB':>9}"
)


def cost(
    command: list[str],
    folder: Path | None = None,
    runs: int = 3,
    warm_up: bool = True,
    root: Path | None = None,
) -> Cost:
    """Run `command` so often after one warm-up, with the package below `root` if that is given;
    raises RuntimeError where it fails.
    """
    if warm_up:
        _once(command, folder, root)
    return _typical([_once(command, folder, root) for _ in range(runs)])


def in_turn(command: list[str], places: dict[Path, Path | None], runs: int = 3) -> list[Cost]:
    """Run `command` in each folder of `places` with the package below its root, after a warm-up
    each: one run here, one there, so that a busier minute of the machine meets all alike.
    """
    for place, root in places.items():
        _once(command, place, root)
    found = [[_once(command, place, root) for place, root in places.items()] for _ in range(runs)]
    return [_typical(list(own)) for own in zip(*found, strict=True)]


def _typical(found: list[Cost]) -> Cost:
    return Cost(
        median(one.seconds for one in found),
        max(one.peak_mib for one in found),
        median(one.cpu for one in found),
    )


def _once(command: list[str], folder: Path | None, root: Path | None) -> Cost:
    clock = time.perf_counter()
    # as on a user's machine, where modules are compiled once
    environment = {
        name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
    }
    if root:
        environment["PYTHONPATH"] = str(root)
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - clock
    if status != 0:
        raise RuntimeError(f"{' '.join(command)[:200]} failed with status {status}")
    process.returncode = 0
    return Cost(seconds, usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime)


def python(code: str) -> list[str]:
    """A command that runs `code`."""
    return [sys.executable, "-c", code]


def clustering(*words: str) -> list[str]:
    """A command of ours."""
    return [sys.executable, "-m", "clustering", *words]
