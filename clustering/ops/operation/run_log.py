"""The log file of a run: one JSON object per line."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from clustering.config import Config
from clustering.redaction import redacted_value


class JsonLine(logging.Formatter):
    """A record as JSON: time (UTC), level, message, what the run is, and the fields of its `event`
    if it carries one.
    """

    def __init__(self, run: dict[str, str]) -> None:
        super().__init__()
        self.run = run

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            **self.run,
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "event", {}),
        }
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return json.dumps(redacted_value(entry), ensure_ascii=False, default=str)


class RunFile(logging.FileHandler):
    """The log file: made with its folder at the first record, given up with one line on stderr
    where the disk refuses.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, encoding="utf-8", delay=True)
        self.path = path

    def _open(self) -> TextIOWrapper:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        return super()._open()

    def emit(self, record: logging.LogRecord) -> None:
        try:
            super().emit(record)
        except OSError:
            self.handleError(record)

    def close(self) -> None:
        """What the disk refused before is not written now either."""
        with suppress(OSError):
            super().close()

    def handleError(self, _: logging.LogRecord) -> None:
        logging.getLogger("clustering").removeHandler(self)
        sys.stderr.write(
            f"warning: {self.path} cannot be written ({sys.exc_info()[1]}); this run has no log "
            "file\n"
        )


def log_path(config: Config) -> Path:
    """Where the run's log file is."""
    return Path(config.paths.output_dir) / "logs" / f"{config.invocation.run_id}.jsonl"


@contextmanager
def run_log(config: Config) -> Iterator[None]:
    """Write what is logged meanwhile to the run's file, whatever the console shows: from `info`, or
    `debug` if that is set.
    """
    invocation = config.invocation
    command = f"run {invocation.job}" if invocation.command == "run" else invocation.command
    handler = RunFile(log_path(config))
    handler.setFormatter(
        JsonLine({"run_id": invocation.run_id, "env": config.env, "command": command})
    )
    level = logging.DEBUG if config.log.level == "debug" else logging.INFO
    handler.setLevel(level)
    logger = logging.getLogger("clustering")
    logger.addHandler(handler)
    logger.setLevel(level)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        handler.close()
