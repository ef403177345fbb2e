"""What changed since the baseline."""

from __future__ import annotations

import polars as pl

from clustering.results.page.content.run_tables import KEY, RunTables
from clustering.results.page.content.words import Part

MOST_LISTED = 40  # stores of one move


def since(run: RunTables) -> Part | None:
    """Changes of types.ts; None without a baseline."""
    if run.changes is None:
        return None
    own = pl.col("category").is_in(run.categories)
    tables = run.changes
    track = "final" if "final" in tables.categories["track"].to_list() else "internal"
    categories = tables.categories.filter(own, track=track)
    chance = dict(
        tables.categories.filter(track="internal").select("category", "by_chance").iter_rows()
    )
    movers = _with_reasons(run, tables.movers.filter(own, track=track))
    return {
        "baseline": run.baseline or "the baseline",
        "categories": [
            {
                "category": run.place[row["category"]],
                "stores": row["stores"],
                "retention": row["retention"],
                "moved": row["movers"],
                "chance": chance.get(row["category"]),
                "appeared": row["appeared"],
                "gone": row["gone"],
                "before": row["clusters_before"],
                "after": row["clusters_after"],
            }
            for row in categories.iter_rows(named=True)
        ],
        "moves": [
            {
                "category": run.place[row["category"]],
                "from": _called(row["from_cluster"], row["from_name"]),
                "to": _called(row["to_cluster"], row["to_name"]),
                "stores": row["stores"],
                "movers": list(
                    zip(row["store_nbr"], row["probability"], row["changes"], strict=True)
                ),
            }
            for row in _moves(movers).iter_rows(named=True)
        ],
    }


def _moves(movers: pl.DataFrame) -> pl.DataFrame:
    """A row for each pair of clusters that stores moved between, those with the most stores
    first.
    """
    pair = ["category", "from_cluster", "to_cluster"]
    listed = pl.col("store_nbr", "probability", "changes").head(MOST_LISTED)
    return (
        movers.group_by(pair, maintain_order=True)
        .agg(pl.col("from_name", "to_name").first(), pl.len().alias("stores"), listed)
        .sort("stores", *pair, descending=[True, False, False, False])
    )


def _with_reasons(run: RunTables, movers: pl.DataFrame) -> pl.DataFrame:
    """What the internal track knows of stores that changed their final cluster: how clear their mix
    is now, and which need states changed.
    """
    if not run.internal or run.changes is None:
        return movers
    changed = run.changes.movers.filter(track="internal").select(*KEY, mix_changes="changes")
    clear = run.internal["assignments"].select(*KEY, clear="probability")
    known = movers.join(changed, on=KEY, how="left").join(clear, on=KEY, how="left")
    return known.with_columns(
        pl.coalesce("probability", "clear").alias("probability"),
        pl.coalesce("changes", "mix_changes").alias("changes"),
    ).sort("category", "clear", "store_nbr", descending=[False, True, False], nulls_last=True)


def _called(cluster: str, name: str | None) -> str:
    return f"{cluster} {name}" if name else cluster
