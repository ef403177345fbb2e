"""The stores of a run, for the search of the page."""

from __future__ import annotations

import json

import polars as pl

from clustering.results.page.gather import Run
from clustering.results.page.pieces import column_json

LISTED = ("store_nbr", "category", "track", "assigned_by")


def search_index(run: Run) -> str:
    """JSON of every store's clusters in every category, column by column: those LISTED hold places
    in the lists of names.
    """
    final = pl.DataFrame(schema=["category", "store_nbr", "final_cluster"]).cast(pl.String)
    if run.merged:
        final = run.merged["assignments"].select(final.columns)
    rows = pl.concat(
        track.tables["assignments"]
        .select(
            "category",
            "store_nbr",
            pl.lit(name).alias("track"),
            "cluster",
            "next_cluster",
            "assigned_by",
            pl.col("probability").round(3),
        )
        .join(
            final if name == "internal" else final.clear(), on=["category", "store_nbr"], how="left"
        )
        for name, track in run.tracks.items()
    )
    lists = {name: rows[name].unique().sort().to_list() for name in LISTED}
    places = [pl.col(name).cast(pl.Enum(names)).to_physical() for name, names in lists.items()]
    ordered = rows.with_columns(places).sort("store_nbr", "track", "category")
    return f'{{"lists":{json.dumps(lists, ensure_ascii=False)},"columns":{column_json(ordered)}}}'
