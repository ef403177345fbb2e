"""The command `alike`: which categories group their stores alike, and what sharing costs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
from rich.console import Console
from rich.table import Table

from clustering.cli.answers import Alike as Answer
from clustering.cli.answers import to_json
from clustering.cli.console import results, write_text
from clustering.config import Config
from clustering.results.alike import Alike, of_groups
from clustering.results.alike import alike as compared
from clustering.results.comparison.show import print_heat_map
from clustering.results.export.spreadsheet import for_spreadsheets
from clustering.store.runs import open_run

MOST_ROWS = 20


def alike(
    config: Config,
    *,
    run: str,
    categories: Sequence[str],
    separate: str | None,
    form: str,
    output: Path | None,
) -> None:
    """Print or write the agreement of categories, and the loss of clusters that are shared."""
    catalog = open_run(run, config)
    found = None if separate else compared(catalog, categories)
    pairs = found.pairs if found else of_groups(catalog, open_run(str(separate), config))
    if form == "json":
        write_text(to_json(Answer(pairs=pairs.to_dicts())) + "\n", output)
    elif form == "csv":
        safe = for_spreadsheets(pairs, config.report.csv_for_spreadsheets)
        write_text(safe.write_csv(), output)
    elif found:
        _print(results(), found)
    else:
        results().print(_table(pairs))
        worth, loss = (round(pairs[name].sum()) for name in ("worth", "loss"))
        results().print(f"Shared clusters lose {loss:,} of {worth:,} in sales.")


def _print(console: Console, found: Alike) -> None:
    console.print("agreement of final clusters (adjusted mutual information)", style="italic")
    matrix = [[None if np.isnan(value) else float(value) for value in row] for row in found.matrix]
    print_heat_map(console, found.categories, matrix)
    console.print()
    console.print(_table(found.pairs))
    if found.best:
        name, loss, worth = found.best
        console.print(
            f"If all {len(found.categories)} share one set of clusters, that of {name} costs "
            f"least: {round(loss):,} of {round(worth):,} in sales.",
            markup=False,
        )


def _table(pairs: pl.DataFrame) -> Table:
    """The pairs that agree most."""
    table = Table(box=None, pad_edge=False)
    for column in ("category", "with the clusters of"):
        table.add_column(column, overflow="fold")
    for column in ("agreement", "own worth", "shared", "loss"):
        table.add_column(column, justify="right")
    rows = pairs.sort("agreement", "category", "other", descending=True, nulls_last=True)
    for row in rows.head(MOST_ROWS).iter_rows(named=True):
        numbers = [f"{round(row[name]):,}" for name in ("worth", "shared", "loss")]
        agreement = "" if row["agreement"] is None else f"{row['agreement']:.2f}"
        table.add_row(row["category"], row["other"], agreement, *numbers)
    return table
