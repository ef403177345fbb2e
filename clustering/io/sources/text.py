"""Text files: CSV and its kin, whatever their separator and encoding."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import polars as pl

from clustering.config import ReadSettings
from clustering.config.inputs import SEPARATORS
from clustering.errors import DataError
from clustering.io.sources.dialect import recognise_dialect, rewritten
from clustering.io.sources.encoding import TextFile, as_utf8, scratch
from clustering.io.sources.table import Table

ENDINGS = tuple(
    ending + packed
    for ending in (".csv", ".tsv", ".txt", ".psv", ".dat")
    for packed in ("", ".gz", ".zst")
)
# a line that is drawn between rows, as SAP, psql, MySQL and sqlcmd print tables
RULE = re.compile(r"^[\s|+,;:-]*-{3,}[\s|+,;:-]*$\n?", re.MULTILINE)
FRAME = re.compile(r"^[ \t]*\||\|[ \t]*$", re.MULTILINE)  # around the cells of a row
NO_TABLES = {
    "HTML or XML": re.compile(r"\s*<(!doctype|\?xml|html|head|body|table|meta|style)\b", re.I),
    "JSON": re.compile(r"\s*(\{\s*\"|\[\s*[\[{\"])"),
    "a PDF": re.compile("%PDF"),
    "a pointer of git-lfs (git lfs pull gets the file)": re.compile("version https://git-lfs"),
}
SEPARATOR_NAMES = {character: name for name, character in SEPARATORS.items()}


def open_text(path: str, local: str, settings: ReadSettings, known: Collection[str]) -> Table:
    """Open a text file; all its columns are text."""
    text = as_utf8(local, settings.encoding)
    if other := next((name for name, mark in NO_TABLES.items() if mark.match(text.sample)), None):
        raise DataError(f"{path} holds {other}, not a table; save it as CSV, Excel or parquet")
    if RULE.search(text.sample):
        text = _without_rules(text)
    dialect, plain = recognise_dialect(path, text.sample, settings, known), text.path
    if dialect.has_stray_quotes:
        plain = _copy()
        dialect = rewritten(text.path, dialect, plain)
    names = [
        f"{name}_duplicated_{place}" if name in dialect.names[:place] else name
        for place, name in enumerate(dialect.names)
    ]
    every_row = pl.scan_csv(
        plain,
        has_header=False,
        skip_lines=dialect.skip_lines,
        separator=dialect.separator,
        quote_char=dialect.quote,
        schema=dict.fromkeys(names, pl.String),
        glob=False,
    )
    frame = every_row.filter(~pl.all_horizontal(pl.all().is_null()))
    how = [
        "text",
        *([text.compression] if text.compression else []),
        text.encoding.replace("utf-8-sig", "utf-8 with a byte order mark"),
        SEPARATOR_NAMES.get(dialect.separator, repr(dialect.separator)),
        f"names in row {dialect.header_row}",
    ]
    types = dict.fromkeys(names, pl.String())
    return Table(
        path,
        frame,
        dict(types),
        ", ".join(how),
        separator=dialect.separator,
        with_blank=(frame, every_row),
    )


def _without_rules(text: TextFile) -> TextFile:
    """A copy without the lines between rows and the frame around them."""
    copy = _copy()
    with Path(text.path).open(newline="") as given, Path(copy).open("w", newline="") as target:
        target.writelines(FRAME.sub("", line) for line in given if not RULE.fullmatch(line))
    return replace(text, path=copy, sample=FRAME.sub("", RULE.sub("", text.sample)))


def _copy() -> str:
    handle, path = tempfile.mkstemp(dir=scratch().name, suffix=".txt")
    os.close(handle)
    return path
