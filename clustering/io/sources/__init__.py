"""Where raw inputs come from: every source gives the same three inputs in canonical columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from clustering.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    import polars as pl

    from clustering.config import Source
    from clustering.store.manifest import FileState

NAMES = ("files", "database", "complete_journey")


class OpenSource(Protocol):
    """Raw inputs, structurally checked; a fault of structure is a DataError that names the file and
    the column.
    """

    def files(self, name: str) -> list[str]:
        """The files behind "sales", "need_states", "external", "like_stores" or "overrides",
        sorted.
        """
        ...

    def states(self, name: str, known: Sequence[FileState]) -> list[FileState]:
        """What these hold now, by content; hashes are taken from `known` where nothing can have
        changed.
        """
        ...

    def sales(self) -> pl.LazyFrame:
        """store_nbr and sku_nbr (integer or text), category (text or null), total_sales (float),
        period (int: days since 1970, or a number of its own; null where unknown). Where text is not
        understood as an amount or period it is in a column unread_sales or unread_period.
        """
        ...

    def need_states(self) -> pl.DataFrame:
        """sku_nbr, need_state, category (text), and the product attributes there are."""
        ...

    def like_stores(self) -> pl.DataFrame | None:
        """store_nbr, like_store_nbr (text), weight (above 0); None where the user named no such
        file.
        """
        ...

    def overrides(self) -> pl.DataFrame | None:
        """schemas.Overrides, all text; None where the user named no such file."""
        ...

    def labels(self) -> pl.DataFrame | None:
        """schemas.Labels; None where the user named no such file."""
        ...

    def external(self) -> dict[str, pl.DataFrame]:
        """Each file of store attributes by its name: store_nbr (text) and its own columns."""
        ...

    def readings(self, names: Sequence[str]) -> pl.DataFrame:
        """What was recognised while these inputs were read, as schemas.ColumnReport."""
        ...


def open_source(source: Source) -> OpenSource:
    """The source that the configuration names; raises ConfigError for an unknown one."""
    if source.name == "files":
        from clustering.io.sources.files import FileSource

        return FileSource(source)
    if source.name == "database":
        from clustering.io.sources.database import DatabaseSource

        return DatabaseSource(source)
    if source.name == "complete_journey":
        from clustering.io.sources.complete_journey import CompleteJourney

        return CompleteJourney(source)
    raise ConfigError(
        f"source.name={source.name} is not one of "
        f"{', '.join(NAMES)}{did_you_mean(source.name, NAMES)}"
    )
