"""What the page says of need states that stores sell none of."""

from __future__ import annotations

import polars as pl

from clustering.results.page.content.run_tables import RunTables
from clustering.results.page.content.words import plural

NAMED = 3  # need states, those that most stores lack


def gaps_by_category(run: RunTables) -> dict[str, str]:
    """A sentence for every category with gaps in the assortment (see schemas.NotCarried)."""
    if not run.internal:
        return {}
    lacking = run.internal["not_carried"]
    stores = dict(lacking.group_by("category").agg(pl.col("store_nbr").n_unique()).iter_rows())
    listed = (
        lacking.group_by("category", "feature")
        .len()
        .sort(["category", "len", "feature"], descending=[False, True, False])
        .group_by("category", maintain_order=True)
        .head(NAMED)
    )
    named: dict[str, list[str]] = {}
    for category, feature, count in listed.iter_rows():
        label = run.labels.of("need_state", feature)
        named.setdefault(category, []).append(f"{label} ({count:,})")
    return {
        category: f"{plural(count, 'store')} probably do not carry some need state; most often: "
        f"{', '.join(named[category])}."
        for category, count in stores.items()
    }
