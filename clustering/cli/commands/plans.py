"""The command `plans`: a proposal of how to share out plans over the categories."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Table

from clustering.cli.answers import Plans, to_json
from clustering.cli.console import results, write_text
from clustering.config import Config
from clustering.registry import MERGE
from clustering.results.budget import Budget, shared_out
from clustering.results.export.spreadsheet import for_spreadsheets
from clustering.results.page.content.words import plural
from clustering.store.runs import open_run

BARS, WIDTH = 10, 40
MOST_ROWS = 25


def plans(
    config: Config,
    *,
    budget: int | None,
    run: str,
    form: str,
    output: Path | None,
    settings: Path | None,
) -> None:
    """Print or write how many plans each category would get, and the caps that would do it."""
    catalog = open_run(run, config)
    summary = catalog.read(MERGE, "summary")
    found = shared_out(catalog.read(MERGE, "worth_by_plans"), summary, budget)
    if form == "json":
        answer = Plans(
            proposal=found.table.to_dicts(), curve=found.curve.to_dicts(), categories=found.caps
        )
        write_text(to_json(answer) + "\n", output)
    elif form == "csv":
        safe = for_spreadsheets(found.table, config.report.csv_for_spreadsheets)
        write_text(safe.write_csv(), output)
    else:
        _print(results(), found)
    if settings:
        write_text(_as_settings(found), settings)
        folder = shlex.quote(str(settings.parent.parent))
        use = f"; use it: clustering run --config-dir {folder} experiment={settings.stem}"
        told = f"{settings}: caps.max_clusters of {plural(len(found.caps), 'category')}"
        in_conf = settings.parent.name == "experiment"
        results().print(told + (use if in_conf else ""), markup=False, soft_wrap=True)


def _as_settings(found: Budget) -> str:
    """A file for conf/experiment; JSON strings are YAML, too."""
    lines = [f"  {json.dumps(name)}: {json.dumps(own)}" for name, own in found.caps.items()]
    text = "# @package _global_\n# What `clustering plans` proposed.\ncategories:"
    return "\n".join([text if lines else f"{text} {{}}", *lines, ""])


def _print(console: Console, found: Budget) -> None:
    table = Table(box=None, pad_edge=False)
    for column, justify in (("category", "left"), ("plans now", "right"), ("plans", "right")):
        table.add_column(column, justify=justify, overflow="fold")  # type: ignore[arg-type]
    for column in ("worth now", "worth", "error", "last plan"):
        table.add_column(column, justify="right")
    changed = pl.col("plans") < pl.col("plans_now")
    shown = found.table.filter(changed).sort("worth_now", descending=True)
    numbers = ("worth_now", "worth", "standard_error", "last_plan")
    for row in shown.head(MOST_ROWS).iter_rows(named=True):
        cells = ["" if row[name] is None else f"{round(row[name]):,}" for name in numbers]
        table.add_row(row["category"], str(row["plans_now"]), str(row["plans"]), *cells)
    sums = found.table.select(pl.col("plans_now", "plans", "worth_now", "worth").sum()).row(0)
    total = [f"{round(value):,}" for value in sums]
    table.add_row(f"all of {plural(found.table.height, 'category')}", *total, "", "", style="bold")
    console.print(table)
    same, more = found.table.height - shown.height, shown.height - MOST_ROWS
    told = f"Not listed: {plural(same, 'category')} with as many plans as now"
    told += f", {more} more with fewer (--format csv lists all)" if more > 0 else ""
    console.print(f"{told}.", style="dim")
    console.print("\ntotal worth by number of plans", style="italic")
    console.print(_bars(found.curve), highlight=False)
    console.print("In sales; how it is measured: docs/worth.md. This is a proposal.", style="dim")


def _bars(curve: pl.DataFrame) -> Table:
    """The best use of some numbers of plans, as bars."""
    first, last = curve["plans"][0], curve["plans"][-1]
    wanted = [first + round((last - first) * place / BARS) for place in range(BARS + 1)]
    highest = max(float(curve["worth"][-1]), 1e-12)
    table = Table(box=None, pad_edge=False, show_header=False)
    for number in dict.fromkeys(wanted):
        worth = float(curve.filter(pl.col("plans") <= number)["worth"][-1])
        bar = "█" * round(WIDTH * worth / highest)
        table.add_row(f"{number:,}", f"{worth:,.0f}", bar)
    return table
