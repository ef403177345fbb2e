"""Prints a diff, 80 columns wide."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from clustering.results.comparison.changes import Changes
from clustering.results.comparison.drift import CAVEAT

MOST_ROWS, MOST_DRIFTS = 20, 8
LEAST_PSI = 0.01
Columns = Mapping[str, Callable[[Any], str]]


def print_changes(console: Console, found: Changes) -> None:
    """Print retention, what became of clusters, the movers, and the features that drifted the
    most.
    """
    for row in overall(found).iter_rows(named=True):
        console.print(
            f"{row['track']}: {row['retention']:.1%} of {row['stores']:,} stores stayed in their "
            "cluster, "
            f"{row['movers']:,} moved{_by_chance(row)}; adjusted Rand index {row['ari']:.2f}"
        )
    is_changed = (pl.col("movers") > 0) | (pl.col("appeared") > 0) | (pl.col("gone") > 0)
    changed = found.categories.filter(is_changed)
    _print(
        console,
        "changed most",
        changed.sort("movers", descending=True, maintain_order=True),
        OF_CATEGORIES,
    )
    fates = found.clusters.filter(pl.col("fate") != "continued")
    _print(console, "clusters that did not simply continue", fates, OF_CLUSTERS)
    _print(console, "movers", found.movers.filter(pl.col("track") != "final"), OF_MOVERS)
    drifted = found.drift.filter(pl.col("psi") >= LEAST_PSI).sort("psi", descending=True)
    _print(console, "features that drifted most", drifted.head(MOST_DRIFTS), OF_DRIFT)
    console.print(
        CAVEAT if drifted.height else f"\nno feature drifted (every PSI is below {LEAST_PSI})",
        style="dim",
    )


def _by_chance(row: dict[str, Any]) -> str:
    """What the same stores would do if only the sample of sales changed."""
    if row["by_chance"] is None:
        return ""
    return f" (chance alone would move {row['by_chance']:,.0f})"


def overall(found: Changes) -> pl.DataFrame:
    """One row a track; retention and ari are means over its categories, weighted by stores."""
    weight = pl.col("stores")
    known = found.categories.filter(weight > 0)
    return known.group_by("track", maintain_order=True).agg(
        weight.sum(),
        pl.col("movers").sum(),
        pl.when(pl.col("by_chance").count() > 0).then(pl.col("by_chance").sum()),
        *((pl.col(name) * weight).sum() / weight.sum() for name in ("retention", "ari")),
    )


def _print(console: Console, title: str, rows: pl.DataFrame, columns: Columns) -> None:
    if rows.is_empty():
        return
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for name, write in columns.items():
        table.add_column(
            SHORT.get(name, name),
            justify="left" if write in (str, _text) else "right",
            no_wrap=name not in WRAPPED,
            overflow="fold",
        )
    for row in rows.head(MOST_ROWS).iter_rows(named=True):
        table.add_row(*(escape(write(row[name])) for name, write in columns.items()))
    console.print()
    console.print(table)
    if rows.height > MOST_ROWS:
        console.print(
            f"... and {rows.height - MOST_ROWS} more (--format json or parquet has all)",
            style="dim",
        )


WRAPPED = ("category", "feature", "changes")
SHORT = {
    "retention": "stayed",
    "appeared": "new",
    "by_chance": "by chance",
    "clusters_before": "k",
    "clusters_after": "k now",
    "from_cluster": "from",
    "to_cluster": "to",
    "continued_by": "as",
    "store_nbr": "store",
    "jensen_shannon": "JS",
    "mean_before": "mean",
    "mean_after": "now",
    "stores_before": "stores",
}


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _count(value: Any) -> str:
    return "" if value is None else f"{value:,}"


def _rounded(value: Any) -> str:
    return "" if value is None else f"{value:,.0f}"


def _share(value: Any) -> str:
    return "" if value is None else f"{value:.1%}"


def _number(value: Any) -> str:
    return "" if value is None else f"{value:.2f}"


def _value(value: Any) -> str:
    return "" if value is None else f"{value:.3g}"


# what each table shows of its columns, and how
OF_CATEGORIES: Columns = {
    "track": str,
    "category": str,
    "retention": _share,
    "movers": _count,
    "by_chance": _rounded,
    "appeared": _count,
    "gone": _count,
    "clusters_before": _count,
    "clusters_after": _count,
}
OF_CLUSTERS: Columns = {
    "track": str,
    "category": str,
    "cluster": str,
    "fate": str,
    "continued_by": _text,
    "stores_before": _count,
    "retention": _share,
}
OF_MOVERS: Columns = {
    "category": str,
    "store_nbr": str,
    "from_cluster": str,
    "to_cluster": str,
    "margin": _number,
    "changes": _text,
}
OF_DRIFT: Columns = {
    "track": str,
    "category": str,
    "feature": str,
    "psi": _number,
    "jensen_shannon": _number,
    "mean_before": _value,
    "mean_after": _value,
}
