"""Which files an input means, and what they hold by content: all a run needs to know where nothing
has changed.

No tables are read here, so nothing that reads them is loaded.
"""

from __future__ import annotations

import glob
from collections.abc import Iterable, Sequence
from pathlib import Path

from clustering.config import Source
from clustering.errors import DataError
from clustering.store.bucket import expand_remote, is_remote, remote_states
from clustering.store.manifest import FileState, file_states

OPTIONAL = ("like_stores", "overrides", "labels")


def states(paths: Sequence[str], known: Iterable[FileState] = ()) -> list[FileState]:
    """What files and objects hold now, by content; hashes of files are taken from `known` where
    nothing can have changed.
    """
    remote = {
        state.path: state for state in remote_states([path for path in paths if is_remote(path)])
    }
    local = {
        state.path: state
        for state in file_states([path for path in paths if path not in remote], known)
    }
    return [(remote | local)[path] for path in paths]


def expand(name: str, pattern: str) -> list[str]:
    """The files a path or glob matches; raises DataError where there is none."""
    files = matches(pattern)
    if not files:
        raise DataError(f"source.{name}={pattern} matches no file; add one, or set source.{name}")
    return files


def matches(pattern: str) -> list[str]:
    """The files that a path, a folder or a glob means, without hidden ones and those that programs
    leave beside data; none is no mistake.

    The name of a file that is there means that file, whatever brackets are in it.
    """
    if is_remote(pattern):
        return expand_remote(pattern)
    text = str(Path(pattern).expanduser())
    if Path(text).is_file():
        return [text]
    if (Path(text) / "_delta_log").is_dir():
        raise DataError(
            f"{text} is a table of Delta Lake: its folder holds files that no longer count, too; "
            "export the table to parquet, or read it by SQL (source=duckdb, delta_scan)"
        )
    if Path(text).is_dir():
        text = str(Path(glob.escape(text)) / "**" / "*")
    found = glob.glob(text, recursive=True) or glob.glob(text.replace("[", "[[]"), recursive=True)
    return sorted(file for file in set(found) if Path(file).is_file() and not _is_beside(file))


def _is_beside(file: str) -> bool:
    """Hidden files, locks of Excel, marks and checksums of Spark, a table's log."""
    parts = Path(file).parts
    return (
        parts[-1].startswith((".", "~$", "_SUCCESS", "_committed", "_started", "_metadata"))
        or parts[-1].endswith(".crc")
        or "_delta_log" in parts
    )


def optional_files(name: str, source: Source) -> list[str]:
    """The files behind source.<name>, one of OPTIONAL; none where it is not set."""
    pattern: str | None = getattr(source, name)
    return expand(name, pattern) if pattern else []
