"""Runs commands one after the other in a process that has everything imported, one of them with a
broken file operation. A process that was killed is replaced by a new one.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from tests.conftest import PATIENCE, clean_environment
from tests.faults.breaker import Breaker

# what takes long to import and starts no thread, for a process to begin with
LOADED = ["skops.io", "sklearn.mixture", "hydra.main"]


@dataclass(frozen=True)
class Ended:
    """How a command ended; `code` is None where its process was killed."""

    code: int | None
    out: str = ""
    err: str = ""
    operations: list[str] = field(default_factory=list)


class Commands:
    """The process, which is started when it is needed."""

    def __init__(self) -> None:
        self._process: multiprocessing.process.BaseProcess | None = None
        self._connection: Connection

    def run(self, folder: Path, *words: str, mode: str = "", at: int = 0) -> Ended:
        """Run `clustering WORDS` in `folder` with operation `at` broken; with mode and without
        `at`, its operations are listed.
        """
        if self._process is None:
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload(LOADED)
            self._connection, theirs = context.Pipe()
            self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
            self._process.start()
            theirs.close()
        self._connection.send((str(folder.resolve()), words, mode, at))
        if not self._connection.poll(PATIENCE):
            self.stop()
            raise TimeoutError(f"{words} {mode} {at}: no end in {PATIENCE} s")
        try:
            return self._connection.recv()  # type: ignore[no-any-return]
        except EOFError:
            self.stop()
            return Ended(None)

    def stop(self) -> None:
        """End the process."""
        if self._process:
            self._process.kill()
            self._process.join()
            self._connection.close()
        self._process = None


def _serve(connection: Connection) -> None:
    """In the process: never returns before the other end is gone."""
    os.environ.clear()
    os.environ.update(clean_environment())
    breaker = Breaker()
    breaker.install()
    while True:
        try:
            folder, words, mode, at = connection.recv()
        except EOFError:
            return
        connection.send(_carry_out(breaker, Path(folder), words, mode, at))


def _carry_out(breaker: Breaker, folder: Path, words: tuple[str, ...], mode: str, at: int) -> Ended:
    from clustering.cli.app import main

    os.chdir(folder)
    sys.argv = ["clustering", *words]
    code = 0
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        breaker.watch(folder, mode, at)
        try:
            main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(bool(ended.code))
        finally:
            breaker.rest()
            sys.stdout.flush()
            sys.stderr.flush()
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode(errors="replace"))
    return Ended(code, *texts, breaker.done)
