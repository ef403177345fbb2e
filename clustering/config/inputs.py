"""Where the data are, and how rows become sales per store and need state."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, field, fields

from clustering.config.fields import database_problems, one_of, within

DECIMALS = {"point": ".", "comma": ","}
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}


@dataclass
class Paths:
    # where stages read and write parquet; a folder or an object-store URI
    data_dir: str = "data"
    # reports, figures, models, sweeps and logs
    output_dir: str = "outputs"


@dataclass
class ColumnNames:
    """The user's name for each canonical column; null accepts the usual names (see
    sources.columns).
    """

    sku_nbr: str | None = None
    store_nbr: str | None = None
    category: str | None = None
    need_state: str | None = None
    total_sales: str | None = None
    week: str | None = None
    date: str | None = None


@dataclass
class Columns(ColumnNames):
    """Names for all inputs, and those of one input or one file, which count first."""

    sales: ColumnNames = field(default_factory=ColumnNames)
    need_states: ColumnNames = field(default_factory=ColumnNames)
    external: ColumnNames = field(default_factory=ColumnNames)
    like_stores: ColumnNames = field(default_factory=ColumnNames)
    overrides: ColumnNames = field(default_factory=ColumnNames)
    # by a file's name with or without its ending: {stores: {store_nbr: Shop}}
    files: dict[str, dict[str, str]] = field(default_factory=dict)

    def problems(self) -> Iterator[str]:
        known = [item.name for item in fields(ColumnNames)]
        for file, names in self.files.items():
            for name in names.keys() - set(known):
                yield (
                    f"source.columns.files.{file}.{name} is no column; known: {', '.join(known)}"
                )


@dataclass
class ReadSettings:
    """How files are read; null recognises it from the file."""

    # utf-8, utf-16, latin-1, cp1252 ...
    encoding: str | None = None
    # the character between cells, or comma, semicolon, tab, pipe
    separator: str | None = None
    # the decimal mark of numbers in text: point or comma
    decimal: str | None = None
    # the row with the column names, counted from 1
    header_row: int | None = within(1, None, default=None)
    # the name of an Excel sheet
    sheet: str | None = None
    # of dates in text: day-first, month-first, or a pattern such as %d/%m/%Y
    date_format: str | None = None

    def problems(self) -> Iterator[str]:
        if self.decimal not in (None, *DECIMALS, *DECIMALS.values()):
            yield f"source.read.decimal={self.decimal} is neither point nor comma"
        if self.separator is not None and self.separator not in (*SEPARATORS, *SEPARATORS.values()):
            yield (
                f"source.read.separator={self.separator} is not one of {', '.join(SEPARATORS)}, or "
                "the character itself"
            )
        if self.encoding is not None and not _is_encoding(self.encoding):
            yield f"source.read.encoding={self.encoding} is no encoding that Python knows"


@dataclass
class Read(ReadSettings):
    """Settings for all inputs, and those of one input, which count first."""

    # keys that differ by leading zeros or decimals only ("00123", "123", "123.0") are one
    align_keys: bool = False
    sales: ReadSettings = field(default_factory=ReadSettings)
    need_states: ReadSettings = field(default_factory=ReadSettings)
    external: ReadSettings = field(default_factory=ReadSettings)
    like_stores: ReadSettings = field(default_factory=ReadSettings)
    overrides: ReadSettings = field(default_factory=ReadSettings)

    def of(self, name: str) -> ReadSettings:
        """The settings that hold for one input."""
        own = getattr(self, name)
        return ReadSettings(
            **{
                item.name: getattr(own, item.name) or getattr(self, item.name)
                for item in fields(ReadSettings)
            }
        )


@dataclass
class Source:
    name: str = "files"
    # source=postgres and the like: where the database is; $NAME stands for an environment variable,
    # see databases
    uri: str | None = None
    # path, glob or URI; parquet, CSV (also .gz) or Excel by its ending; in a database, a table or a
    # query
    sales: str | None = "${paths.data_dir}/raw/sales.parquet"
    need_states: str = "${paths.data_dir}/raw/need_states.csv"
    # null or [] clusters by the other input alone
    external: list[str] | None = field(default_factory=lambda: ["${paths.data_dir}/raw/external/*"])
    # stores that resemble others: store_nbr, like_store_nbr, weight; for stores without history of
    # their own
    like_stores: str | None = None
    # what merchants decided against or beside the model, see docs/after-the-first-run.md
    overrides: str | None = None
    columns: Columns = field(default_factory=Columns)
    read: Read = field(default_factory=Read)

    def problems(self) -> Iterator[str]:
        yield from database_problems("source", self.name, self.uri)


@dataclass
class Within:
    """Nested clustering: every cluster of an earlier run is a category of its own, in which stores
    are clustered again.
    """

    # v3, published, a scenario's number, or a run's folder; null clusters whole categories
    run: str | None = None
    # whose clusters: those of the category (internal) or of the surroundings (external)
    track: str = one_of("internal", "external", default="internal")

    def problems(self) -> Iterator[str]:
        if self.run == "current":
            yield (
                "within.run=current is what this run replaces; publish it first, or name the "
                "folder of a copy"
            )


@dataclass
class Preprocess:
    # a store with fewer sales rows than this in a category is not fitted, but placed afterwards
    # ("poor history")
    min_sales_rows: int = within(0, None, default=10)
    # only sales from this week number or date on, and up to that one, both included: a season; null
    # is open
    first_period: str | None = None
    last_period: str | None = None
    # how sales are split in two halves for held-out scores: by time where there is a week or date
    # column, else at random
    holdout: str = one_of("auto", "time", "random", default="auto")
    # returns (negative sales): net takes them from the sales of the same store, SKU and period, as
    # far as there are any; drop sets them aside
    returns: str = one_of("net", "drop", default="net")
    # files that repeat the same stores, SKUs and periods: last keeps the rows of the last file by
    # name, sum adds them up
    overlap: str = one_of("error", "last", "sum", default="error")
    # a store or a period that is the sum of the others ("Grand Total"): drop sets its rows aside
    totals: str = one_of("drop", "keep", "error", default="drop")
    # quarantined rows over all rows of an input; above it the run stops
    max_quarantined_share: float = within(0, 1, default=1.0)
    # rows kept per input and rule in quarantine.parquet; every row is counted, whatever this says
    quarantine_rows: int = within(0, None, default=100_000)
    # external attributes: what to do with several rows for one store
    duplicates: str = one_of("first", "last", "mean", "error", default="first")
    # external columns with a larger share of nulls are dropped
    max_null_share: float = within(0, 1, default=0.5)
    # categorical columns with more levels than this are dropped (they are names, not attributes)
    max_levels: int = within(2, None, default=30)
    # use only this many stores, drawn by seed (for a quick look); null uses all
    sample_stores: int | None = within(2, None, default=None)
    # memory for the dense stores x need states table; above it packed keys are used
    dense_budget_mb: int = within(1, None, default=512)


def _is_encoding(name: str) -> bool:
    try:
        codecs.lookup(name)
    except LookupError:
        return False
    return True
