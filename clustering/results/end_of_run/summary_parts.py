"""What a run prints at its end: clusters per category, final clusters, quarantined rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from clustering.methods.overrides.apply import told
from clustering.methods.plausibility.findings import told as told_findings
from clustering.methods.selection.limits import IN_SUMMARY
from clustering.registry import BY_KEY, MERGED, Stage
from clustering.results.end_of_run.part import Part
from clustering.store.catalog import Catalog

MOST_ROWS = 25
MOST_LINES = 5
BASELINE_WORDS = {"continued": "continue", "new": "are new", "retired": "are retired"}


def summary_parts(catalog: Catalog, stages: Sequence[Stage]) -> list[Part]:
    """The parts of the summary that concern `stages`, final clusters first."""
    keys = {stage.key for stage in stages}
    parts = _merge(catalog) if MERGED in keys else []
    for track in ("internal", "external"):
        if f"{track}/analyze" in keys:
            parts += [
                _clusters(catalog, track),
                *_limits(catalog, track),
                *_continuity(catalog, track),
                *_moves(catalog, track),
            ]
    for track in ("internal", "external"):
        if f"{track}/preprocess" in keys:
            parts += [_set_aside(catalog, track), *_findings(catalog, track)]
    return parts


def _clusters(catalog: Catalog, track: str) -> Part:
    verdicts = catalog.read(BY_KEY[f"{track}/train"], "verdicts")
    metrics = catalog.read(BY_KEY[f"{track}/analyze"], "metrics").pivot(
        "metric", index="category", values="value"
    )
    rows = verdicts.join(metrics.drop("k", "recommended_k"), on="category").sort(
        "stores", "category", descending=[True, False]
    )
    cells = [
        [
            row["category"],
            f"{row['stores']:.0f}",
            str(row["k"]),
            row["verdict"].replace("_", " "),
            _number(row["r2"]),
            _number(row["silhouette"]),
            f"{row['smallest_cluster']:.0f}",
            f"{row['largest_cluster']:.0f}",
        ]
        for row in rows.head(MOST_ROWS).iter_rows(named=True)
    ]
    columns = ["category", "stores", "k", "verdict", "R2", "silhouette", "smallest", "largest"]
    return Part(f"{track} clusters", columns, cells, _more(rows.height))


def _limits(catalog: Catalog, track: str) -> Iterator[Part]:
    """The bounds that shaped clusters, with the categories they shaped."""
    verdicts = catalog.read(BY_KEY[f"{track}/train"], "verdicts").select(
        "category", pl.col("limits").str.split(", ")
    )
    met = verdicts.explode("limits").group_by("limits").agg(pl.col("category").sort())
    of_limit = dict(met.drop_nulls("limits").iter_rows())
    lines = [
        f"{len(names)} of {verdicts.height} categories {words}: {_some(names)}"
        for limit, words in IN_SUMMARY.items()
        if (names := of_limit.get(limit))
    ]
    if lines:
        yield Part(lines=lines)


def _some(names: list[str]) -> str:
    return ", ".join(names[:MOST_LINES]) + (" ..." if len(names) > MOST_LINES else "")


def _continuity(catalog: Catalog, track: str) -> Iterator[Part]:
    """What became of the baseline's clusters."""
    found = dict(
        catalog.read(BY_KEY[f"{track}/assign"], "continuity").group_by("status").len().iter_rows()
    )
    if found:
        counts = (f"{found.get(status, 0)} {words}" for status, words in BASELINE_WORDS.items())
        yield Part(lines=[f"{track} clusters and those of the baseline: {', '.join(counts)}"])


def _moves(catalog: Catalog, track: str) -> Iterator[Part]:
    """Stores that stayed or moved for the sake of the baseline or of caps, what it cost, and caps
    that cannot hold.
    """
    rules = catalog.read(BY_KEY[f"{track}/assign"], "rules").filter(
        pl.col("rule").is_in(["baseline", "caps"])
    )
    noted = rules.drop_nulls("note").sort("stores", "category", descending=[True, False])
    lines = []
    for category, stores, note in (
        noted.select("category", "stores", "note").head(MOST_LINES).iter_rows()
    ):
        lines.append(
            f"{category}: {stores} stores {note}" if stores else f"warning: {category}: {note}"
        )
    if noted.height > MOST_LINES:
        lines.append(
            f"... and {noted.height - MOST_LINES} more such categories "
            f"({track}/assign/rules.parquet, column note)"
        )
    if lines:
        yield Part(lines=lines)


