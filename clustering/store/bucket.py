"""Object storage by URI: s3://bucket/path, gs://..., az://... .

The variables are those of the object stores themselves (AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL,
GOOGLE_..., AZURE_...), which Polars reads, too. Writing one object is atomic; there is no renaming
and nothing is atomic over several objects.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from clustering.errors import StageError, missing_extra
from clustering.redaction import redacted
from clustering.store.atomic import replacing
from clustering.store.manifest import FileState

SCHEMES = ("s3://", "s3a://", "gs://", "az://", "abfs://", "abfss://", "adl://", "azure://")
RETRY: Any = {"max_retries": 3}
PART = 64 << 20  # bytes of a file read or written at a time


def is_remote(path: str) -> bool:
    """Whether a path means an object store."""
    return path.startswith(SCHEMES)


class Bucket:
    """The objects below a URI, by their names relative to it; raises StageError where the store
    refuses or is not there.
    """

    def __init__(self, uri: str) -> None:
        self.uri = uri.rstrip("/")
        try:
            from obstore.store import from_url
        except ImportError as cause:
            raise missing_extra(self.uri, "buckets") from cause
        with self._failures():
            self.store: Any = from_url(self.uri, retry_config=RETRY)

    @contextmanager
    def _failures(self) -> Iterator[None]:
        from obstore.exceptions import BaseError

        try:
            yield
        except (BaseError, OSError, ValueError) as cause:
            raise StageError(f"{self.uri}: {_line(cause)}") from cause

    def read(self, name: str) -> bytes | None:
        """The content of an object, None where there is none."""
        import obstore

        with self._failures():
            try:
                return bytes(obstore.get(self.store, name).bytes())
            except FileNotFoundError:
                return None

    def size(self, name: str) -> int | None:
        """The bytes of an object, None where there is none."""
        import obstore

        with self._failures():
            try:
                return int(obstore.head(self.store, name)["size"])
            except FileNotFoundError:
                return None

    def fetch(self, name: str, path: Path) -> bool:
        """Write an object to a file, by parts; False where there is none."""
        import obstore

        with self._failures():
            try:
                stream = obstore.get(self.store, name).stream(min_chunk_size=PART)
            except FileNotFoundError:
                return False
            with replacing(path) as temporary, temporary.open("wb") as file:
                for part in stream:
                    file.write(part)
        return True

    def put(self, name: str, content: bytes | Path) -> None:
        """Write an object; a file goes by parts."""
        import obstore

        with self._failures():
            obstore.put(self.store, name, content)

    def create(self, name: str, content: bytes) -> bool:
        """Write an object where there is none; False where there is one, of two at once for all but
        one.
        """
        import obstore
        from obstore.exceptions import AlreadyExistsError

        with self._failures():
            try:
                obstore.put(self.store, name, content, mode="create")
            except AlreadyExistsError:
                return False
        return True

    def delete(self, name: str) -> None:
        """Delete an object; no harm where there is none."""
        import obstore

        with self._failures(), suppress(FileNotFoundError):
            obstore.delete(self.store, name)

    def list(self) -> Iterator[dict[str, Any]]:
        """path, size and e_tag of every object."""
        import obstore

        with self._failures():
            for page in obstore.list(self.store):
                yield from (dict(found) for found in page)


def expand_remote(pattern: str) -> list[str]:
    """The URIs of the objects a URI or a glob (*, ?, []) means, sorted."""
    return [state.path for state in _matching(pattern)]


def remote_states(paths: list[str]) -> list[FileState]:
    """States of objects, which are identified by their entity tags: their content need not be
    read.
    """
    found = {
        state.path: state
        for folder in sorted({_parent(path) for path in paths})
        for state in _matching(f"{folder}/*")
    }
    if missing := [path for path in paths if path not in found]:
        raise StageError(f"{missing[0]} is gone")
    return [found[path] for path in paths]


def _matching(pattern: str) -> Iterator[FileState]:
    root = _parent(
        re.split(r"[*?\[]", pattern, maxsplit=1)[0] if re.search(r"[*?\[]", pattern) else pattern
    )
    matches: Callable[[str], Any] = re.compile(fnmatch.translate(pattern)).match
    for found in sorted(Bucket(root).list(), key=lambda each: str(each["path"])):
        path = f"{root}/{found['path']}"
        depth = path.count("/") == pattern.count("/") or "**" in pattern
        if matches(path) and depth and not path.rpartition("/")[2].startswith("."):
            yield FileState(
                path, int(found["size"]), 0, f"etag:{str(found['e_tag']).strip(chr(34))}"
            )


def _parent(path: str) -> str:
    return path.rpartition("/")[0]


def _line(error: BaseException) -> str:
    """What went wrong, without what only a debugger reads, and without credentials."""
    text = re.split(r"\n\s*\n|Debug source", str(error).strip())[0].replace("\n", " ")
    plain = re.sub(r"Error performing \w+ \S+ in [^-]*- ", "", text)
    return redacted(plain[:300])
