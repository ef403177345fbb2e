"""What a run prints at its end: clusters per category, final clusters, quarantined rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

import polars as pl

from clustering.methods.overrides.apply import told as told_overrides
from clustering.methods.plausibility.findings import told as told_findings
from clustering.methods.selection.limits import IN_SUMMARY
from clustering.registry import BY_KEY, MERGE, MERGED, Stage
from clustering.results.end_of_run.part import Part
from clustering.results.page.content.words import SURENESS, plural
from clustering.store.catalog import Catalog

MOST_ROWS = 15
MOST_LINES = 5
BASELINE_WORDS = {"continued": "continue", "new": "are new", "retired": "are retired"}


def summary_parts(catalog: Catalog, stages: Sequence[Stage]) -> list[Part]:
    """The parts of the summary that concern `stages`, final clusters first."""
    keys = {stage.key for stage in stages}
    parts = _merge(catalog) if MERGED in keys else []
    for track in ("internal", "external"):
        if f"{track}/analyze" in keys:
            parts += [
                _in_one_line(catalog, track) if MERGED in keys else _clusters(catalog, track),
                *_limits(catalog, track),
                *_continuity(catalog, track),
                *_moves(catalog, track),
            ]
    for track in ("internal", "external"):
        if f"{track}/preprocess" in keys:
            parts += [_set_aside(catalog, track), *_findings(catalog, track)]
    return parts


def _in_one_line(catalog: Catalog, track: str) -> Part:
    """How many clusters a track has by category, and how many categories have each verdict."""
    verdicts = catalog.read(BY_KEY[f"{track}/train"], "verdicts")
    counts = dict(verdicts.group_by("verdict").len().sort("verdict").iter_rows())
    told = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in counts.items())
    k = _span(verdicts["k"])
    return Part(lines=[f"{track} clusters: k is {k}; verdicts: {told}"], ends_open=False)


def _span(numbers: pl.Series) -> str:
    found = sorted(numbers.to_list())
    middle = f" (median {median(found):g})" if found[0] < found[-1] else ""
    return f"{found[0]} to {found[-1]}{middle}" if middle else str(found[0])


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
            f"{row['smallest_cluster']:.0f}-{row['largest_cluster']:.0f}",
        ]
        for row in rows.head(MOST_ROWS).iter_rows(named=True)
    ]
    columns = ["category", "stores", "k", "verdict", "R2", "silhouette", "sizes"]
    return Part(f"{track} clusters", columns, cells, _more(rows.height, "the largest by stores"))


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
    summary = _with_what_to_look_at(catalog)
    looked_at = summary["look"].count()
    cells = [
        [
            row["category"],
            f"{row['sales']:,.0f}" if row["sales"] else "",
            str(row["final_k"]),
            str(row["plans"]),
            "" if row["gain"] is None else f"{100 * row['gain']:+.1f} %",
            row["sureness"] or "",
        ]
        for row in summary.head(MOST_ROWS).iter_rows(named=True)
    ]
    one_plan = summary.filter(pl.col("plans") == 1).height
    stores = plural(max(summary["stores"].to_list()), "store")
    told = (
        f"{plural(summary.height, 'category')}, {stores}; "
        f"final clusters per category: {_span(summary['final_k'])}."
        + (f" One plan will do in {plural(one_plan, 'category')}." if one_plan else "")
        + (f" Look at {looked_at} first." if looked_at else "")
    )
    columns = ["category", "sales", "k", "plans", "worth", "how sure"]
    more = _more(summary.height, "those to look at first, then by sales")
    lines = _final_continuity(catalog)
    lines += told_overrides(catalog.read(MERGE, "overrides"))
    warnings = summary["warning"].drop_nulls()
    lines += [f"warning: {warning}" for warning in warnings.head(MOST_LINES)]
    if len(warnings) > MOST_LINES:
        left = len(warnings) - MOST_LINES
        lines.append(
            f"... and {left} more such categories (merged/summary.parquet, column warning)"
        )
    table = Part("final clusters", columns, cells, more)
    return [Part(lines=[told]), table, *([Part(lines=lines)] if lines else [])]


def _with_what_to_look_at(catalog: Catalog) -> pl.DataFrame:
    """The summary of the merge with sales, plans, gain, and how unsure a category is that needs a
    look (`look`, as on the page): several plans, and less than fairly sure. Those first, by sales,
    then the others by sales.
    """
    sales = catalog.read(MERGE, "clusters").group_by("category").agg(pl.sum("sales"))
    worth = catalog.read(MERGE, "worth").filter(pl.col("final_cluster").is_null())
    is_firm = pl.col("sureness").is_in(SURENESS[2:])
    look = pl.when((pl.col("plans") > 1) & ~is_firm).then("sureness")
    return (
        catalog.read(MERGE, "summary")
        .join(catalog.read(MERGE, "plans"), on="category", how="left")
        .join(worth.select("category", "gain"), on="category", how="left")
        .join(sales, on="category", how="left")
        .with_columns(look=look)
        .sort(
            pl.col("look").is_null(),
            "sales",
            "category",
            descending=[False, True, False],
            nulls_last=True,
        )
    )


def _final_continuity(catalog: Catalog) -> list[str]:
    """How many placements of the baseline's final clusters are kept, who moved, what vanished."""
    found = catalog.read(MERGE, "continuity")
    movers = catalog.read(MERGE, "movers")
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


def _more(rows: int, which: str) -> list[str]:
    return [f"... {MOST_ROWS} of {rows} categories: {which}"] if rows > MOST_ROWS else []


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
