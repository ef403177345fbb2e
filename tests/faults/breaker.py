"""Counts the file operations of a command and breaks one of them.

What counts are operations that change something below the working folder. Python tells of every
open, rename, removal, folder and link by an audit event, whose hook may end the process or raise.
What has no event is wrapped: fsync, copies, and the files Polars writes; half of the content of
these is written before they break.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
from polars.exceptions import ComputeError

KILL, FAIL = "kill", "fail"
WRITE = os.O_WRONLY | os.O_RDWR
# by audit event, how many of its first arguments are paths
EVENTS = {
    "os.rename": 2,
    "os.remove": 1,
    "os.rmdir": 1,
    "os.mkdir": 1,
    "os.link": 2,
    "os.symlink": 2,
    "os.chmod": 1,
}
# a full disk still lets files be removed and their rights be changed
NEED_ROOM = ("open", "write", "copy", "fsync", "os.rename", "os.mkdir", "os.link", "os.symlink")


class Breaker:
    """Breaks operation number `at` of those it counts: `kill` ends the process before it, `fail`
    raises what a full disk does.
    """

    def __init__(self) -> None:
        self.folder, self.mode, self.at = "", "", 0
        self.done: list[str] = []
        self._inside = False  # an operation that consists of others

    def watch(self, folder: Path, mode: str, at: int) -> None:
        """Begin to count."""
        self.folder, self.mode, self.at, self.done = f"{folder}/", mode, at, []

    def rest(self) -> None:
        """Count and break nothing from now on."""
        self.mode = ""

    def install(self) -> None:
        """Let this process tell of its operations; there is no way back."""
        sync = os.fsync

        def fsync(descriptor: int) -> None:
            self.operation("fsync", str(Path(f"/proc/self/fd/{descriptor}").readlink()))
            sync(descriptor)

        os.fsync = fsync  # type: ignore[assignment]
        shutil.copyfile = self._halved("copy", shutil.copyfile)
        for name in ("write_parquet", "write_csv"):
            setattr(pl.DataFrame, name, self._halved("write", getattr(pl.DataFrame, name)))
        sys.addaudithook(self._hear)

    def operation(self, kind: str, *paths: Any) -> None:
        """Count an operation, or break it."""
        if self._is_broken(kind, *paths):
            self._break(kind, paths[-1])

    def _is_broken(self, kind: str, *paths: Any) -> bool:
        if not self.mode or self._inside or not any(map(self._concerns, paths)):
            return False
        if self.mode == FAIL and kind not in NEED_ROOM:
            return False
        if self.mode == KILL and kind == "fsync":  # before it all is as before the next operation
            return False
        self.done.append(" ".join([kind, *(os.fsdecode(path) for path in paths)]))
        return len(self.done) == self.at

    def _break(self, kind: str, path: Any) -> None:
        if self.mode == KILL:
            os._exit(137)
        if kind == "write":  # Polars tells it so
            raise ComputeError("underlying IO error: No space left on device (os error 28)")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), os.fsdecode(path))

    def _concerns(self, path: Any) -> bool:
        if not isinstance(path, str | bytes | os.PathLike):
            return False
        return (Path.cwd() / os.fsdecode(path)).as_posix().startswith(self.folder)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.mode or self._inside:
            return
        if event == "open":
            path, _, flags = arguments
            changes = isinstance(flags, int) and flags & WRITE
            if changes and (self.mode == FAIL or flags & os.O_TRUNC or not _is_there(path)):
                self.operation(event, path)
        elif event in EVENTS:
            paths = arguments[: EVENTS[event]]
            without_effect = (event == "os.mkdir" and _is_there(paths[0])) or (
                event == "os.remove" and not _is_there(paths[0])
            )
            if not without_effect:
                self.operation(event, *paths)

    def _halved(self, kind: str, write: Callable[..., Any]) -> Callable[..., Any]:
        """`write`, whose file is cut in half where it is the operation to break."""

        def wrapped(first: Any, path: Any = None, *rest: Any, **more: Any) -> Any:
            broken = self._is_broken(kind, path)
            before, self._inside = self._inside, True
            try:
                result = write(first, path, *rest, **more)
                if broken:
                    os.truncate(path, Path(path).stat().st_size // 2)
            finally:
                self._inside = before
            if broken:
                self._break(kind, path)
            return result

        return wrapped


def _is_there(path: Any) -> bool:
    return isinstance(path, str | bytes | os.PathLike) and os.path.lexists(path)
