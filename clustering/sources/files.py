"""Inputs from files: parquet, CSV and Excel by their ending, one file, a list or a glob."""

from __future__ import annotations

import glob
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import polars as pl

from clustering.config import Columns, Source
from clustering.errors import DataError
from clustering.manifest import FileState, file_states
from clustering.sources.columns import ACCEPTED, PRODUCT_ATTRIBUTES, resolve

KEYS = ("store_nbr", "sku_nbr")
STORE_NAMES = {
    name for accepted in ("store_nbr", *ACCEPTED["store_nbr"]) for name in (accepted, accepted.lower(), accepted.title())
}


class FileSource:
    """The source `files`."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.patterns = {
            "sales": [source.sales],
            "need_states": [source.need_states],
            "external": list(source.external),
        }

    def files(self, name: str) -> list[str]:
        if name == "like_stores":
            return like_store_files(self.source)
        found = sorted({path for pattern in self.patterns[name] for path in expand(name, pattern)})
        if not found:
            raise DataError(f"source.{name} is an empty list; name at least one file")
        return found

    def states(self, name: str, known: Sequence[FileState]) -> list[FileState]:
        return file_states(self.files(name), known)

    def sales(self) -> pl.LazyFrame:
        return _concatenated([self._sales_file(path) for path in self.files("sales")], self.files("sales"))

    def need_states(self) -> pl.DataFrame:
        paths = self.files("need_states")
        return _concatenated([self._need_states_file(path).lazy() for path in paths], paths).collect()

    def external(self) -> dict[str, pl.DataFrame]:
        paths = self.files("external")
        names = [Path(path).name for path in paths]
        # files of one name in several folders are told apart by their whole path
        keys = [path if names.count(name) > 1 else name for path, name in zip(paths, names, strict=True)]
        return {key: self._external_file(path) for key, path in zip(keys, paths, strict=True)}

    def like_stores(self) -> pl.DataFrame | None:
        return read_like_stores(self.source)

    def _sales_file(self, path: str) -> pl.LazyFrame:
        return canonical_sales(path, *scan(path, all_text=True), self.source.columns)

    def _need_states_file(self, path: str) -> pl.DataFrame:
        frame, types = scan(path, all_text=True)
        columns = resolve(path, list(types), ("sku_nbr", "need_state"), ("category", *PRODUCT_ATTRIBUTES), self.source.columns)
        _require(path, columns["sku_nbr"], types[columns["sku_nbr"]], "integers or text", _is_key)
        picked = [pl.col(column).cast(pl.String).alias(name) for name, column in columns.items()]
        if "category" not in columns:
            picked.append(pl.lit(None, pl.String).alias("category"))
        return _collected(frame.select(picked), path)

    def _external_file(self, path: str) -> pl.DataFrame:
        frame, types = scan(path, text_columns={self.source.columns.store_nbr or "", *STORE_NAMES})
        return _collected(canonical_attributes(path, frame, types, self.source.columns), path)


Types = dict[str, pl.DataType]


def canonical_sales(where: str, frame: pl.LazyFrame, types: Types, names: Columns) -> pl.LazyFrame:
    """Give the columns of schemas.Sales; raises DataError, naming `where`, for a missing column or a wrong type."""
    columns = resolve(where, list(types), ("store_nbr", "sku_nbr", "total_sales"), ("category", "week", "date"), names)
    for key in KEYS:
        _require(where, columns[key], types[columns[key]], "integers or text", _is_key)
    is_text = types[columns["total_sales"]] == pl.String
    if not (is_text and _is_csv(where)):
        _require(where, columns["total_sales"], types[columns["total_sales"]], "numbers", _is_number)
    return frame.select(
        *(pl.col(columns[key]).alias(key) for key in KEYS),
        (pl.col(columns["category"]).cast(pl.String) if "category" in columns else pl.lit(None, pl.String)).alias("category"),
        # text in a CSV cell becomes null here and is quarantined as a row, not refused as a file
        pl.col(columns["total_sales"]).cast(pl.Float64, strict=False).alias("total_sales"),
        _period(where, columns, types).alias("period"),
    )  # fmt: skip


def canonical_attributes(where: str, frame: pl.LazyFrame, types: Types, names: Columns) -> pl.LazyFrame:
    """Give store_nbr (text) and the attributes; raises DataError, naming `where`, for a fault of structure."""
    column = resolve(where, list(types), ("store_nbr",), (), names)["store_nbr"]
    _require(where, column, types[column], "integers or text", _is_key)
    others = [name for name in types if name != column]
    if not others:
        raise DataError(f"{where} holds no attribute besides {column}; remove it from source.external")
    return frame.select(pl.col(column).cast(pl.String).alias("store_nbr"), *others)


def like_store_files(source: Source) -> list[str]:
    """The files behind source.like_stores; none where it is not set."""
    return expand("like_stores", source.like_stores) if source.like_stores else []


def read_like_stores(source: Source) -> pl.DataFrame | None:
    """Give store_nbr, like_store_nbr (text) and weight (above 0; 1 where the file has no such column), or None.

    Raises DataError naming the first row whose weight or store number cannot be used.
    """
    frames = [_like_stores_file(path, source) for path in like_store_files(source)]
    return pl.concat(frames).unique(maintain_order=True) if frames else None


def _like_stores_file(path: str, source: Source) -> pl.DataFrame:
    frame, types = scan(path, all_text=True)
    columns = resolve(path, list(types), ("store_nbr", "like_store_nbr"), ("weight",), source.columns)
    weight = pl.col(columns["weight"]).cast(pl.Float64, strict=False) if "weight" in columns else pl.lit(1.0)
    rows = frame.select(
        *(pl.col(columns[name]).cast(pl.String).alias(name) for name in ("store_nbr", "like_store_nbr")), weight.alias("weight")
    ).collect()
    usable = (pl.col("weight").is_finite() & (pl.col("weight") > 0)).fill_null(False)
    faulty = rows.with_row_index("row").filter(~usable | pl.any_horizontal(pl.col("store_nbr", "like_store_nbr").is_null()))
    if faulty.height:
        row = faulty.row(0, named=True)
        raise DataError(
            f"{path}: data row {row['row'] + 1} needs a store, a like store and a weight above 0; it has "
            f"{row['store_nbr']}, {row['like_store_nbr']}, {row['weight']}",
            [f"{faulty.height} such rows in all"] if faulty.height > 1 else [],
        )
    return rows


def scan(path: str, all_text: bool = False, text_columns: Collection[str] = ()) -> tuple[pl.LazyFrame, dict[str, pl.DataType]]:
    """Open one file by its ending; raises DataError where it is unreadable, empty, or its ending is unknown.

    A CSV has no types: with `all_text` every column stays text, else those in `text_columns` (so that leading zeros
    survive) while the types of the others are inferred from all rows.
    """
    reader = next((reader for endings, reader in READERS if path.lower().endswith(endings)), None)
    if reader is None:
        known = ", ".join(ending for endings, _ in READERS for ending in endings)
        raise DataError(f"{path}: unknown ending; use one of {known}")
    try:
        frame = reader(path, all_text, text_columns)
        types = dict(frame.collect_schema())
        if frame.head(1).collect().is_empty():
            raise DataError(f"{path} is empty: it has no data row")
    except DataError:
        raise
    except Exception as cause:  # each reader has its own errors; all of them mean the same to the user
        raise DataError(f"{path} cannot be read: {_first_line(cause)}") from cause
    repeated = sorted(name for name in types if "_duplicated_" in name)
    if repeated:
        raise DataError(f"{path}: the column {repeated[0].split('_duplicated_')[0]!r} occurs twice; rename one")
    return frame, types


Reader = Callable[[str, bool, Collection[str]], pl.LazyFrame]


def _parquet(path: str, all_text: bool, text_columns: Collection[str]) -> pl.LazyFrame:
    return pl.scan_parquet(path)


def _csv(path: str, all_text: bool, text_columns: Collection[str]) -> pl.LazyFrame:
    separator = "\t" if ".tsv" in path.lower() else ","
    as_text = pl.scan_csv(path, separator=separator, infer_schema_length=0)
    if all_text:
        return as_text
    overrides = {name: pl.String for name in as_text.collect_schema().names() if name.strip() in text_columns}
    return pl.scan_csv(path, separator=separator, schema_overrides=overrides, infer_schema_length=None, try_parse_dates=True)


def _excel(path: str, all_text: bool, text_columns: Collection[str]) -> pl.LazyFrame:
    return pl.read_excel(path, infer_schema_length=None).lazy()


READERS: tuple[tuple[tuple[str, ...], Reader], ...] = (
    ((".parquet", ".pq"), _parquet),
    ((".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt"), _csv),
    ((".xlsx", ".xls"), _excel),
)


def expand(name: str, pattern: str) -> list[str]:
    """The files a path or glob matches; raises DataError where there is none."""
    path = Path(pattern).expanduser()
    found = sorted(glob.glob(str(path), recursive=True))
    files = [file for file in found if Path(file).is_file() and not Path(file).name.startswith(".")]
    if not files:
        raise DataError(f"source.{name}={pattern} matches no file; put one there, or set source.{name}")
    return files


def _concatenated(frames: Sequence[pl.LazyFrame], paths: Sequence[str]) -> pl.LazyFrame:
    first = frames[0].collect_schema()
    for path, frame in zip(paths[1:], frames[1:], strict=True):
        for column, kind in frame.collect_schema().items():
            if column in first and first[column] != kind:
                raise DataError(f"{path}: column {column} is {kind}, but {first[column]} in {paths[0]}")
    return frames[0] if len(frames) == 1 else pl.concat(frames, how="diagonal")


def _period(path: str, columns: dict[str, str], types: dict[str, pl.DataType]) -> pl.Expr:
    """The week number, or the date as a count of days; null where the file has neither or the cell is neither."""
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


def _require(path: str, column: str, got: pl.DataType, expected: str, fits: Callable[[pl.DataType], bool]) -> None:
    if not fits(got):
        raise DataError(f"{path}: column {column} holds {got}, expected {expected}")


def _is_key(kind: pl.DataType) -> bool:
    return kind.is_integer() or kind in (pl.String, pl.Categorical, pl.Enum)


def _is_number(kind: pl.DataType) -> bool:
    return kind.is_numeric()


def _is_csv(path: str) -> bool:
    return path.lower().endswith(READERS[1][0])


def _collected(frame: pl.LazyFrame, path: str) -> pl.DataFrame:
    try:
        return frame.collect()
    except pl.exceptions.PolarsError as cause:
        raise DataError(f"{path} cannot be read: {_first_line(cause)}") from cause


def _first_line(error: BaseException) -> str:
    text = str(error).strip()
    return text.splitlines()[0] if text else type(error).__name__
