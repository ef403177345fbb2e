"""What a file holds, and how it was read."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from clustering.config import ReadSettings
from clustering.errors import DataError, first_line
from clustering.io.sources.numbers import hint_of

# what Polars says of text, and what it means
SAID = {
    "found more fields than defined": "a row has more cells than there are column names; quote "
    "cells that hold the separator",
    "CSV malformed": "a quoted cell is not closed; double the quotes within cells",
    "could not parse": "a quoted cell is not closed; double the quotes within cells",
}
SAMPLE_ROWS = 10_000
Types = dict[str, pl.DataType]


@dataclass(frozen=True)
class Table:
    """What a file holds, and how it was read: `how` in words, `unnamed` the index columns left out.

    `separator` is that of a text file, None of any other.
    """

    path: str
    frame: pl.LazyFrame
    types: Types
    how: str
    settings: ReadSettings = field(default_factory=ReadSettings)
    align_keys: bool = False
    separator: str | None = None
    unnamed: tuple[str, ...] = ()
    scanned: tuple[str, pl.LazyFrame] | None = None  # a parquet file, and all that is in it
    # a frame without blank rows, and the same with them, which is cheaper to read a column of
    with_blank: tuple[pl.LazyFrame, pl.LazyFrame] | None = None
    sample_rows: int = SAMPLE_ROWS

    @property
    def untouched(self) -> str | None:
        """The parquet file of which `frame` is all rows and columns as they are."""
        return self.scanned[0] if self.scanned and self.frame is self.scanned[1] else None

    @property
    def any_rows(self) -> pl.LazyFrame:
        """The rows of `frame`, and perhaps rows that are null in every column."""
        is_own = self.with_blank is not None and self.frame is self.with_blank[0]
        return self.with_blank[1] if self.with_blank and is_own else self.frame

    @cached_property
    def beginning(self) -> pl.DataFrame:
        """The first rows."""
        found = self.collect(self.any_rows.head(self.sample_rows))
        if self.any_rows is self.frame:
            return found
        has_blank = found.select(pl.all_horizontal(pl.all().is_null()).any()).item()
        return self.collect(self.frame.head(self.sample_rows)) if has_blank else found

    @cached_property
    def decimal_hint(self) -> str | None:
        """The decimal mark that numbers in text need in the first rows, whatever their column."""
        texts = (pl.String, pl.Categorical, pl.Enum)
        names = [name for name, kind in self.types.items() if kind in texts]
        return hint_of([self.beginning[name].cast(pl.String).drop_nulls() for name in names])

    def collect(self, frame: pl.LazyFrame) -> pl.DataFrame:
        """Rows of this file; raises DataError where it cannot be read to its end."""
        try:
            return frame.collect(engine="streaming")
        except pl.exceptions.PolarsError as cause:
            raise DataError(f"{self.path} cannot be read: {in_words(cause)}") from cause


def in_words(error: BaseException) -> str:
    """What a reader's error means to the person whose file it is."""
    known = next((said for words, said in SAID.items() if words in str(error)), None)
    return known or first_line(error)


# what opens a file: its path as the user wrote it, its local copy, the settings, and the squashed
# column names that tell the header row
Opener = Callable[[str, str, ReadSettings, Collection[str]], Table]
