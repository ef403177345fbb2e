"""Prints the leaderboard and the agreement of scenarios, 80 columns wide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from clustering.results.comparison.leaderboard import RULE
from clustering.results.sweeps.record import DONE

NUMBERS = {
    "k": ("k", "{:.1f}"),
    "heldout_r2": ("held-out R2", "{:.3f}"),
    "silhouette": ("silh.", "{:.2f}"),
    "stability": ("stab.", "{:.2f}"),
    "largest_share": ("largest", "{:.0%}"),
    "agreement": ("agree", "{:.2f}"),
}
MOST_IN_HEAT_MAP = 20
NAME_WIDTH = 8  # of a column; the row has the whole name
# pale to deep blue, with the text colour that can be read on each
SHADES = (
    (0.2, "black on #f7fbff"),
    (0.4, "black on #d2e3f3"),
    (0.6, "black on #9ac8e1"),
    (0.8, "white on #4292c6"),
)
DEEPEST = "white on #08519c"


def print_leaderboard(
    console: Console, table: pl.DataFrame, matrix: Sequence[Sequence[float | None]]
) -> None:
    """Print the rows, the rule behind the preferred one, and the heat map of agreements where
    `matrix` holds one.
    """
    shown = [name for name in NUMBERS if table[name].count()]
    board = Table(box=None, pad_edge=False, title="scenarios", title_justify="left")
    for column in ("", "settings"):
        board.add_column(column, overflow="fold")
    for name in shown:
        board.add_column(NUMBERS[name][0], justify="right")
    for row in table.iter_rows(named=True):
        marks = ("*" if row["system_preferred"] else "") + ("+" if row["user_preferred"] else "")
        settings = escape(row["settings"] or "-")
        if row["state"] != DONE:
            reason = f": {row['reason']}" if row["reason"] else ""
            settings += f"\n[red]{escape(row['state'] + reason)}[/red]"
        cells = ["" if row[name] is None else NUMBERS[name][1].format(row[name]) for name in shown]
        board.add_row(f"{escape(row['scenario'])}{marks}", settings, *cells)
    console.print(board)
    if table["system_preferred"].any():
        console.print(f"* {RULE}", style="dim")
    if table["user_preferred"].any():
        console.print("+ user preferred", style="dim")
    if any(value is not None for row, values in enumerate(matrix) for value in values[:row]):
        console.print("\nagreement (adjusted Rand index)", style="italic")
        print_heat_map(console, table.filter(state="done")["scenario"].to_list(), matrix)


def print_heat_map(
    console: Console, names: Sequence[str], matrix: Sequence[Sequence[float | None]]
) -> None:
    """Print the agreements of every pair of `names`, the darker the higher."""
    heat = Table(box=None, pad_edge=False, padding=(0, 0, 0, 1))
    heat.add_column("")
    for name in names:
        short = name if len(name) <= NAME_WIDTH else f"~{name[-NAME_WIDTH + 1 :]}"
        heat.add_column(escape(short), justify="right", min_width=5)
    for name, row in zip(names, matrix, strict=True):
        heat.add_row(f"{escape(name)} ", *map(_shaded, row))
    console.print(heat)


def _shaded(value: float | None) -> Any:
    if value is None:
        return "-"
    style = next((style for limit, style in SHADES if value < limit), DEEPEST)
    return f"[{style}] {value:.2f}[/]"
