"""The command `predict`: clusters for new or changed stores."""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl

from clustering.api import Run
from clustering.cli.console import messages, results
from clustering.config import Config
from clustering.errors import StageError
from clustering.results.export.downstream import as_planogram
from clustering.store.atomic import replacing
from clustering.store.runs import open_run

MOST_ROWS = 40
PLANOGRAM_FORMAT = "planogram"


def predict(
    config: Config,
    *,
    stores: Path | None,
    external: list[Path],
    need_states: Path | None,
    like_stores: Path | None,
    run: str,
    form: str,
    output: Path | None,
) -> None:
    """Place the stores of the files with the models of a run, and print or write the result."""
    placed = Run(open_run(run, config)).predict(
        stores,
        external,
        need_states=_text(need_states),
        like_stores=_text(like_stores),
        first_period=config.preprocess.first_period,
        last_period=config.preprocess.last_period,
    )
    if form == PLANOGRAM_FORMAT:
        placed, form = as_planogram(placed), "csv"
    if output is None:
        _print(placed, form)
    else:
        _write(placed, form, output)
        messages().print(f"{placed.height:,} rows in {output}", markup=False, soft_wrap=True)


def _text(path: Path | None) -> str | None:
    return str(path) if path else None


def _print(placed: pl.DataFrame, form: str) -> None:
    if form == "csv":
        sys.stdout.write(placed.write_csv())
    elif form == "json":
        sys.stdout.write(placed.write_json() + "\n")
    elif form == "parquet":
        placed.write_parquet(sys.stdout.buffer)
    else:
        _print_table(placed)


def _print_table(placed: pl.DataFrame) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for column in ("track", "category", "store", "cluster", "final", "probability", "reason"):
        table.add_column(column, overflow="fold")
    shown = placed.select(
        "track", "category", "store_nbr", "cluster", "final_cluster", "probability", "reason"
    )
    for *texts, final, probability, reason in shown.head(MOST_ROWS).iter_rows():
        table.add_row(*map(str, texts), final or "", f"{probability:.2f}", reason)
    results().print(table, markup=False)
    if placed.height > MOST_ROWS:
        messages().print(
            f"... the first {MOST_ROWS} of {placed.height:,} rows; --format csv or --output FILE "
            "gives all"
        )


def _write(placed: pl.DataFrame, form: str, output: Path) -> None:
    """Write by --format, or where that is the table, by the ending of the file; the file is whole
    or absent.
    """
    kind = (
        form if form != "table" else {".json": "json", ".csv": "csv"}.get(output.suffix, "parquet")
    )
    try:
        with replacing(output) as temporary:
            getattr(placed, f"write_{kind}")(temporary)
    except OSError as cause:
        raise StageError(f"{output} cannot be written: {cause.strerror or cause}") from cause
