"""Results that the scenarios of a sweep share: each is computed once.

A result may lie in the environment's own data directory or in the folder of another scenario.
Whoever makes one holds the lock of its fingerprint meanwhile, so jobs that run side by side wait
for it instead of making it again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from clustering.errors import DataError
from clustering.registry import Stage
from clustering.store.catalog import Catalog
from clustering.store.manifest import Manifest
from clustering.store.runs import run_folder

log = logging.getLogger(__name__)


class Pool:
    """The results a sweep's scenarios share; `folder` is the sweep's."""

    def __init__(self, folder: Path, environment: Catalog, use_environment: bool = True) -> None:
        self.index = folder / "shared"
        self.environment = environment
        self.use_environment = use_environment

    @contextmanager
    def claimed(self, fingerprint: str) -> Iterator[None]:
        """Hold the right to make what has this fingerprint; wait while another job makes it."""
        from filelock import FileLock

        self.index.mkdir(parents=True, exist_ok=True)
        with FileLock(self.index / f"{fingerprint}.lock"):
            yield

    def take(self, stage: Stage, fingerprint: str, catalog: Catalog) -> Manifest | None:
        """Put a finished result in place in `catalog`; None where nobody has it."""
        for owner in self._owners(fingerprint):
            manifest = owner.manifest(stage)
            if manifest is None or manifest.fingerprint != fingerprint:
                continue
            try:
                return catalog.adopt(stage, owner)
            except (
                DataError
            ) as error:  # the environment's own may be replaced while it is looked at
                log.debug("%s is not taken from %s: %s", stage.key, owner.data_dir, error)
        return None

    def announce(self, fingerprint: str, folder: Path) -> None:
        """Say that the run folder `folder` holds the result."""
        (self.index / fingerprint).write_text(str(folder.resolve()))

    def _owners(self, fingerprint: str) -> Iterator[Catalog]:
        if self.use_environment:
            yield self.environment
        note = self.index / fingerprint
        if note.exists():
            yield run_folder(Path(note.read_text()), self.environment.env)
