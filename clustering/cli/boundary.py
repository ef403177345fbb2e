"""The error boundary: every failure becomes one line on stderr and an exit code."""

from __future__ import annotations

import errno
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from typer import TyperException

from clustering.cli.config_errors import as_config_error
from clustering.cli.plain_flags import usage_error
from clustering.cli.streams import guarded_streams
from clustering.errors import ClusteringError, Interrupted, StageError, is_dead_worker, is_panic
from clustering.redaction import visible
from clustering.store.atomic import as_os_error

INTERRUPTED = 130
LIMITS = (errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.ENOMEM)
NO_ROOM = "failed to map segment from shared object"  # of an import
NO_THREAD = ("can't start new thread", "cannot join thread before it is started")
TOO_LOW = (
    "a limit of the system is too low (ulimit -a shows them); raise it, or use fewer processes: "
    "executor.workers=1"
)
REFUSED = "the system refused; free space, or change the folder's rights, and try again"


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
                "interrupted; finished stages are kept, the next run continues from there",
                (),
                INTERRUPTED,
                False,
            )
        except BaseException as error:  # the one boundary
            if not isinstance(error, Exception) and not is_panic(error):
                raise
            told = in_our_words(error)
            _fail(told.message, told.details, told.exit_code, debug)


@contextmanager
def _interruptible() -> Iterator[None]:
    """Turn the signals that end a process into Interrupted, in the main thread, where Python's own
    handling is in place.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in _ending_signals()}
    usual = (signal.default_int_handler, signal.SIG_DFL)
    try:
        for number, handler in before.items():
            if handler in usual:
                signal.signal(number, _interrupt)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ending_signals() -> list[signal.Signals]:
    """Ctrl-C, and what a scheduler or a closed terminal sends; Windows knows no SIGHUP."""
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    return [getattr(signal, name) for name in names if hasattr(signal, name)]


def _interrupt(number: int, _frame: object) -> None:
    raise Interrupted(signal.Signals(number).name)


def in_our_words(error: BaseException) -> ClusteringError:
    """Any failure as a line, details and an exit code; what nobody foresaw is a bug, with code
    1.
    """
    if isinstance(error, ClusteringError):
        return error
    if isinstance(error, TyperException):
        return usage_error(error)
    if configuration := as_config_error(error):
        return configuration
    if is_dead_worker(error):
        return StageError(
            "a worker process died, probably out of memory; finished stages are kept",
            ["use fewer workers: executor.workers=1, or hydra.launcher.n_jobs=1 in a sweep"],
        )
    error = as_os_error(error) or error
    if isinstance(error, MemoryError) or NO_ROOM in str(error):
        error = OSError(errno.ENOMEM, "out of memory")
    if isinstance(error, RuntimeError) and str(error) in NO_THREAD:
        error = OSError(errno.EAGAIN, str(error))
    if isinstance(error, OSError) and error.strerror:
        place = f"{error.filename}: " if error.filename else ""
        return StageError(
            f"{place}{error.strerror}", [TOO_LOW if error.errno in LIMITS else REFUSED]
        )
    return ClusteringError(
        f"bug: {type(error).__name__}: {error}", ["--debug shows the traceback; please report it"]
    )


def _fail(message: str, details: Sequence[str], code: int, debug: bool) -> None:
    if debug:
        traceback.print_exc()
    lines = [visible(line) for line in (f"error: {message}", *(f"  {line}" for line in details))]
    sys.stderr.write("\n".join(lines) + "\n")
    sys.exit(code)
