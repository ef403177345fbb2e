"""Receives what happens while stages run; the console shows it."""

from __future__ import annotations

from typing import Protocol

from clustering.registry import Stage
from clustering.store.manifest import Manifest


class Reporter(Protocol):
    """Told what happens while it happens; the console draws it."""

    def started(self, stage: Stage, categories: int) -> None: ...
    def advanced(self, stage: Stage, category: str) -> None: ...
    def finished(self, stage: Stage, manifest: Manifest, skipped: bool) -> None: ...
