"""Output streams: results unchanged on stdout, messages without secrets on stderr.

A reader that goes away (`clustering run | head -1`) does not end the work: what it would have read
is dropped. A terminal that cannot show a character shows its code instead.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from clustering.redaction import redacted


class GuardedStream:
    """A text stream that survives its reader and passes text through `change` before writing."""

    def __init__(self, stream: TextIO, change: Callable[[str], str] | None = None) -> None:
        self._stream, self._change = stream, change

    def write(self, text: str) -> int:
        """Write the changed text; give the length of the text that came."""
        self._without_reader(self._stream.write, self._change(text) if self._change else text)
        return len(text)

    def writelines(self, lines: list[str]) -> None:
        """Write every line."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Hand what was written to the reader, if there still is one."""
        self._without_reader(self._stream.flush)

    def _without_reader(self, action: Callable[..., Any], *arguments: str) -> None:
        try:
            action(*arguments)
        except BrokenPipeError:  # from now on nobody reads: Python must not fail at exit either
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def guarded_streams(redact_results: bool = False) -> Iterator[None]:
    """Guard both streams of this process; `redact_results` is for dumps of settings on stdout."""
    before: tuple[Any, Any] = sys.stdout, sys.stderr
    for stream in before:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    wrapped: tuple[Any, Any] = (
        GuardedStream(sys.stdout, redacted if redact_results else None),
        GuardedStream(sys.stderr, redacted),
    )
    sys.stdout, sys.stderr = wrapped
    try:
        yield
    finally:
        for stream in wrapped:
            stream.flush()
        sys.stdout, sys.stderr = before
