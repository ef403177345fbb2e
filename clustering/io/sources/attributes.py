"""Files of store attributes: their stores and columns, and files that are put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from clustering.errors import DataError, did_you_mean
from clustering.io.sources.attribute_values import is_description, typed
from clustering.io.sources.columns import squash
from clustering.io.sources.reading import Reading
from clustering.io.sources.table import Table
from clustering.io.sources.values import clean_key_of

Roles = Mapping[str, str]


def canonical_attributes(table: Table, roles: Roles, reading: Reading) -> pl.DataFrame:
    """Give store_nbr (text) and the attributes; raises DataError where there is none, or a column
    can be read in two ways.
    """
    column = roles["store_nbr"]
    key = clean_key_of(table, column, "store_nbr", reading).alias("store_nbr")
    others = [name for name in table.types if name != column]
    usable = [name for name in others if _is_usable(table, name, reading)]
    if not usable:
        raise DataError(
            f"{table.path} holds no attribute besides {column}; remove it from source.external"
        )
    rows = table.collect(table.frame.select(key, *usable))
    is_store = pl.col("store_nbr") != column  # the names again, where parts were put together
    rows = rows.with_columns(pl.when(is_store).then("store_nbr"))
    digits = rows["store_nbr"].str.contains(r"\d").head(2).to_list()
    if digits == [False, True] and is_description(rows.select(usable)):
        rows = rows.with_columns(pl.when(pl.int_range(pl.len()) > 0).then("store_nbr"))
    of_stores = rows.with_columns(pl.when(pl.col("store_nbr").is_not_null()).then(pl.col(usable)))
    read = [typed(table, of_stores[name], reading) for name in usable]
    return rows.select("store_nbr", *(pl.lit(values) for values in read))


def _is_usable(table: Table, column: str, reading: Reading) -> bool:
    kind = table.types[column]
    if kind.is_nested() or kind in (pl.Binary, pl.Time, pl.Object) or kind == pl.Duration:
        reason = f"{kind} cannot be an attribute"
        reading.add(table.path, column, "left out", reason=reason)
        return False
    return True


def stacked(
    frames: dict[str, pl.DataFrame], paths: Mapping[str, str], reading: Reading
) -> dict[str, pl.DataFrame]:
    """Files of equal columns and different stores as one, under the name of the first; `paths` are
    those of the files. Raises DataError where their numbers are of different units.
    """
    groups: dict[tuple[str, ...], list[str]] = {}
    for name, frame in frames.items():
        groups.setdefault(tuple(sorted(frame.columns)), []).append(name)
    result = {}
    for names in groups.values():
        parts = [frames[name] for name in names]
        if len(parts) > 1 and _have_different_stores(parts):
            reason = f"the same columns, other stores: stacked with {', '.join(names[1:])}"
            reading.add(names[0], None, "stacked", reason=reason)
            _require_one_unit([paths[name] for name in names], parts[0].columns, reading)
            result[names[0]] = _put_together(names[0], parts, reading)
        else:
            result |= dict(zip(names, parts, strict=True))
    return result


def chosen_attributes(
    frames: dict[str, pl.DataFrame], columns: Sequence[str]
) -> dict[str, pl.DataFrame]:
    """Only the `columns` (source.external_columns), "file.column" where several files have it; all
    where none is named. Raises DataError for a column that no file has.
    """
    if not columns:
        return frames
    wanted, found, kept = {squash(name): name for name in columns}, set[str](), {}
    for file, frame in frames.items():
        stem = file.rpartition("/")[2].partition(".")[0]
        here = []
        for name in frame.columns[1:]:
            hits = {squash(name), squash(f"{stem}.{name}")} & wanted.keys()
            found |= hits
            here += [name] if hits else []
        if here:
            kept[file] = frame.select("store_nbr", *here)
    if missing := [name for key, name in wanted.items() if key not in found]:
        there = [name for frame in frames.values() for name in frame.columns[1:]]
        raise DataError(
            f"source.external_columns names {missing[0]}, which no file has"
            f"{did_you_mean(missing[0], there)}",
            [f"columns there: {', '.join(there)}"],
        )
    return kept


MOST_SHARED = 0.05  # of the stores, where files are meant to be parts of one


def _have_different_stores(parts: Sequence[pl.DataFrame]) -> bool:
    stores = [part["store_nbr"].drop_nulls().unique() for part in parts]
    together, once = sum(map(len, stores)), pl.concat(stores).n_unique()
    return together - once <= MOST_SHARED * together


def _require_one_unit(paths: Sequence[str], columns: Sequence[str], reading: Reading) -> None:
    """Raise DataError where files that are put together give a column in percent and in plain
    numbers, or in several currencies.
    """
    for column in columns:
        units = {reading.units.get((path, column), ""): path for path in paths}
        if len(units) > 1 and ("percent" in units or len(units.keys() - {""}) > 1):
            found = [f"{unit or 'plain numbers'} in {path}" for unit, path in sorted(units.items())]
            raise DataError(f"column {column} has several units: {', '.join(found)}; write one")


def _put_together(name: str, parts: Sequence[pl.DataFrame], reading: Reading) -> pl.DataFrame:
    """Rows below each other; a column of several types is text, which is told."""
    first, *others = parts
    kinds = {
        name: {part.schema[name] for part in parts if part[name].null_count() < part.height}
        for name in first.columns
    }
    casts = {
        name: (
            next(iter(found))
            if len(found) == 1
            else pl.Float64
            if found and all(kind.is_numeric() for kind in found)
            else pl.String
        )
        for name, found in kinds.items()
    }
    for column, found in kinds.items():
        if len(found) > 1 and casts[column] == pl.String:
            words = " and ".join(sorted(map(str, found)))
            reason = f"{words} in files that are put together, read as text"
            reading.add(name, column, "unread", reason=reason)
    return pl.concat([part.select(first.columns).cast(casts) for part in (first, *others)])  # type: ignore[arg-type]
