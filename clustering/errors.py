"""Every failure we expect, one class per exit code.

    ClusteringError          the base; never raised itself
    ├── NotProvenError  1    what was to be proven does not hold (verify, reproduce)
    ├── ConfigError     2    the command line or the configuration is wrong
    ├── DataError       3    the input data are wrong
    ├── StageError      4    a stage could not do its work
    └── NotFreshError   5    results are not up to date (status --check)

Anything else that escapes is a bug: it keeps its traceback and exits with 1. `cli.boundary` is
the only place that turns these into text and an exit code.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class ClusteringError(Exception):
    """An expected failure: one line that names the culprit and the next step, plus a few lines of
    detail.
    """

    exit_code = 1

    def __init__(self, message: str, details: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.details = tuple(details)

    def __reduce__(self) -> tuple[type[ClusteringError], tuple[str, tuple[str, ...]]]:
        """Survive the trip back from a worker process with the details intact."""
        return type(self), (self.message, self.details)


class NotProvenError(ClusteringError):
    """What a command was asked to prove does not hold: a file differs from its record."""

    exit_code = 1


class ConfigError(ClusteringError):
    """The command line or the configuration is wrong."""

    exit_code = 2


class DataError(ClusteringError):
    """The input data are wrong, or an artifact is missing, damaged or was tampered with."""

    exit_code = 3


class StageError(ClusteringError):
    """A stage could not do its work on data and configuration that looked right."""

    exit_code = 4


class NotFreshError(ClusteringError):
    """Results are not up to date, and were to be."""

    exit_code = 5


def missing_extra(what: str, extra: str) -> ConfigError:
    """The error where `what` needs packages of an extra, with the command that installs them."""
    return ConfigError(
        f"{what}: packages are missing; install them: python -m pip install {_requirement(extra)}"
    )


def _requirement(extra: str) -> str:
    """An extra of this package as pip finds it: in the checkout, where the package was installed
    from (PEP 610), or in an index.
    """
    import json
    from importlib.metadata import PackageNotFoundError, distribution
    from pathlib import Path

    root = Path(__file__).resolve().parents[1]
    if (root / "pyproject.toml").is_file():
        return f'-e "{root}[{extra}]"'
    try:
        origin = json.loads(distribution("clustering").read_text("direct_url.json") or "{}")
    except PackageNotFoundError:
        origin = {}
    if not origin:
        return f'"clustering[{extra}]"'
    address, vcs = origin["url"], origin.get("vcs_info")
    if vcs:
        address = f"{vcs['vcs']}+{address}@{vcs['commit_id']}"
    return f'"clustering[{extra}] @ {address}"'


def first_line(error: BaseException) -> str:
    """What an error says, in one line."""
    text = str(error).strip()
    return text.splitlines()[0] if text else type(error).__name__


# what joblib, Dask and Ray call the end of a worker process that took its work with it
_DEAD_WORKER = (
    "TerminatedWorkerError",
    "BrokenProcessPool",
    "KilledWorker",
    "WorkerCrashedError",
    "NodeDiedError",
    "OutOfMemoryError",
    "LocalRayletDiedError",
)


def is_dead_worker(error: BaseException) -> bool:
    """Whether a worker process ended before its work was done."""
    return type(error).__name__ in _DEAD_WORKER


def is_panic(error: BaseException) -> bool:
    """Whether Rust code gave up; no subclass of Exception."""
    return type(error).__name__ == "PanicException"


class Interrupted(KeyboardInterrupt):
    """The process was told to end; its text is the name of the signal.

    A KeyboardInterrupt of Python's own that passes through `exec` of a text, as when a dataclass is
    made while a module is imported, ends the process by the signal, whatever exit code it was to
    have. This one does not.
    """


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Give ", did you mean 'x'?" for the known word nearest to `word`, or an empty string."""
    found = nearest(word, known)
    return f", did you mean {found!r}?" if found else ""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word spelt most like `word`, whatever its case, else the first that begins so."""
    names = {name.casefold(): name for name in known}
    low = word.casefold()
    close = get_close_matches(low, names, n=1)
    begins = [name for name in names if len(low) > 1 and name.startswith(low)]
    return next((names[name] for name in (*close, *begins)), None)
