"""Names that differ by case or blanks only are one, under their commonest spelling."""

from __future__ import annotations

import polars as pl

from clustering.io.sources.reading import Reading
from clustering.methods.aggregation.spelling import spellings


def one_spelling(
    frame: pl.DataFrame, column: str, reading: Reading, path: str | None = None
) -> pl.DataFrame:
    """Give `frame` with one spelling of every name in `column`; what is replaced is reported."""
    counts = dict(frame[column].drop_nulls().value_counts().iter_rows())
    replaced = spellings(counts)
    for old, new in sorted(replaced.items()):
        reason = f"{old!r} is read as {new!r}, in {counts[old]:,} rows"
        reading.add(path, column, "joined", column, "name", reason, old)
    return frame.with_columns(pl.col(column).replace(replaced)) if replaced else frame
