"""The error boundary: turns every failure into one line on stderr and an exit code, and Ctrl-C into
130.
"""

from __future__ import annotations

import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from clustering.cli.config_errors import as_config_error
from clustering.cli.streams import guarded_streams
from clustering.errors import ClusteringError, StageError, is_dead_worker

INTERRUPTED = 130


@contextmanager
def boundary(debug: bool) -> Iterator[None]:
    """The only place that prints errors: one line and a few of detail on stderr, then the exit code
    of its class.
    """
    with guarded_streams(), _interruptible():
        try:
            yield
        except KeyboardInterrupt:
            _fail(
                "interrupted; finished stages are kept, the next run goes on from there",
                (),
                INTERRUPTED,
                False,
            )
        except Exception as error:
            told = in_our_words(error)
            _fail(told.message, told.details, told.exit_code, debug)


class _Interrupted(KeyboardInterrupt):
    """Ours. One of Python's own that has passed through `exec` of a text, as in the making of a
    dataclass while a module is imported, ends the process by the signal, whatever exit code it was
    to have."""


@contextmanager
def _interruptible() -> Iterator[None]:
    if (
        threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGINT) != signal.default_int_handler
    ):
        yield
        return

    def interrupt(number: int, frame: object) -> None:
        raise _Interrupted

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def in_our_words(error: Exception) -> ClusteringError:
    """Any failure as a line, details and an exit code; what nobody foresaw is a bug, with code
    1.
    """
    if isinstance(error, ClusteringError):
        return error
    if configuration := as_config_error(error):
        return configuration
    if is_dead_worker(error):
        return StageError(
            "a worker process died, probably out of memory; finished stages are kept",
            ["use fewer workers: executor.workers=1, or hydra.launcher.n_jobs=1 in a sweep"],
        )
    return ClusteringError(
        f"bug: {type(error).__name__}: {error}", ["--debug shows the traceback; please report it"]
    )


def _fail(message: str, details: Sequence[str], code: int, debug: bool) -> None:
    if debug:
        traceback.print_exc()
    lines = [f"error: {message}", *(f"  {line}" for line in details)]
    sys.stderr.write("\n".join(lines) + "\n")
    sys.exit(code)
