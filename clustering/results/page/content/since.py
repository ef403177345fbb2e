"""What changed since the baseline."""

from __future__ import annotations

from typing import Any

import polars as pl

from clustering.results.page.content.run_tables import RunTables

MOST_MOVERS = 2_000
Part = dict[str, Any]


def since(run: RunTables) -> Part | None:
    """Changes of types.ts; None without a baseline."""
    if run.changes is None:
        return None
    own = pl.col("category").is_in(run.categories)
    tables = run.changes
    track = "final" if "final" in tables.categories["track"].to_list() else "internal"
    categories = tables.categories.filter(own, track=track)
    movers = tables.movers.filter(own, track=track).head(MOST_MOVERS)
    return {
        "baseline": run.baseline or "the baseline",
        "categories": [
            {
                "category": run.place[row["category"]],
                "stores": row["stores"],
                "retention": row["retention"],
                "moved": row["movers"],
                "appeared": row["appeared"],
                "gone": row["gone"],
                "before": row["clusters_before"],
                "after": row["clusters_after"],
            }
            for row in categories.iter_rows(named=True)
        ],
        "movers": [
            {
                "category": run.place[row["category"]],
                "store": row["store_nbr"],
                "from": _called(row["from_cluster"], row["from_name"]),
                "to": _called(row["to_cluster"], row["to_name"]),
                "probability": row["probability"],
                "noise": row.get("within_noise"),
                "changes": row["changes"],
            }
            for row in movers.iter_rows(named=True)
        ],
    }


def _called(cluster: str, name: str | None) -> str:
    return f"{cluster} {name}" if name else cluster
