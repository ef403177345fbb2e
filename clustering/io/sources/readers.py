"""One file by its ending: parquet, CSV, Excel."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection

import polars as pl

from clustering.errors import DataError
from clustering.store.bucket import Bucket, is_remote


def scan(
    path: str,
    all_text: bool = False,
    text_columns: Collection[str] = (),
    may_be_empty: bool = False,
) -> tuple[pl.LazyFrame, dict[str, pl.DataType]]:
    """Open one file by its ending; raises DataError where it is unreadable, empty, or its ending is
    unknown.

    A CSV has no types: with `all_text` every column stays text, else those in `text_columns` (so
    that leading zeros survive) while the types of the others are inferred from all rows.
    """
    reader = next((reader for endings, reader in READERS if path.lower().endswith(endings)), None)
    if reader is None:
        known = ", ".join(ending for endings, _ in READERS for ending in endings)
        raise DataError(f"{path}: unknown ending; use one of {known}")
    try:
        frame = reader(path, all_text, text_columns)
        types = dict(frame.collect_schema())
        if not may_be_empty and frame.head(1).collect().is_empty():
            raise DataError(f"{path} is empty: it has no data row")
    except DataError:
        raise
    except (
        Exception
    ) as cause:  # each reader has its own errors; all of them mean the same to the user
        raise DataError(f"{path} cannot be read: {first_line(cause)}") from cause
    repeated = sorted(name for name in types if "_duplicated_" in name)
    if repeated:
        raise DataError(
            f"{path}: the column {repeated[0].split('_duplicated_')[0]!r} occurs twice; rename one"
        )
    return frame, types


Reader = Callable[[str, bool, Collection[str]], pl.LazyFrame]


def _parquet(path: str, all_text: bool, text_columns: Collection[str]) -> pl.LazyFrame:
    return pl.scan_parquet(path)


def _csv(path: str, all_text: bool, text_columns: Collection[str]) -> pl.LazyFrame:
    separator = "\t" if ".tsv" in path.lower() else ","
    as_text = pl.scan_csv(path, separator=separator, infer_schema_length=0)
    if all_text:
        return as_text
    overrides = {
        name: pl.String for name in as_text.collect_schema().names() if name.strip() in text_columns
    }
    return pl.scan_csv(
        path,
        separator=separator,
        schema_overrides=overrides,
        infer_schema_length=None,
        try_parse_dates=True,
    )


def _excel(path: str, all_text: bool, text_columns: Collection[str]) -> pl.LazyFrame:
    if is_remote(path):
        folder, _, name = path.rpartition("/")
        return pl.read_excel(
            io.BytesIO(Bucket(folder).read(name) or b""), infer_schema_length=None
        ).lazy()
    return pl.read_excel(path, infer_schema_length=None).lazy()


READERS: tuple[tuple[tuple[str, ...], Reader], ...] = (
    ((".parquet", ".pq"), _parquet),
    ((".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt"), _csv),
    ((".xlsx", ".xls"), _excel),
)


def is_csv(path: str) -> bool:
    return path.lower().endswith(READERS[1][0])


def first_line(error: BaseException) -> str:
    text = str(error).strip()
    return text.splitlines()[0] if text else type(error).__name__
