"""A file's table before its columns have roles: columns computed, rows chosen, wide made long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import polars as pl

from clustering.config import Source
from clustering.errors import ConfigError, DataError, first_line
from clustering.io.sources.columns import WANTED, known_names, names_of, squash
from clustering.io.sources.numbers import as_number, is_gap, style_of
from clustering.io.sources.table import Table
from clustering.methods.aggregation.plausible import labels_of_totals

AMOUNTS = "total_sales"
VALUE, ASIDE = "value of the expression", "as it was: "
KEPT_IN_WIDE = ("store_nbr", "sku_nbr", "category", "week", "date")
TEXT = (pl.String, pl.Categorical, pl.Enum)
SAMPLE = 1_000
MOST_NUMBERS = 5  # columns of one expression that are tried as numbers and as text


def shaped(table: Table, name: str, source: Source) -> Table:
    """Give the table of a file of input `name` as source.derive, source.where and source.wide say.

    Raises ConfigError where an expression is no SQL, DataError where it cannot be computed.
    """
    for column, text in source.derive.items():
        table = _derived(table, column, text)
    if name == "sales":
        if source.where:
            table = _filtered(table, source.where)
        if source.wide:
            table = _made_long(table, source.wide, names_of(source.columns, name, table.path))
    return table


def require_derived(tables: list[Table], name: str, source: Source) -> None:
    """Raise DataError where a column of this input could be computed in none of its files."""
    required, optional = WANTED[name]
    for column, text in source.derive.items():
        lacking = all(column not in table.types for table in tables)
        if lacking and tables and column in (*required, *optional):
            missing = [
                root
                for root in _roots(f"source.derive.{column}", text)[1]
                if _actual(tables[0], root) is None
            ]
            if name == "sales" or column != "store_nbr":
                raise DataError(
                    f"{tables[0].path}: source.derive.{column} names {', '.join(missing)}, which "
                    "is no column there",
                    [f"columns there: {', '.join(tables[0].types)}"],
                )


def _derived(table: Table, column: str, text: str) -> Table:
    key = f"source.derive.{column}"
    expression, roots = _roots(key, text)
    names = {root: _actual(table, root) for root in roots}
    if None in names.values():
        return table
    as_text = column in {role for roles in WANTED.values() for part in roles for role in part}
    frame = _evaluated(table, key, expression, names, as_text and column != AMOUNTS)
    others = [other for other in table.types if squash(other) == squash(column) and other != column]
    frame = frame.drop(*others, *([column] if column in table.types else []))
    return _with_frame(table, frame.rename({VALUE: column}), f"{column} = {text}")


def _filtered(table: Table, text: str) -> Table:
    expression, roots = _roots("source.where", text)
    names = {root: _actual(table, root) for root in roots}
    if missing := [root for root, actual in names.items() if actual is None]:
        raise DataError(
            f"{table.path}: source.where names {', '.join(missing)}, which is no column there",
            [f"columns there: {', '.join(table.types)}"],
        )
    frame = _evaluated(table, "source.where", expression, names, text_first=True)
    if frame.collect_schema()[VALUE] != pl.Boolean:
        raise ConfigError(
            f"source.where={text} is not a valid condition; use one such as MEASURE = 'Sales'"
        )
    return _with_frame(table, frame.filter(VALUE).drop(VALUE), f"only rows where {text}")


def _made_long(table: Table, role: str, chosen: dict[str, str]) -> Table:
    """One row for each store and column; columns of totals, and columns without numbers, are left
    out.
    """
    keys = {
        squash(name)
        for each in KEPT_IN_WIDE
        if each != role
        for name in (each, chosen.get(each, each))
    } | (known_names("sales", {}) - {squash(role), squash(AMOUNTS)})
    index = [column for column in table.types if squash(column) in keys]
    totals = labels_of_totals(table.types)
    melted = [
        column
        for column in table.types
        if column not in (*index, *totals) and _holds_numbers(table, column)
    ]
    if role == "sku_nbr" and 2 * sum(_has_digit(name) for name in melted) > len(melted):
        melted = [name for name in melted if _has_digit(name)]  # ZIP is no SKU among numbers
    if not melted:
        raise DataError(
            f"{table.path}: source.wide={role} needs columns of amounts beside "
            f"{', '.join(index) or 'the store'}; there is none"
        )
    frame = table.frame.unpivot(
        on=melted, index=index, variable_name=role, value_name=AMOUNTS
    ).filter(pl.col(AMOUNTS).is_not_null())
    if frame.collect_schema()[AMOUNTS] == pl.String:
        frame = frame.filter(~is_gap(pl.col(AMOUNTS)))
    rest = [name for name in table.types if name not in (*index, *melted)]
    without = f" (without {', '.join(rest)})" if rest else ""
    return _with_frame(table, frame, f"wide: {len(melted)} columns are {role}{without}")


def _has_digit(name: str) -> bool:
    return any(letter.isdigit() for letter in name)


def _roots(key: str, text: str) -> tuple[pl.Expr, list[str]]:
    try:
        expression = pl.sql_expr(text)
    except pl.exceptions.PolarsError as cause:
        raise ConfigError(
            f"{key}={text} is not a valid SQL expression: {first_line(cause)}",
            ['names with blanks stand in double quotes: "Net Sales" * 2; text in single ones'],
        ) from cause
    return expression, list(dict.fromkeys(expression.meta.root_names()))


def _actual(table: Table, name: str) -> str | None:
    """The column of the file that an expression names."""
    if name in table.types:
        return name
    near = [column for column in table.types if squash(column) == squash(name)]
    return near[0] if len(near) == 1 else None


def _evaluated(
    table: Table, key: str, expression: pl.Expr, names: dict[str, str | None], text_first: bool
) -> pl.LazyFrame:
    """The file's columns and, in the column VALUE, the expression: text that holds numbers counts
    as numbers, or as text where that cannot be computed (with `text_first` the other way round).
    """
    read = {root: _number(table, str(name)) for root, name in names.items()}
    numbers = {root: number for root, number in read.items() if number is not None}
    problem = ""
    for as_numbers in _choices(list(numbers)[:MOST_NUMBERS], text_first):
        columns = {
            root: numbers[root] if root in as_numbers else pl.col(str(name))
            for root, name in names.items()
        }
        frame = (
            table.frame.select(pl.all().name.prefix(ASIDE), **columns)
            .with_columns(expression.alias(VALUE))
            .select(*(pl.col(ASIDE + name).alias(name) for name in table.types), VALUE)
        )
        try:
            frame.head(SAMPLE).collect()
            return frame
        except pl.exceptions.PolarsError as cause:
            problem = problem or first_line(cause)
    raise DataError(f"{table.path}: {key} cannot be computed: {problem}")


def _choices(numbers: list[str], text_first: bool) -> Iterator[tuple[str, ...]]:
    sizes = range(len(numbers) + 1)
    for size in sizes if text_first else reversed(sizes):
        yield from combinations(numbers, size)


def _number(table: Table, column: str) -> pl.Expr | None:
    """A text column as numbers; None where it holds none, or is no text."""
    if table.types[column] not in TEXT:
        return None
    text = pl.col(column).cast(pl.String)
    values = table.beginning[column].cast(pl.String).unique().drop_nulls()
    known = values.to_frame("value").filter(~is_gap(pl.col("value")))["value"]
    if known.is_empty():
        return None
    where = f"{table.path}: column {column}"
    try:
        style = style_of(where, known, table.separator, table.settings.decimal, table.decimal_hint)
    except DataError:
        return None
    read = known.to_frame("value").select(as_number(pl.col("value"), style)).to_series()
    return as_number(text, style) if 2 * read.null_count() < len(known) else None


def _holds_numbers(table: Table, column: str) -> bool:
    return table.types[column].is_numeric() or _number(table, column) is not None


def _with_frame(table: Table, frame: pl.LazyFrame, words: str) -> Table:
    types = dict(frame.collect_schema())
    return replace(table, frame=frame, types=types, how=f"{table.how}; {words}")
