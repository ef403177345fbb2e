"""The record of a scenario: scenario.json in its folder."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from clustering.store.atomic import write_text

NAME = "scenario.json"
RUNNING, DONE, FAILED = "running", "done", "failed"


@dataclass
class Record:
    """How one job of a sweep went. A record that stays `running` when the sweep is over tells of a
    killed process.
    """

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
    """The record in a run folder; None where there is none that can be read."""
    try:
        return Record(**json.loads((folder / NAME).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def scenario_folders(sweep: Path) -> list[Path]:
    """The folders of a sweep's scenarios, in order of their numbers."""
    return sorted(
        (path.parent for path in sweep.glob(f"*/{NAME}")),
        key=lambda path: (len(path.name), path.name),
    )
