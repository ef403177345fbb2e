"""What came of each category in a run, and what its user should know, as values for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from clustering.registry import BY_KEY, MERGE, MERGED, TRACKS, Stage

if TYPE_CHECKING:
    from clustering.store.catalog import Catalog


@dataclass(kw_only=True)
class CategoryOutcome:
    """A category: numbers of clusters, and the shares of the tracks' clustering that the final
    clusters keep (both null without the stage that makes them).
    """

    category: str
    stores: int | None = None
    internal_k: int | None = None
    external_k: int | None = None
    final_k: int | None = None
    kept_internal: float | None = None
    kept_external: float | None = None
    warning: str | None = None


def outcomes(catalog: Catalog, stages: Sequence[Stage]) -> list[CategoryOutcome]:
    """A row for each category that `stages` clustered, by name."""
    keys = [stage.key for stage in stages]
    if MERGED in keys:
        columns = [item.name for item in fields(CategoryOutcome)]
        rows = catalog.read(MERGE, "summary").select(columns).sort("category").to_dicts()
        return [CategoryOutcome(**row) for row in rows]
    return [
        CategoryOutcome(category=category, **{f"{track}_k": k})
        for track in TRACKS
        if f"{track}/train" in keys
        for category, k in catalog.read(BY_KEY[f"{track}/train"], "verdicts")
        .select("category", "k")
        .sort("category")
        .iter_rows()
    ]


def warnings(catalog: Catalog, stages: Sequence[Stage]) -> list[str]:
    """What looks wrong in the inputs that `stages` read, then what does in single categories."""
    found: list[str] = []
    for stage in stages:
        if "findings" in stage.writes:
            rows = catalog.read(stage, "findings").filter("is_warning")
            found += [f"{name}: {text}" for name, text in rows.select("input", "text").iter_rows()]
    if MERGE in stages:
        found += catalog.read(MERGE, "summary").sort("category")["warning"].drop_nulls().to_list()
    return found
