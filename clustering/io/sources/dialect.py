"""Where the table in a text file or a sheet begins: separator, quote, title rows, header row."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from clustering.config import ReadSettings
from clustering.config.inputs import SEPARATORS
from clustering.errors import DataError
from clustering.io.sources.columns import squash

MOST_TITLE_ROWS, MOST_LINES = 200, 1_000
RARE = ("~", "^", "\x1f")  # separators that no setting has a word for
NUMBER = re.compile(r"[\s$€£%()+-]*\d[\d\s.,'/:%()-]*")
Rows = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Dialect:
    """How a text file is laid out; `header_row` counts from 1, `skip_lines` ends with the
    header.
    """

    separator: str
    quote: str | None
    header_row: int
    skip_lines: int
    names: tuple[str, ...]
    has_stray_quotes: bool = False  # 12" in a cell that is not quoted


def recognise_dialect(
    where: str, sample: str, settings: ReadSettings, known: Collection[str]
) -> Dialect:
    """Decide from the beginning of a text; `known` are column names, squashed, that are likely.

    Raises DataError where rows have more cells than the header has names.
    """
    lines = sample.splitlines(keepends=True)
    if len(lines) > MOST_LINES:
        lines = lines[:MOST_LINES]
    elif len(lines) > 1 and not lines[-1].endswith("\n"):
        lines = lines[:-1]  # it may be cut off
    stated = re.fullmatch(r"\W*sep=(.)\s*", lines[0], re.IGNORECASE) if lines else None
    if settings.separator:
        separators = [SEPARATORS.get(settings.separator, settings.separator)]
    else:
        separators = [stated[1]] if stated else [*SEPARATORS.values(), *RARE]
    start = 1 if stated else 0
    best, chosen = (-1.0, -1), None
    for separator in separators:
        quote = _quote(lines, separator)
        rows, ends = _parsed(lines[start:], separator, quote)
        score = _score(rows, known)
        if score > best:
            best, chosen = score, (separator, quote, rows, ends)
    if chosen is None or not chosen[2]:
        raise DataError(f"{where} is empty: it has no data row")
    separator, quote, rows, ends = chosen
    wanted = settings.header_row
    place = header_place(rows, known) if wanted is None else _row_of(ends, wanted - start)
    names = column_names(where, rows[place:])
    stray = re.compile(rf'[^{re.escape(separator)}"\r\n]"[^{re.escape(separator)}"\r\n]')
    has_stray_quotes = quote == '"' and any(stray.search(line) for line in lines)
    end = ends[place] + start
    return Dialect(separator, quote, end, end, names, has_stray_quotes)


def rewritten(path: str, dialect: Dialect, copy: str) -> Dialect:
    """Write the rows of a text with stray quotes to `copy`, quoted as they should be."""
    with Path(path).open(newline="") as given, Path(copy).open("w", newline="") as target:
        rows = csv.reader(given, delimiter=dialect.separator)
        writer = csv.writer(target, delimiter=dialect.separator, lineterminator="\n")
        writer.writerows(row for row in rows if rows.line_num > dialect.skip_lines)
    return replace(dialect, skip_lines=0)


def header_place(rows: Rows, known: Collection[str]) -> int:
    """The place of the row with the column names: the one that holds most known names, else the
    first wide row that is not of numbers.
    """
    first = rows[:MOST_TITLE_ROWS]
    matches = [sum(squash(cell) in known for cell in row) for row in first]
    if max(matches, default=0):
        return matches.index(max(matches))
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows]
    wide = max(1, -(-Counter(filled).most_common(1)[0][0] // 2)) if filled else 1
    numbers = [sum(bool(NUMBER.fullmatch(cell.strip())) for cell in row) for row in first]
    names = [
        place
        for place in range(len(first))
        if filled[place] >= wide and 2 * numbers[place] <= filled[place]
    ]
    return names[0] if names else 0


def column_names(where: str, rows: Rows) -> tuple[str, ...]:
    """The names in the first of `rows`, trimmed, as many as most rows have cells.

    A column without a name is called "Unnamed: <place>", as pandas calls it.
    """
    header = [cell.strip().strip("\ufeff") for cell in rows[0]]
    longest = max((len(row) for row in rows), default=0)
    surplus = [row for row in rows[1:] if any(cell.strip() for cell in row[len(header) :])]
    if surplus:
        raise DataError(
            f"{where}: a row has {len(surplus[0])} cells, but there are {len(header)} column names;"
            " quote cells that hold the separator, or set source.read.separator or "
            "source.read.header_row",
            [f"the row: {' | '.join(surplus[0])}", f"the names: {' | '.join(header)}"],
        )
    header += [""] * (longest - len(header))
    return tuple(name or f"Unnamed: {place}" for place, name in enumerate(header))


def _parsed(
    lines: Sequence[str], separator: str, quote: str | None
) -> tuple[list[list[str]], list[int]]:
    """The rows that are not blank, and the number of lines up to the end of each."""
    reader = csv.reader(
        io.StringIO("".join(lines), newline=""),
        delimiter=separator,
        quotechar=quote or '"',
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
    )
    rows, ends = [], []
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append(row)
                ends.append(reader.line_num)
    except csv.Error:  # a cell longer than the module allows, or a NUL
        return [], []
    return rows, ends


def _quote(lines: Sequence[str], separator: str) -> str | None:
    """The character around cells; None where quotes are part of the text, as in 5' 12."""
    text, cell = "".join(lines), re.escape(separator)
    starts = {
        mark: len(re.findall(rf"(?:^|{cell})\s?{mark}", text, re.MULTILINE)) for mark in ('"', "'")
    }
    ends = len(re.findall(rf"'\s?(?:{cell}|\r?$)", text, re.MULTILINE))
    if starts["'"] > len(lines) // 2 and ends >= starts["'"] and not starts['"']:
        return "'"
    return None if '"' in text and not starts['"'] else '"'


def _score(rows: Rows, known: Collection[str]) -> tuple[float, int]:
    """How well a separator fits: the share of rows of the usual width, with what it makes known."""
    widths = Counter(len(row) for row in rows)
    width, often = max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
    named = max(
        (sum(squash(cell) in known for cell in row) for row in rows[:MOST_TITLE_ROWS]), default=0
    )
    share = often / len(rows) if width > 1 else 0.0
    return named + share, width


def _row_of(ends: Sequence[int], wanted: int) -> int:
    """The place of the row that ends with line `wanted`, or after it."""
    return next((place for place, end in enumerate(ends) if end >= wanted), len(ends) - 1)
