"""The sheets of one category's workbook, and the cover of all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import polars as pl

from clustering.results.export.tables import FINAL, Labels
from clustering.results.export.workbook import INDEX, MONEY, NUMBER, SHARE, Sheet

_PARTS = re.compile(r"\d+|\D+")  # of a code such as A10, which comes after A2
TITLES = {"need_state": "Need states", "cdt": "CDT"}


def category_sheets(
    labels: Labels, sales: dict[tuple[str, str], pl.DataFrame], category: str
) -> Iterator[Sheet]:
    """The stores, the clusters, and sales by cluster and level of each dimension; `sales` by
    dimension and kind of cluster.
    """
    stores = labels.stores.filter(category=category).drop("category")
    yield Sheet(
        "Stores",
        f"{category}: stores",
        stores,
        {"probability": SHARE, "margin": SHARE, "sales": MONEY},
        ("sales",),
    )
    yield Sheet(
        "Clusters",
        f"{category}: clusters",
        _clusters(labels, category),
        {
            "stores": NUMBER,
            "share_of_stores": SHARE,
            "sales": MONEY,
            "sales_per_store": MONEY,
            "coverage": SHARE,
            "precision": SHARE,
        },
        ("stores", "sales"),
    )
    for (dimension, by), table in sales.items():
        title = TITLES.get(dimension, dimension.replace("_", " ").capitalize())
        wide = _wide(table.filter(category=category), by, title)
        kinds = {
            name: MONEY if name.endswith("sales") else SHARE if name.endswith("share") else INDEX
            for name in wide.columns[1:]
        }
        yield Sheet(
            f"{title}, final" if by == FINAL else title,
            f"{category}: sales by {title} and {by} cluster",
            wide,
            kinds,
            tuple(name for name, kind in kinds.items() if kind == MONEY),
        )


def _clusters(labels: Labels, category: str) -> pl.DataFrame:
    of = labels.of_clusters
    strongest = (
        of["profiles"].filter(pl.col("rank") <= 3, category=category).sort("cluster", "rank")
    )
    apart = strongest.group_by("cluster", maintain_order=True).agg(
        pl.format("{} ({})", "feature", pl.col("index").round(0).cast(pl.Int64))
        .drop_nulls()
        .str.join(", ")
        .alias("sets it apart (index)")
    )
    return (
        of["clusters"]
        .filter(category=category)
        .select(
            "cluster",
            "name",
            "stores",
            "share_of_stores",
            "sales",
            "sales_per_store",
            "outliers",
            "trust",
        )
        .join(apart, on="cluster", how="left")
        .join(
            of["descriptions"].filter(category=category).drop("category"), on="cluster", how="left"
        )
        .sort("cluster")
    )


def _wide(table: pl.DataFrame, by: str, title: str) -> pl.DataFrame:
    """Levels down, clusters across: sales, share and index of each."""
    clusters = table["cluster"].unique().to_list()
    clusters.sort(
        key=lambda name: [int(part) if part.isdecimal() else part for part in _PARTS.findall(name)]
    )
    overall = table.group_by(pl.col("level").alias(title)).agg(
        pl.col("sales").sum().alias("all sales"), pl.col("overall_share").first().alias("all share")
    )
    for name in clusters:
        own = table.filter(cluster=name).select(
            pl.col("level").alias(title),
            pl.col("sales").alias(f"{name} sales"),
            pl.col("share").alias(f"{name} share"),
            pl.col("index").alias(f"{name} index"),
        )
        overall = overall.join(own, on=title, how="left")
    filled = [pl.col(column).fill_null(0.0) for column in overall.columns[1:]]
    return overall.with_columns(filled).sort("all sales", title, descending=[True, False])


def cover(labels: Labels, category: str, facts: dict[str, Any]) -> list[tuple[str, Any]]:
    """Names and values of the cover of one category."""
    verdict = labels.of_clusters["verdicts"].row(
        by_predicate=pl.col("category") == category, named=True
    )
    stores = labels.stores.filter(category=category)
    return [
        ("Store clusters", category),
        ("Verdict", verdict["sentence"]),
        ("Clusters", verdict["k"]),
        ("Stores", stores.height),
        ("Sales", round(float(stores["sales"].sum()), 2)),
        *((name, value) for name, value in facts.items()),
        ("Stores, sheet", "every store with its labels; final_cluster is what a planogram goes by"),
        ("Clusters, sheet", "what sets each cluster apart, and a rule that finds its stores"),
        (
            "Sales sheets",
            "index 100 = the same share as in all stores; totals are those of the input that was "
            "used",
        ),
        *(
            (
                (
                    "Sheets named final",
                    "by final clusters: a letter for the mix, a digit for the surroundings",
                ),
            )
            if labels.is_merged
            else ()
        ),
    ]


def overview(labels: Labels, files: dict[str, str]) -> Sheet:
    """All categories with a link to their workbooks."""
    final = pl.col("final_cluster").n_unique().alias("final_k")
    summed = labels.stores.group_by("category").agg(
        pl.len().alias("stores"), pl.col("sales").sum(), final
    )
    verdicts = labels.of_clusters["verdicts"].select(
        "category", pl.col("k").alias("internal_k"), "verdict", "sentence"
    )
    frame = summed.join(
        verdicts.with_columns(pl.col("verdict").cast(pl.String)), on="category"
    ).sort("category")
    frame = frame.select(
        "category", "stores", "final_k", "internal_k", "sales", "verdict", "sentence"
    )
    links = tuple(files[name] for name in frame["category"])
    return Sheet(
        "Categories",
        "Categories (click for the workbook)",
        frame,
        {"stores": NUMBER, "sales": MONEY},
        ("sales",),
        links,
    )
