"""The two consoles: messages on stderr, results on stdout."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.logging import RichHandler
from rich.text import Text

from clustering.redaction import redacted, visible
from clustering.store import atomic

if TYPE_CHECKING:
    from pathlib import Path


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


def can_redraw() -> bool:
    """Whether stderr is a terminal on which a line can be drawn again; colours do not make it one
    (FORCE_COLOR).
    """
    return sys.stderr.isatty() and not messages().is_dumb_terminal


def configure_logging(level: str) -> None:
    """Send log records of this package, at `level` and above, to stderr, without credentials."""
    console = messages()
    handler = (
        RichHandler(console=console, show_path=False, markup=False)
        if can_redraw()
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
