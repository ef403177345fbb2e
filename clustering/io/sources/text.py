"""Text files: CSV and its kin, whatever their separator and encoding."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection

import polars as pl

from clustering.config import ReadSettings
from clustering.config.inputs import SEPARATORS
from clustering.io.sources.dialect import recognise_dialect, rewritten
from clustering.io.sources.encoding import as_utf8, scratch
from clustering.io.sources.table import Table

ENDINGS = tuple(
    ending + packed
    for ending in (".csv", ".tsv", ".txt", ".psv", ".dat")
    for packed in ("", ".gz", ".zst")
)
SEPARATOR_NAMES = {character: name for name, character in SEPARATORS.items()}


def open_text(path: str, local: str, settings: ReadSettings, known: Collection[str]) -> Table:
    """Open a text file; all its columns are text."""
    text = as_utf8(local, settings.encoding)
    dialect, plain = recognise_dialect(path, text.sample, settings, known), text.path
    if dialect.has_stray_quotes:
        handle, plain = tempfile.mkstemp(dir=scratch().name, suffix=".txt")
        os.close(handle)
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
