"""Where tables and models are: atomic parquet, schema checks, and the lock.

    <data_dir>/<env>/<track>/<stage>/<table>.parquet     tables, with manifest.json beside them
    <output_dir>/models/<env>/<track>/<stage>.zip        what was fitted

Everything is written to a temporary name, synced and renamed, the manifest last. A stage folder
whose files do not match its manifest was interrupted or edited: it counts as stale when it is to be
made, and is refused when it is read.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clustering.errors import DataError, StageError, first_line
from clustering.registry import MERGED, STAGES, Stage
from clustering.store.atomic import read_json, sync, sync_folder, temporary_of, write_text
from clustering.store.checked import write_checked
from clustering.store.manifest import FileState, Manifest, file_state
from clustering.store.processes import has_ended

if TYPE_CHECKING:
    import polars as pl
    from filelock import FileLock

log = logging.getLogger(__name__)


class Catalog:
    """The artifacts of one environment."""

    def __init__(self, data_dir: str, output_dir: str, env: str) -> None:
        self.env = env
        self.data_dir = Path(data_dir)
        self.root = self.data_dir / env
        self.models_root = Path(output_dir) / "models" / env
        self.name = str(self.root)  # in messages

    # --- places ---

    def folder(self, stage: Stage) -> Path:
        return self.root / stage.key

    def table_path(self, stage: Stage, table: str) -> Path:
        return self.folder(stage) / f"{table}.parquet"

    def models_path(self, stage: Stage) -> Path:
        return self.models_root / f"{stage.key}.zip"

    def manifest_path(self, stage: Stage) -> Path:
        return self.folder(stage) / "manifest.json"

    def shown_path(self, stage: Stage, table: str) -> str:
        """Where a table is, in messages."""
        return str(self.table_path(stage, table))

    def fetch(self, stage: Stage) -> None:
        """Have the tables of `stage` on this machine, where they are not."""

    # --- manifests ---

    def manifest(self, stage: Stage) -> Manifest | None:
        """The manifest of the stage's last completed run, or None if there is none that can be
        read.
        """
        try:
            return Manifest.from_json(self.manifest_path(stage).read_text(encoding="utf-8"))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def forget(self, stage: Stage) -> None:
        """Take the stage's results out of the run; its tables stay until they are made again."""
        self.manifest_path(stage).unlink(missing_ok=True)

    def is_intact(self, stage: Stage, manifest: Manifest) -> bool:
        """Whether every file the manifest lists is there with the bytes it had when written."""
        return all(
            _unchanged(self._output_path(stage, name), state)
            for name, state in manifest.outputs.items()
        )

    # --- reading ---

    def read(self, stage: Stage, table: str) -> pl.DataFrame:
        """Give a table of `stage`; raises DataError where it is missing, damaged or was changed
        after writing.
        """
        import polars as pl

        path = self._verified(stage, table)
        try:
            return pl.read_parquet(path)
        except (OSError, pl.exceptions.PolarsError) as cause:
            raise DataError(
                f"{path} cannot be read: {first_line(cause)}; run: {_remake(stage)}"
            ) from cause

    def read_models(self, stage: Stage) -> dict[str, Any]:
        """Give the fitted objects of `stage` by category; raises DataError as `read` does."""
        from clustering.store.fitted_objects import load

        return load(self._verified(stage, str(stage.models)))

    def _verified(self, stage: Stage, name: str) -> Path:
        path = self._output_path(stage, name)
        manifest = self.manifest(stage)
        if manifest is None or not path.exists():
            raise DataError(f"{path} is missing; run first: {_remake(stage)}")
        if name not in manifest.outputs or not _unchanged(path, manifest.outputs[name]):
            raise DataError(
                f"{path} is not what {stage.key} wrote (its content hash differs from "
                "manifest.json); "
                f"recreate it: {_remake(stage)} --force"
            )
        return path

    def _output_path(self, stage: Stage, name: str) -> Path:
        return self.models_path(stage) if name == stage.models else self.table_path(stage, name)

    # --- writing ---

    def write(self, stage: Stage, outputs: dict[str, Any], manifest: Manifest) -> Manifest:
        """Put a stage's outputs in place together, the manifest last; raises StageError where the
        disk refuses.
        """
        try:
            temporary = {
                name: self._write_temporary(stage, name, output) for name, output in outputs.items()
            }
            self._put_in_place(stage, temporary, manifest)
        except OSError as cause:
            raise StageError(
                f"{stage.key}: cannot write below {self.data_dir}: {first_line(cause)}"
            ) from cause
        return manifest

    def adopt(self, stage: Stage, owner: Catalog, link: bool = True) -> Manifest:
        """Take over a stage's outputs from another catalog, with `link` by hard links where
        possible; give their manifest.

        Raises DataError where they are not what their manifest says, StageError where the disk
        refuses.
        """
        manifest = owner.manifest(stage)
        if manifest is None:
            raise DataError(f"{owner.data_dir} holds no {stage.key}")
        try:
            owner.fetch(stage)
            temporary = {
                name: self._link_temporary(stage, name, owner, link) for name in manifest.outputs
            }
            for name, path in temporary.items():
                if not path.exists() or file_state(path).sha256 != manifest.outputs[name].sha256:
                    raise DataError(
                        f"{owner._output_path(stage, name)} is not what {stage.key} wrote"
                    )
            self._put_in_place(stage, temporary, manifest)
        except OSError as cause:
            raise StageError(
                f"{stage.key}: cannot be put below {self.data_dir}: {first_line(cause)}"
            ) from cause
        return manifest

    def _link_temporary(self, stage: Stage, name: str, owner: Catalog, link: bool) -> Path:
        path, origin = self._output_path(stage, name), owner._output_path(stage, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = temporary_of(path)
        temporary.unlink(missing_ok=True)
        if origin.exists():
            try:
                if link:
                    temporary.hardlink_to(origin)
            except OSError:  # another disk, or one that knows no links
                pass
            if not temporary.exists():
                shutil.copyfile(origin, temporary)
        return temporary

    def _put_in_place(self, stage: Stage, temporary: dict[str, Path], manifest: Manifest) -> None:
        for name, path in temporary.items():
            path.replace(self._output_path(stage, name))
            path.unlink(
                missing_ok=True
            )  # a link to the very file it should replace stays where it is
        for folder in {path.parent for path in temporary.values()}:
            sync_folder(folder)
        manifest.outputs = {name: file_state(self._output_path(stage, name)) for name in temporary}
        write_text(self.manifest_path(stage), manifest.to_json())

    def _write_temporary(self, stage: Stage, name: str, output: Any) -> Path:
        path = self._output_path(stage, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = temporary_of(path)
        if name == stage.models:
            from clustering.store.fitted_objects import dump

            dump(output, temporary)
        else:
            write_checked(stage, name, output, temporary)
        sync(temporary)
        return temporary

    # --- the lock ---

    @contextmanager
    def locked(self, timeout: float, who: str) -> Iterator[None]:
        """Hold the data directory; wait up to `timeout` seconds, then raise StageError naming the
        holder.
        """
        from filelock import FileLock, Timeout

        self.root.mkdir(parents=True, exist_ok=True)
        holder = self.data_dir / ".lock-holder.json"
        lock = FileLock(self.data_dir / ".lock")
        try:
            _acquire(lock, timeout, holder)
        except Timeout as cause:
            raise StageError(
                f"{self.data_dir} is in use by {_holder(holder)}; wait for it, or set "
                "executor.lock_timeout "
                f"(now {timeout:g} s) higher"
            ) from cause
        try:
            write_text(holder, json.dumps(_me(who)))
            self._remove_leftovers()
            yield
        finally:
            holder.unlink(missing_ok=True)
            lock.release()

    def holder(self) -> str:
        """Who holds the data directory now; empty where nobody does."""
        path = self.data_dir / ".lock-holder.json"
        try:
            held = read_json(path)
            if has_ended(held["host"], held["pid"]):  # it was killed
                return ""
        except (OSError, ValueError, KeyError, TypeError):
            pass
        return _holder(path) if path.exists() else ""

    def _remove_leftovers(self) -> None:
        """Remove what a run that was cut off left half written: our own files in stage folders."""
        for stage in STAGES:
            names = [*stage.writes, *([stage.models] if stage.models else [])]
            paths = [self._output_path(stage, name) for name in names]
            for path in (*paths, self.manifest_path(stage)):
                temporary_of(path).unlink(missing_ok=True)


def _me(command: str) -> dict[str, Any]:
    return {"host": socket.gethostname(), "pid": os.getpid(), "command": command}


def _acquire(lock: FileLock, timeout: float, holder: Path) -> None:
    """Take the lock at once, or say who has it and wait for it."""
    from filelock import Timeout

    try:
        lock.acquire(timeout=0)
    except Timeout:
        if timeout > 0:
            log.warning("waiting up to %g s for %s to finish", timeout, _holder(holder))
        lock.acquire(timeout=timeout)


def _remake(stage: Stage) -> str:
    return (
        "clustering merge"
        if stage.track == MERGED
        else f"clustering {stage.name} track={stage.track}"
    )


def _unchanged(path: Path, state: FileState) -> bool:
    return path.exists() and file_state(path, known=state).sha256 == state.sha256


def _holder(path: Path) -> str:
    try:
        held = read_json(path)
        return f"process {held['pid']} ({held['command']})"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
