"""Arrow batches of a driver as frames of Polars."""

from __future__ import annotations

import polars as pl
import pyarrow as pa


def as_frame(batches: list[pa.RecordBatch], schema: pa.Schema) -> pl.DataFrame:
    """Arrow batches as a frame; PostgreSQL's numeric, which arrives as text of a type of its own,
    as a float.
    """
    table = pa.Table.from_batches(batches, schema)
    numeric = [field.name for field in schema if getattr(field.type, "type_name", "") == "numeric"]
    for place, field in enumerate(schema):
        if isinstance(field.type, pa.BaseExtensionType):
            plain = pa.chunked_array(
                [chunk.storage for chunk in table[field.name].chunks], field.type.storage_type
            )
            table = table.set_column(place, field.name, plain)
    frame = pl.DataFrame(pl.from_arrow(table))
    return frame.with_columns(pl.col(name).cast(pl.Float64) for name in numeric)
