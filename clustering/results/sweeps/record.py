"""The record of a scenario, scenario.json in its folder, and the plan of a sweep, jobs.json."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from clustering.store.atomic import read_json, write_text
from clustering.store.processes import has_ended

NAME, PLAN = "scenario.json", "jobs.json"
RUNNING, DONE, FAILED = "running", "done", "failed"
CUT_OFF, NOT_STARTED = "cut off", "not started"  # never written: a killed process writes nothing


@dataclass
class Record:
    """How one job of a sweep went."""

    number: str
    command: str
    env: str
    overrides: list[str]
    state: str = RUNNING
    metric: str = ""
    objective: float | None = None
    error: str = ""
    details: list[str] = field(default_factory=list)
    exit_code: int = 0
    seconds: float = 0.0
    started: float = field(default_factory=time.time)
    pid: int = field(default_factory=os.getpid)
    host: str = field(default_factory=socket.gethostname)

    def fail(self, message: str, details: Sequence[str], exit_code: int) -> None:
        self.state, self.error, self.details, self.exit_code = (
            FAILED,
            message,
            list(details),
            exit_code,
        )

    def write(self, folder: Path) -> None:
        self.seconds = round(time.time() - self.started, 3)
        write_text(folder / NAME, json.dumps(asdict(self), indent=2) + "\n")


def read_record(folder: Path) -> Record | None:
    """The record in a run folder; None where there is none that can be read. A scenario whose
    process ended without a word is cut off.
    """
    try:
        record = Record(**read_json(folder / NAME))
    except (OSError, ValueError, TypeError):
        return None
    if record.state == RUNNING and has_ended(record.host, record.pid):
        record.state, record.error = CUT_OFF, "its process was killed"
    return record


def records(sweep: Path) -> dict[Path, Record]:
    """The record of every scenario of a sweep by its folder, in order of their numbers; also of
    those that were planned and not started.
    """
    found: dict[Path, Record | None] = {path.parent: None for path in sweep.glob(f"*/{NAME}")}
    found = {folder: read_record(folder) for folder in found}
    for planned in _planned(sweep):
        folder = sweep / planned.number
        found[folder] = found.get(folder) or planned
    ordered = sorted(found.items(), key=lambda item: (len(item[0].name), item[0].name))
    return {folder: record for folder, record in ordered if record}


def plan(sweep: Path, command: str, env: str, jobs: Sequence[Sequence[str]]) -> None:
    """Note the overrides of every job before the first one starts."""
    planned = [
        {"number": str(number), "command": command, "env": env, "overrides": list(words)}
        for number, words in enumerate(jobs)
    ]
    write_text(sweep / PLAN, json.dumps(planned, indent=2) + "\n")


def _planned(sweep: Path) -> list[Record]:
    try:
        return [Record(**job, state=NOT_STARTED) for job in read_json(sweep / PLAN)]
    except (OSError, ValueError, TypeError):
        return []
