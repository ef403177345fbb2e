"""What a person sees: progress on stderr, results on stdout."""

from __future__ import annotations

import logging
import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.logging import RichHandler
from rich.text import Text

from clustering.redaction import redacted, visible
from clustering.store import atomic

if TYPE_CHECKING:
    from pathlib import Path

    from rich.progress import Progress, TaskID

    from clustering.registry import Stage
    from clustering.store.manifest import Manifest


class SafeConsole(Console):
    """A console that shows control characters of the data as their codes."""

    def render_str(self, text: str, **options: Any) -> Text:
        """As rich does, of the visible text."""
        return super().render_str(visible(text), **options)


def results() -> Console:
    """The console for results (stdout)."""
    return SafeConsole(file=sys.stdout)


def messages() -> Console:
    """The console for progress and logs (stderr)."""
    return SafeConsole(file=sys.stderr, highlight=False)


def configure_logging(level: str) -> None:
    """Send log records of this package, at `level` and above, to stderr, without credentials."""
    console = messages()
    handler = (
        RichHandler(console=console, show_path=False, markup=False)
        if console.is_terminal
        else logging.StreamHandler(sys.stderr)
    )
    handler.setLevel(level.upper())
    handler.addFilter(_for_people)
    logger = logging.getLogger("clustering")
    logger.handlers[:] = [handler]
    logger.propagate = False
    logger.setLevel(level.upper())


def _for_people(record: logging.LogRecord) -> bool:
    """Keep events for the log file, since the progress shows them already; hide credentials in all
    else.
    """
    record.msg, record.args = visible(redacted(record.getMessage())), ()
    return not hasattr(record, "event")


def write_text(text: str, output: Path | None) -> None:
    """Write to a file, or as it is to the terminal where none is named."""
    if output:
        atomic.write_text(output, text)
    else:
        results().out(text, highlight=False, end="")


class StageProgress:
    """Draws each stage as it runs: a live bar on a terminal, one line per finished stage
    elsewhere.
    """

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or messages()
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._clock = 0.0

    def __enter__(self) -> StageProgress:
        if self.console.is_terminal:
            self._progress = _bar(self.console)
            self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._progress:
            self._progress.stop()

    def started(self, stage: Stage, categories: int) -> None:
        self._clock = time.perf_counter()
        if self._progress:
            self._task = self._progress.add_task(stage.key, total=categories or None, category="")

    def advanced(self, stage: Stage, category: str) -> None:
        if self._progress and self._task is not None:
            self._progress.update(self._task, advance=1, category=category)

    def finished(self, stage: Stage, manifest: Manifest, skipped: bool) -> None:
        if self._progress and self._task is not None:
            self._progress.remove_task(self._task)
            self._task = None
        took = "fresh, skipped" if skipped else f"{time.perf_counter() - self._clock:.1f} s"
        self.console.print(f"{stage.key:<22} {took}", markup=False)


def _bar(console: Console) -> Progress:
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description:<22}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[category]}", markup=False),
        console=console,
        transient=True,
    )
