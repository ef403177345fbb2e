"""The catalog of a data directory in a bucket: a local copy, written through.

    <uri>/<env>/<track>/<stage>/<table>.parquet     as in a local data directory, manifest.json
    beside them <output_dir>/mirror/<hash of uri>/...           the local copy; may be deleted at
    any time

The bucket's manifests are the truth: a local table counts only if it is what they say, else it is
fetched. A stage is written so that its manifest goes first and comes last: what is cut off in
between is missing, never a mixture, and the next run makes it again. So, unlike on a disk, the
previous tables of the one stage that was being written are gone then.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from clustering.errors import StageError
from clustering.registry import Stage
from clustering.store.atomic import parse_json
from clustering.store.bucket import Bucket, is_remote
from clustering.store.catalog import Catalog
from clustering.store.manifest import Manifest, file_state
from clustering.store.processes import has_ended

LOCK = ".lock"


def open_catalog(data_dir: str, output_dir: str, env: str) -> Catalog:
    """The artifacts of an environment, wherever its data directory is."""
    if is_remote(data_dir):
        return BucketCatalog(data_dir, output_dir, env)
    return Catalog(data_dir, output_dir, env)


class BucketCatalog(Catalog):
    """See the module."""

    def __init__(self, uri: str, output_dir: str, env: str) -> None:
        mark = hashlib.sha256(uri.encode()).hexdigest()[:12]
        super().__init__(str(Path(output_dir) / "mirror" / mark), output_dir, env)
        self.bucket = Bucket(uri)
        self.name = f"{self.bucket.uri}/{env}"
        self._manifests: dict[str, Manifest | None] = {}

    def manifest(self, stage: Stage) -> Manifest | None:
        if stage.key not in self._manifests:
            text = self.bucket.read(self._object(stage, "manifest.json"))
            try:
                self._manifests[stage.key] = Manifest.from_json(text.decode()) if text else None
            except (ValueError, KeyError, TypeError, AttributeError):
                self._manifests[stage.key] = None
        return self._manifests[stage.key]

    def is_intact(self, stage: Stage, manifest: Manifest) -> bool:
        there = all(
            self.bucket.size(self._object(stage, f"{name}.parquet")) == state.bytes
            for name, state in manifest.outputs.items()
            if name != stage.models
        )
        models = {name: state for name, state in manifest.outputs.items() if name == stage.models}
        return there and all(
            _is(self._output_path(stage, name), state.sha256) for name, state in models.items()
        )

    def fetch(self, stage: Stage) -> None:
        for name in self._names(stage):
            self._fetch(stage, name)

    def _names(self, stage: Stage) -> list[str]:
        manifest = self.manifest(stage)
        return [name for name in manifest.outputs if name != stage.models] if manifest else []

    def _fetch(self, stage: Stage, name: str) -> None:
        manifest, path = self.manifest(stage), self.table_path(stage, name)
        if manifest and name in manifest.outputs and not _is(path, manifest.outputs[name].sha256):
            self.bucket.fetch(self._object(stage, f"{name}.parquet"), path)

    def _verified(self, stage: Stage, name: str) -> Path:
        if name != stage.models:
            self._fetch(stage, name)
        return super()._verified(stage, name)

    def _put_in_place(self, stage: Stage, temporary: dict[str, Path], manifest: Manifest) -> None:
        super()._put_in_place(stage, temporary, manifest)
        self._manifests[stage.key] = None
        self.bucket.delete(self._object(stage, "manifest.json"))
        for name in self._local_tables(manifest, stage):
            self.bucket.put(self._object(stage, f"{name}.parquet"), self.table_path(stage, name))
        self.bucket.put(self._object(stage, "manifest.json"), manifest.to_json().encode())
        self._manifests[stage.key] = manifest

    def _local_tables(self, manifest: Manifest, stage: Stage) -> list[str]:
        return [name for name in manifest.outputs if name != stage.models]

    def _object(self, stage: Stage, file: str) -> str:
        return f"{self.env}/{stage.key}/{file}"

    def shown_path(self, stage: Stage, table: str) -> str:
        return f"{self.name}/{stage.key}/{table}.parquet"

    @contextmanager
    def locked(self, timeout: float, who: str) -> Iterator[None]:
        """Hold the bucket's directory: one object that only one of several writers can create."""
        with super().locked(timeout, who):
            self._manifests.clear()
            mine = {"host": socket.gethostname(), "pid": os.getpid(), "command": who}
            deadline = time.monotonic() + timeout
            while not self.bucket.create(LOCK, json.dumps(mine).encode()):
                self._wait(deadline, timeout)
            try:
                yield
            finally:
                self.bucket.delete(LOCK)

    def _wait(self, deadline: float, timeout: float) -> None:
        """Take the lock of a dead process of this machine away, or wait a little."""
        held = parse_json(self.bucket.read(LOCK) or b"{}")
        if has_ended(held.get("host", ""), held.get("pid", 0)):
            self.bucket.delete(LOCK)
        elif time.monotonic() > deadline:
            raise StageError(
                f"{self.bucket.uri} is in use by process {held.get('pid')} on {held.get('host')} "
                f"({held.get('command')}); "
                f"wait for it, set executor.lock_timeout (now {timeout:g} s) higher, or, if it is "
                "gone, delete "
                f"{self.bucket.uri}/{LOCK}"
            )
        else:
            time.sleep(0.5)


def _is(path: Path, sha256: str) -> bool:
    return path.exists() and file_state(path).sha256 == sha256
