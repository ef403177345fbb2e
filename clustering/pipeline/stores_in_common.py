"""Sales and attributes that have no store in common: clusters of both would never meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clustering.errors import DataError
from clustering.registry import MERGE, PREPROCESS, TRACKS, Stage

if TYPE_CHECKING:
    from collections.abc import Collection

    import polars as pl

    from clustering.store.catalog import Catalog


def require_after(stage: Stage, stages: Collection[Stage], catalog: Catalog) -> None:
    """Once both tracks were preprocessed among `stages`, raise DataError where no store is in both.
    What was merged before is not read again.
    """
    both = [PREPROCESS[track] for track in TRACKS]
    keys = {each.key for each in stages}
    if stage.key != both[-1].key or not {each.key for each in both} <= keys:
        return
    merged = catalog.manifest(MERGE)
    marks = {each.key: made.fingerprint for each in both if (made := catalog.manifest(each))}
    if merged is None or any(merged.upstream.get(key) != mark for key, mark in marks.items()):
        require_stores_in_common(*(catalog.read(each, "stores")["store_nbr"] for each in both))


def require_stores_in_common(sold: pl.Series, known: pl.Series) -> None:
    """Raise DataError where no store of the sales, `sold`, has attributes."""
    if len(sold) and len(known) and not sold.is_in(known.implode()).any():
        raise DataError(
            f"none of the {sold.n_unique():,} stores of the sales is among the "
            f"{known.n_unique():,} stores of the attributes: {sold.min()!r} here, {known.min()!r} "
            "there; spell them alike (source.derive.store_nbr), or set source.external=null"
        )
