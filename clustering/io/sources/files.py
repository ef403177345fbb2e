"""Inputs from files: parquet, CSV and Excel by their ending, one file, a list or a glob.

What reads them is imported when they are read: mostly a run only asks whether they have changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from clustering.config import Source
from clustering.errors import DataError
from clustering.io.sources.places import OPTIONAL, expand, optional_files, states
from clustering.store.manifest import FileState

if TYPE_CHECKING:
    import polars as pl


class FileSource:
    """The source `files`."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.patterns = {
            "sales": [source.sales] if source.sales else [],
            "need_states": [source.need_states],
            "external": list(source.external or []),
        }

    def files(self, name: str) -> list[str]:
        if name in OPTIONAL:
            return optional_files(name, self.source)
        found = sorted({path for pattern in self.patterns[name] for path in expand(name, pattern)})
        if not found:
            raise DataError(f"source.{name} is empty; name at least one file")
        return found

    def states(self, name: str, known: Sequence[FileState]) -> list[FileState]:
        return states(self.files(name), known)

    def sales(self) -> pl.LazyFrame:
        from clustering.io.sources.canonical import read_sales

        return read_sales(self.files("sales"), self.source.columns)

    def need_states(self) -> pl.DataFrame:
        from clustering.io.sources.canonical import read_need_states

        return read_need_states(self.files("need_states"), self.source.columns)

    def external(self) -> dict[str, pl.DataFrame]:
        from clustering.io.sources.canonical import read_external

        return read_external(self.files("external"), self.source.columns)

    def like_stores(self) -> pl.DataFrame | None:
        from clustering.io.sources.optional import read_like_stores

        return read_like_stores(self.source)

    def overrides(self) -> pl.DataFrame | None:
        from clustering.io.sources.optional import read_overrides

        return read_overrides(self.source)
