"""Files in the canonical columns: their names resolved, their types required."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl

from clustering.config import Columns
from clustering.errors import DataError
from clustering.io.sources.columns import ACCEPTED, PRODUCT_ATTRIBUTES, resolve
from clustering.io.sources.readers import first_line, is_csv, scan

KEYS = ("store_nbr", "sku_nbr")
STORE_NAMES = {
    name
    for accepted in ("store_nbr", *ACCEPTED["store_nbr"])
    for name in (accepted, accepted.lower(), accepted.title())
}
Types = dict[str, pl.DataType]


def read_sales(paths: Sequence[str], names: Columns) -> pl.LazyFrame:
    """The columns of schemas.Sales of all files together; raises DataError for a fault of structure
    in one.
    """
    return _concatenated(
        [canonical_sales(path, *scan(path, all_text=True), names) for path in paths], paths
    )


def read_need_states(paths: Sequence[str], names: Columns) -> pl.DataFrame:
    """The columns of schemas.NeedStates of all files together; raises DataError for a fault of
    structure in one.
    """
    return _concatenated([_need_states_file(path, names).lazy() for path in paths], paths).collect()


def read_external(paths: Sequence[str], names: Columns) -> dict[str, pl.DataFrame]:
    """Each file of attributes by its name; raises DataError for a fault of structure in one."""
    ends = [Path(path).name for path in paths]
    # files of one name in several folders are told apart by their whole path
    keys = [path if ends.count(end) > 1 else end for path, end in zip(paths, ends, strict=True)]
    return {key: _external_file(path, names) for key, path in zip(keys, paths, strict=True)}


def _need_states_file(path: str, names: Columns) -> pl.DataFrame:
    frame, types = scan(path, all_text=True)
    columns = resolve(
        path, list(types), ("sku_nbr", "need_state"), ("category", *PRODUCT_ATTRIBUTES), names
    )
    _require(path, columns["sku_nbr"], types[columns["sku_nbr"]], "integers or text", _is_key)
    picked = [pl.col(column).cast(pl.String).alias(name) for name, column in columns.items()]
    if "category" not in columns:
        picked.append(pl.lit(None, pl.String).alias("category"))
    return _collected(frame.select(picked), path)


def _external_file(path: str, names: Columns) -> pl.DataFrame:
    frame, types = scan(path, text_columns={names.store_nbr or "", *STORE_NAMES})
    return _collected(canonical_attributes(path, frame, types, names), path)


def canonical_sales(where: str, frame: pl.LazyFrame, types: Types, names: Columns) -> pl.LazyFrame:
    """Give the columns of schemas.Sales; raises DataError, naming `where`, for a missing column or
    a wrong type.
    """
    columns = resolve(
        where,
        list(types),
        ("store_nbr", "sku_nbr", "total_sales"),
        ("category", "week", "date"),
        names,
    )
    for key in KEYS:
        _require(where, columns[key], types[columns[key]], "integers or text", _is_key)
    is_text = types[columns["total_sales"]] == pl.String
    if not (is_text and is_csv(where)):
        _require(
            where, columns["total_sales"], types[columns["total_sales"]], "numbers", _is_number
        )
    return frame.select(
        *(pl.col(columns[key]).alias(key) for key in KEYS),
        (
            pl.col(columns["category"]).cast(pl.String)
            if "category" in columns
            else pl.lit(None, pl.String)
        ).alias("category"),
        # text in a CSV cell becomes null here and is quarantined as a row, not refused as a file
        pl.col(columns["total_sales"]).cast(pl.Float64, strict=False).alias("total_sales"),
        _period(where, columns, types).alias("period"),
    )


def canonical_attributes(
    where: str, frame: pl.LazyFrame, types: Types, names: Columns
) -> pl.LazyFrame:
    """Give store_nbr (text) and the attributes; raises DataError, naming `where`, for a fault of
    structure.
    """
    column = resolve(where, list(types), ("store_nbr",), (), names)["store_nbr"]
    _require(where, column, types[column], "integers or text", _is_key)
    others = [name for name in types if name != column]
    if not others:
        raise DataError(
            f"{where} holds no attribute besides {column}; remove it from source.external"
        )
    return frame.select(pl.col(column).cast(pl.String).alias("store_nbr"), *others)


def _concatenated(frames: Sequence[pl.LazyFrame], paths: Sequence[str]) -> pl.LazyFrame:
    first = frames[0].collect_schema()
    for path, frame in zip(paths[1:], frames[1:], strict=True):
        for column, kind in frame.collect_schema().items():
            if column in first and first[column] != kind:
                raise DataError(
                    f"{path}: column {column} is {kind}, but {first[column]} in {paths[0]}"
                )
    return frames[0] if len(frames) == 1 else pl.concat(frames, how="diagonal")


def _period(path: str, columns: dict[str, str], types: dict[str, pl.DataType]) -> pl.Expr:
    """The week number, or the date as a count of days; null where the file has neither or the cell
    is neither.
    """
    name = "week" if "week" in columns else "date"
    if name not in columns:
        return pl.lit(None, pl.Int32)
    column, kind = pl.col(columns[name]), types[columns[name]]
    if kind == pl.String and name == "date":
        column, kind = column.str.to_date(strict=False), pl.Date()
    if kind.is_temporal():
        return column.cast(pl.Date).to_physical().cast(pl.Int32)
    if kind != pl.String:
        _require(path, columns[name], kind, "week numbers or dates", _is_number)
    return column.cast(pl.Int32, strict=False)


def _require(
    path: str, column: str, got: pl.DataType, expected: str, fits: Callable[[pl.DataType], bool]
) -> None:
    if not fits(got):
        raise DataError(f"{path}: column {column} holds {got}, expected {expected}")


def _is_key(kind: pl.DataType) -> bool:
    return kind.is_integer() or kind in (pl.String, pl.Categorical, pl.Enum)


def _is_number(kind: pl.DataType) -> bool:
    return kind.is_numeric()


def _collected(frame: pl.LazyFrame, path: str) -> pl.DataFrame:
    try:
        return frame.collect()
    except pl.exceptions.PolarsError as cause:
        raise DataError(f"{path} cannot be read: {first_line(cause)}") from cause
