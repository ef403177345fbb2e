"""Files that appear whole: written under a temporary name, synced, then renamed; and JSON."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TEMPORARY = ".writing-"
OF_SYSTEM = re.compile(r"(?:\(os error|Os \{ code:) (\d+)")


def temporary_of(path: Path) -> Path:
    """The name under which `path` is written until it is whole."""
    return path.with_name(TEMPORARY + path.name)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path to write to; it replaces `path` at the end, unless something failed.

    The folder is made where it is not there. Until the end, readers see the old file. Raises
    OSError where the disk refuses.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_of(path)
    try:
        with refusals():
            yield temporary
        sync(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def refusals(path: Path | None = None) -> Iterator[None]:
    """Raise OSError where Polars only quotes the system, such as "(os error 28)": the disk is
    full.
    """
    try:
        yield
    except Exception as error:
        if refused := as_os_error(error, path):
            raise refused from error
        raise


def as_os_error(error: BaseException, path: Path | None = None) -> OSError | None:
    """What the system refused, as Python would say it; None for any other error."""
    is_of_rust = type(error).__module__.startswith(("polars", "pyo3"))
    said = OF_SYSTEM.search(str(error)) if is_of_rust else None
    return OSError(int(said[1]), os.strerror(int(said[1])), path and str(path)) if said else None


def read_json(path: Path) -> Any:
    """The content of a JSON file; raises OSError where it cannot be read, ValueError where it is no
    JSON or is nested too deeply.
    """
    return parse_json(path.read_bytes())


def parse_json(text: bytes | str) -> Any:
    """As `read_json`."""
    try:
        return json.loads(text)
    except RecursionError as cause:
        raise ValueError("it is nested too deeply") from cause


def write_text(path: Path, text: str) -> None:
    """Replace the content of `path` by `text`."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def sync(path: Path) -> None:
    """Have the disk hold what was written to a file."""
    with path.open("r+b") as handle:  # Windows syncs only what may be written
        os.fsync(handle.fileno())


def sync_folder(path: Path) -> None:
    """Have the disk hold which names a folder has, on systems that can be asked to."""
    if os.name == "posix":
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