def _merge(catalog: Catalog) -> list[Part]:
    sales = catalog.read(BY_KEY[MERGED], "clusters").group_by("category").agg(pl.sum("sales"))
    plans = catalog.read(BY_KEY[MERGED], "plans")
    summary = catalog.read(BY_KEY[MERGED], "summary").join(plans, on="category", how="left")
    worth = catalog.read(BY_KEY[MERGED], "worth").filter(pl.col("final_cluster").is_null())
    summary = summary.join(worth.select("category", "gain"), on="category", how="left")
    summary = summary.join(sales, on="category", how="left").sort(
        "sales", "category", descending=[True, False], nulls_last=True
    )
    ratios = ("kept_internal", "kept_external")
    cells = [
        [
            row["category"],
            f"{row['sales']:,.0f}" if row["sales"] else "",
            str(row["final_k"]),
            ", ".join(_percent(row[name]) or "-" for name in ratios),
            str(row["plans"]),
            row["sureness"] or "",
            "" if row["gain"] is None else f"{100 * row['gain']:+.1f} %",
        ]
        for row in summary.head(MOST_ROWS).iter_rows(named=True)
    ]
    columns = ["category", "sales", "k", "kept: mix,\nsurroundings", "plans", "how sure", "worth"]
    lines = _final_continuity(catalog)
    lines += told(catalog.read(BY_KEY[MERGED], "overrides"))
    warnings = summary["warning"].drop_nulls()
    lines += [f"warning: {warning}" for warning in warnings.head(MOST_LINES)]
    if len(warnings) > MOST_LINES:
        more = len(warnings) - MOST_LINES
        lines.append(
            f"... and {more} more such categories (merged/summary.parquet, column warning)"
        )
    table = Part("final clusters", columns, cells, _more(summary.height, "sales"))
    return [table, Part(lines=lines, ends_open=False)] if lines else [table]


def _final_continuity(catalog: Catalog) -> list[str]:
    """How many placements of the baseline's final clusters are kept, who moved, what vanished."""
    found = catalog.read(BY_KEY[MERGED], "continuity")
    movers = catalog.read(BY_KEY[MERGED], "movers")
    there = found.filter(pl.col("status") != "vanished")
    both = int(there["baseline_stores"].sum())
    lines = []
    if both:
        lines.append(
            f"final clusters: {1 - movers.height / both:.1%} of {both:,} placements of the "
            f"baseline are kept, {movers.height:,} stores moved"
        )
    if movers.height:
        named = movers.select(
            pl.format("{} {} {} -> {}", "category", "store_nbr", "from_cluster", "to_cluster")
        )
        lines.append(f"moved: {_some(named.to_series().to_list())} (merged/movers.parquet)")
    if gone := found.filter(status="vanished")["category"].unique().sort().to_list():
        lines.append(f"categories of the baseline that are not in the sales: {', '.join(gone)}")
    return lines


def _set_aside(catalog: Catalog, track: str) -> Part:
    rows = catalog.read(BY_KEY[f"{track}/preprocess"], "reconciliation")
    read = dict(rows.filter(pl.col("outcome") == "read").select("input", "rows").iter_rows())
    set_aside = rows.filter(
        ~pl.col("outcome").is_in(["read", "used"])
        & (pl.col("input") != "categories of used sales rows")
    )
    if set_aside.is_empty():
        return Part(
            lines=[f"{track}: nothing was quarantined in {sum(read.values()):,} rows"],
            ends_open=False,
        )
    cells = [
        [name, outcome, f"{count:,}", f"{read[name]:,}", "" if sales is None else f"{sales:,.2f}"]
        for name, outcome, count, sales in set_aside.select(
            "input", "outcome", "rows", "sales"
        ).iter_rows()
    ]
    return Part(
        f"{track} rows in quarantine",
        ["input", "check", "rows", "of", "sales"],
        cells,
        ends_open=False,
    )


def _findings(catalog: Catalog, track: str) -> Iterator[Part]:
    """What was assumed about the inputs, and what looks wrong in them."""
    found = catalog.read(BY_KEY[f"{track}/preprocess"], "findings")
    if lines := told_findings(found):
        yield Part(lines=lines, ends_open=False)


def _more(rows: int, by: str = "stores") -> list[str]:
    return [f"... the {MOST_ROWS} largest categories by {by} of {rows}"] if rows > MOST_ROWS else []


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _percent(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.0f} %"
