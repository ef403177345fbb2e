"""The tables that `run` ends with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from rich.console import Console
from rich.table import Table

from clustering.overrides.apply import told
from clustering.registry import BY_KEY, MERGED, Stage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clustering.catalog import Catalog

MOST_ROWS = 25
BASELINE_WORDS = {"continued": "continue", "new": "are new", "retired": "are retired"}


def print_summary(console: Console, catalog: Catalog, stages: Sequence[Stage]) -> None:
    """Print, as far as `stages` made them: clusters per category, the merge, what was set aside, where the files are."""
    keys = {stage.key for stage in stages}
    for track in ("internal", "external"):
        if f"{track}/analyze" in keys:
            _print_clusters(console, catalog, track)
            _print_continuity(console, catalog, track)
            _print_moves(console, catalog, track)
    if MERGED in keys:
        _print_merge(console, catalog)
    for track in ("internal", "external"):
        if f"{track}/preprocess" in keys:
            _print_set_aside(console, catalog, track)
    console.print(f"files: {catalog.name}", markup=False, soft_wrap=True)


def _print_clusters(console: Console, catalog: Catalog, track: str) -> None:
    verdicts = catalog.read(BY_KEY[f"{track}/train"], "verdicts")
    metrics = catalog.read(BY_KEY[f"{track}/analyze"], "metrics").pivot("metric", index="category", values="value")
    rows = verdicts.join(metrics.drop("k", "recommended_k"), on="category").sort("stores", "category", descending=[True, False])
    table = _table(f"{track} clusters", ("category", "stores", "k", "verdict", "R2", "silhouette", "smallest", "largest"))
    for row in rows.head(MOST_ROWS).iter_rows(named=True):
        table.add_row(
            _cell(row["category"]), f"{row['stores']:.0f}", str(row["k"]), row["verdict"].replace("_", " "),
            _number(row["r2"]), _number(row["silhouette"]), f"{row['smallest_cluster']:.0f}", f"{row['largest_cluster']:.0f}",
        )  # fmt: skip
    _print(console, table, rows.height, "largest categories by stores")


def _print_continuity(console: Console, catalog: Catalog, track: str) -> None:
    """What became of the baseline's clusters."""
    found = dict(catalog.read(BY_KEY[f"{track}/assign"], "continuity").group_by("status").len().iter_rows())
    if found:
        counts = (f"{found.get(status, 0)} {words}" for status, words in BASELINE_WORDS.items())
        console.print(f"{track} clusters and those of the baseline: {', '.join(counts)}\n")


def _print_moves(console: Console, catalog: Catalog, track: str) -> None:
    """Stores that stayed or moved for the sake of the baseline or of caps, what it cost, and caps that cannot hold."""
    rules = catalog.read(BY_KEY[f"{track}/assign"], "rules").filter(pl.col("rule").is_in(["baseline", "caps"]))
    noted = rules.drop_nulls("note").sort("stores", "category", descending=[True, False])
    for category, stores, note in noted.select("category", "stores", "note").head(5).iter_rows():
        who = f"{stores} stores {note}" if stores else note
        console.print(f"{'' if stores else 'warning: '}{category}: {who}", markup=False, soft_wrap=True)
    if noted.height > 5:
        console.print(f"... and {noted.height - 5} more such categories ({track}/assign/rules.parquet, column note)")
    if noted.height:
        console.print()


def _print_merge(console: Console, catalog: Catalog) -> None:
    summary = catalog.read(BY_KEY[MERGED], "summary").sort("stores", "category", descending=[True, False])
    names = ("category", "stores", "merged", "final", "reassigned", "smallest", "largest")
    table = _table("merged clusters", names)
    for row in summary.head(MOST_ROWS).iter_rows(named=True):
        table.add_row(
            _cell(row["category"]), str(row["stores"]), str(row["merged_clusters"]), str(row["final_clusters"]),
            str(row["reassigned"]), str(row["smallest"]), str(row["largest"]),
        )  # fmt: skip
    _print(console, table, summary.height, "largest categories by stores")
    for line in told(catalog.read(BY_KEY[MERGED], "overrides")):
        console.print(line, markup=False, soft_wrap=True)
    warned = summary.filter(pl.col("warning").is_not_null())
    for warning in warned["warning"].head(5):
        console.print(f"warning: {warning}", markup=False, soft_wrap=True)
    if warned.height > 5:
        console.print(f"... and {warned.height - 5} more such categories (merged/summary.parquet, column warning)")


def _print_set_aside(console: Console, catalog: Catalog, track: str) -> None:
    rows = catalog.read(BY_KEY[f"{track}/preprocess"], "reconciliation")
    read = dict(rows.filter(pl.col("outcome") == "read").select("input", "rows").iter_rows())
    set_aside = rows.filter(~pl.col("outcome").is_in(["read", "used"]) & (pl.col("input") != "categories of used sales rows"))
    if set_aside.is_empty():
        console.print(f"{track}: nothing was quarantined in {sum(read.values()):,} rows")
        return
    table = _table(f"{track} rows quarantined", ("input", "rule", "rows", "of"))
    for name, outcome, count in set_aside.select("input", "outcome", "rows").iter_rows():
        table.add_row(_cell(name), outcome, f"{count:,}", f"{read[name]:,}")
    console.print(table)


def _table(title: str, columns: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for number, name in enumerate(columns):
        is_text = number == 0 or name in ("verdict", "rule")
        table.add_column(name, justify="left" if is_text else "right", no_wrap=not is_text, overflow="ellipsis")
    return table


def _print(console: Console, table: Table, rows: int, which: str) -> None:
    console.print(table)
    if rows > MOST_ROWS:
        console.print(f"... the {MOST_ROWS} {which} of {rows}")
    console.print()


def _cell(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
