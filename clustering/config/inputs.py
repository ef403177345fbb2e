"""Where the data are, and how rows become sales per store and need state."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any

from clustering.config.fields import database_problems, one_of, within

DECIMALS = {"point": ".", "comma": ","}
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
ALL_SHEETS = "*"


@dataclass
class Paths:
    """Where tables and results are written."""

    # where stages read and write parquet: a folder or an object-store URI
    data_dir: str = "data"
    # reports, figures, models, sweeps and logs
    output_dir: str = "outputs"


@dataclass
class ColumnNames:
    """The name of each column in the files; null accepts the usual names."""

    # the product (sales, need_states)
    sku_nbr: str | None = None
    # the store (sales, external)
    store_nbr: str | None = None
    # the category (sales, need_states)
    category: str | None = None
    # the need state (need_states)
    need_state: str | None = None
    # the sales amount (sales)
    total_sales: str | None = None
    # the week number (sales, optional)
    week: str | None = None
    # the date (sales, optional)
    date: str | None = None


@dataclass
class Columns(ColumnNames):
    """Your name for each column, in all inputs; null accepts the usual names
    (docs/how-to/your-files.md).
    """

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
                    f"source.columns.files.{file}.{name} is not a column; use one of "
                    f"{', '.join(known)}"
                )


@dataclass
class ReadSettings:
    """How files are read; null finds out from the file."""

    # text encoding, such as utf-8, utf-16, latin-1 or cp1252
    encoding: str | None = None
    # the character between cells, such as ~, or comma, semicolon, tab, pipe
    separator: str | None = None
    # the decimal mark of numbers: point or comma
    decimal: str | None = None
    # the row with the column names, counted from 1
    header_row: int | None = within(1, None, default=None)
    # the name of an Excel sheet; * reads all sheets that have the same columns
    sheet: str | None = None
    # how dates are written: day-first, month-first, or a pattern such as %d/%m/%Y
    date_format: str | None = None

    def problems(self) -> Iterator[str]:
        if self.decimal not in (None, *DECIMALS, *DECIMALS.values()):
            yield f"source.read.decimal={self.decimal} is neither point nor comma"
        if self.separator not in (None, *SEPARATORS) and len(str(self.separator).encode()) != 1:
            yield (
                f"source.read.separator={self.separator} is not one of {', '.join(SEPARATORS)}, or "
                "one character"
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
    """Where the inputs are."""

    # the kind of source: files, database or complete_journey; chosen by source=NAME
    name: str = "files"
    # database sources: the address of the database; $NAME is replaced by the environment variable
    # NAME
    uri: str | None = None
    # path, glob or URI of parquet, CSV (also .gz), TSV or Excel files; in a database, a table or a
    # query
    sales: str | None = "${paths.data_dir}/raw/sales.parquet"
    # the need-state map, given in the same way
    need_states: str | None = "${paths.data_dir}/raw/need_states.csv"
    # list of attribute files, given in the same way; null or [] runs the internal track alone
    external: list[str] | None = field(default_factory=lambda: ["${paths.data_dir}/raw/external/*"])
    # stores that resemble others (store_nbr, like_store_nbr, weight), for stores without history
    like_stores: str | None = None
    # decisions of merchants on single stores (docs/how-to/overrides.md)
    overrides: str | None = None
    # readable labels for raw names (CSV: kind, raw, label); `clustering check --labels` writes one
    labels: str | None = None
    columns: Columns = field(default_factory=Columns)
    read: Read = field(default_factory=Read)
    # columns computed in every file that has the columns they name, by SQL expressions:
    # {total_sales: "QTY * PRICE"}
    derive: dict[str, str] = field(default_factory=dict)
    # an SQL condition: only these sales rows are read, such as "MEASURE = 'Dollars'"
    where: str | None = None
    # sales with a column for each product or period: what the names of these columns are
    wide: str | None = one_of("sku_nbr", "week", "date", default=None)
    # attributes to use; [] uses all
    external_columns: list[str] = field(default_factory=list)
    # where there is no need-state map: the columns of a product file or of the sales that make up
    # the need state, such as [SIZE, FLAVOUR], or sku (every SKU is a need state)
    need_state_from: Any = None

    @property
    def need_state_columns(self) -> list[str]:
        """The columns of need_state_from, as a list."""
        given = self.need_state_from or []
        return [given] if isinstance(given, str) else [str(column) for column in given]

    def problems(self) -> Iterator[str]:
        yield from database_problems("source", self.name, self.uri)
        if not isinstance(self.need_state_from, str | list | tuple | None):
            yield f"source.need_state_from={self.need_state_from} is no column; use [SIZE, FLAVOUR]"


@dataclass
class Within:
    """Nested clustering: every cluster of an earlier run becomes a category of its own."""

    # the earlier run: v3, published, the number of a scenario, or a run's folder; null clusters
    # whole categories
    run: str | None = None
    # whose clusters: internal or external
    track: str = one_of("internal", "external", default="internal")

    def problems(self) -> Iterator[str]:
        if self.run == "current":
            yield (
                "within.run=current is what this run replaces; publish it first, or name the "
                "folder of a copy"
            )


@dataclass
class Preprocess:
    """How rows are checked and summed per store and need state."""

    # a store with fewer sales rows in a category is not fitted, but assigned afterwards ("poor
    # history"); in a file of totals, where rows say nothing, one with less than 5 % of the sales of
    # the median store
    min_sales_rows: int = within(0, None, default=10)
    # the first week number or date to use; null starts at the beginning
    first_period: str | None = None
    # the last week number or date to use; null goes to the end
    last_period: str | None = None
    # how sales are split into two halves for held-out scores; auto: by time if there is a week or a
    # date, else at random, each amount as sampling would split it
    holdout: str = one_of("auto", "time", "random", default="auto")
    # negative sales; net: subtracted from sales of the same store, SKU and period as far as
    # possible; drop: quarantined
    returns: str = one_of("net", "drop", default="net")
    # files that repeat the same stores, SKUs and periods, or one that holds the same rows twice;
    # last: keep the rows of the last file by name, or one of each; sum: add them up
    overlap: str = one_of("error", "last", "sum", default="error")
    # a store or period that is the sum of the others ("Grand Total"); drop: its rows are
    # quarantined
    totals: str = one_of("drop", "keep", "error", default="drop")
    # the run stops if a larger share of an input's rows is quarantined
    max_quarantined_share: float = within(0, 1, default=1.0)
    # rows kept per input and check in quarantine.parquet; all rows are counted
    quarantine_rows: int = within(0, None, default=100_000)
    # attributes: which row to use if a store has several
    duplicates: str = one_of("first", "last", "mean", "error", default="first")
    # attributes: columns with a larger share of nulls are dropped
    max_null_share: float = within(0, 1, default=0.5)
    # attributes: text columns with more different values are dropped, because they are names
    max_levels: int = within(2, None, default=30)
    # categories that are clustered as one: {DAIRY: [MILK, CHEESE]}; "*" stands for all others
    group_categories: dict[str, list[str]] = field(default_factory=dict)
    # the need states of such a group: those of its categories, or the categories themselves
    group_by: str = one_of("need_state", "category", default="need_state")
    # use only this many stores, drawn by seed, for a quick look; null uses all
    sample_stores: int | None = within(2, None, default=None)
    # memory for the table of stores x need states; larger tables are summed by another, slower way
    dense_budget_mb: int = within(1, None, default=512)


def _is_encoding(name: str) -> bool:
    try:
        codecs.lookup(name)
    except LookupError:
        return False
    return True
