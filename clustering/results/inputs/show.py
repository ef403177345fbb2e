"""What `check` prints: half a screen for each question a user has before the first run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from clustering.methods.aggregation.rules import NETTED
from clustering.results.inputs.found import Inputs

NAMES = {
    "sales": "sales",
    "need_states": "need states",
    "external": "attributes",
    "like_stores": "like stores",
}
MOST_FILES, MOST_CATEGORIES, MOST_REASONS, MOST_COLUMNS = 4, 3, 4, 5
LONGEST_FOLDER = 40
FIRST_DATE = 7_000  # periods above this are days since 1970
EPOCH = date(1970, 1, 1)


def print_inputs(console: Console, found: Inputs) -> None:
    """Print what was recognised; problems are left to the error that ends the command."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, text in _rows(found):
        table.add_row(escape(name), escape(text))
    console.print(table)


def _rows(found: Inputs) -> Iterator[tuple[str, str]]:
    for name, files in found.files.items():
        yield NAMES[name], _files(files)
        yield from (("", line) for line in _columns(found, name))
        yield from (("", line) for line in _attributes(found) if name == "external")
    yield from (("", text) for text in found.absent)
    if found.stores:
        yield "", ""
        yield "stores", _stores(found.stores)
    if found.periods:
        yield "periods", _periods(found.periods)
    if found.categories:
        yield "categories", _categories(found.categories)
    yield from _money(found)
    yield from _doubts(found)


def _files(files: list[str]) -> str:
    folders = {path.rpartition("/")[0] for path in files}
    shown = files[:MOST_FILES]
    if len(folders) == 1 and (folder := _short(folders.pop())):
        shown = [f"{folder}/{_name(files[0])}", *map(_name, files[1:MOST_FILES])]
    more = f" and {len(files) - MOST_FILES} more" if len(files) > MOST_FILES else ""
    return ", ".join(shown) + more


def _short(folder: str) -> str:
    """The folder, or its end where it is long (--format json has all of it)."""
    return folder if len(folder) <= LONGEST_FOLDER else "/".join(["...", *folder.split("/")[-2:]])


def _columns(found: Inputs, name: str) -> Iterator[str]:
    """How the files were read, and the columns by role, with an example of each."""
    mine = [row for row in found.columns if row["input"] == name]
    for row in mine:
        if row["action"] == "file":
            yield (
                f"{_name(row.get('file'))}: {row['reason']}"
                if name == "external"
                else row["reason"]
            )
    roles: dict[str, str] = {}
    for row in mine:
        if row["action"] == "read" and row.get("role"):
            example = f" ({row['example'].strip()})" if row.get("example") else ""
            roles.setdefault(row["role"], f"{row['role']} = {row['column']}{example}")
    if roles:
        yield ", ".join(roles.values())


def _name(path: str | None) -> str:
    return (path or "").rpartition("/")[2]


def _attributes(found: Inputs) -> Iterator[str]:
    kept = [row for row in found.columns if row["action"] == "kept"]
    if kept:
        kinds = {row["kind"]: 0 for row in kept}
        for row in kept:
            kinds[row["kind"]] += 1
        yield f"{len(kept)} attributes: " + ", ".join(f"{n} {kind}" for kind, n in kinds.items())
    left: dict[str, list[str]] = {}
    for row in found.columns:
        if row["action"] in ("dropped", "left out"):
            left.setdefault(row["reason"], []).append(row["column"])
    for reason, columns in [*left.items()][:MOST_REASONS]:
        more = f" and {len(columns) - MOST_COLUMNS} more" if len(columns) > MOST_COLUMNS else ""
        yield f"left out: {', '.join(columns[:MOST_COLUMNS])}{more} ({reason})"
    if others := sum(map(len, [*left.values()][MOST_REASONS:])):
        yield f"left out: {others} more (--format json names all)"


def _stores(parts: list[dict[str, Any]]) -> str:
    both, *others = parts
    lines = [
        f"{part['number']:,} with {part['stores']} ({', '.join(part['examples'])})"
        for part in others
        if part["number"]
    ]
    return ", ".join([f"{both['number']:,} in sales and attributes", *lines])


def _periods(periods: dict[str, Any]) -> str:
    first, last = (_period(periods[name]) for name in ("first", "last"))
    halves = [amount or 0.0 for amount in (periods["half_a"], periods["half_b"])]
    share = (
        f"; the earlier half holds {halves[0] / sum(halves):.0%} of sales" if sum(halves) else ""
    )
    return f"{periods['number']:,}, from {first} to {last}{share}"


def _period(period: int) -> str:
    is_week = abs(period) < FIRST_DATE
    return str(period) if is_week else (EPOCH + timedelta(days=period)).isoformat()


def _categories(categories: list[dict[str, Any]]) -> str:
    words = [
        f"{row['category']} ({row['stores']:,} stores, {row['states'] or 0} need states)"
        for row in categories[:MOST_CATEGORIES]
    ]
    thin = sum(row["enough"] < 2 for row in categories)
    few = f"; in {thin} no two stores have enough sales rows to be fitted" if thin else ""
    largest = "the largest: " if len(categories) > len(words) else ""
    return f"{len(categories):,}, {largest}" + ", ".join(words) + few


def _money(found: Inputs) -> Iterator[tuple[str, str]]:
    """Rows and sales that are used, and what was set aside, by rule."""
    whole = []
    for row in found.rows:
        name = NAMES.get(row["input"], row["input"])
        if row["outcome"] == "read":
            total = row
        elif row["outcome"] == NETTED:
            yield "", f"returns taken from sales: {row['rows']:,} rows, sales {row['sales']:,.2f}"
        elif row["outcome"] == "used" and row["rows"] == total["rows"] and row["sales"] is None:
            whole.append(f"{name} {row['rows']:,}")
        elif row["outcome"] == "used":
            used = f"{row['rows']:,} of {total['rows']:,} rows used"
            yield f"{name} rows", used + _share(row, total)
        else:
            amount = "" if row["sales"] is None else f", sales {row['sales']:,.2f}"
            rows = f"{row['rows']:,} row{'s' * (row['rows'] != 1)}"
            yield "", f"set aside as {row['outcome']}: {rows}{amount}"
    if whole:
        yield "all rows used", ", ".join(whole)


def _share(row: dict[str, Any], total: dict[str, Any]) -> str:
    if row["sales"] is None or not total["sales"]:
        return ""
    share = row["sales"] / total["sales"]
    return f", sales {row['sales']:,.2f} ({share:.1%} of {total['sales']:,.2f})"


def _doubts(found: Inputs) -> Iterator[tuple[str, str]]:
    for row in sorted(found.findings, key=lambda row: not row["is_warning"]):
        yield "warning" if row["is_warning"] else "note", f"{row['input']}: {row['text']}"
