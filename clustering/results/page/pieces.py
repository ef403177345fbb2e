"""Tables as the page carries them: JSON, column by column, compressed; a browser unpacks each when
it is asked for.
"""

from __future__ import annotations

import base64
import gzip

import polars as pl

LEVEL = 4  # of gzip; 6 takes three times as long and saves a fifteenth


def column_json(table: pl.DataFrame) -> str:
    """A JSON object with a list for every column; what is not finite is null."""
    return "".join(table.select(pl.struct(pl.all().implode()).struct.json_encode()).to_series())


def json_by_category(tables: dict[str, pl.DataFrame]) -> dict[str, str]:
    """A JSON object for each category: by the name of a table what column_json gives of its rows,
    without `category`.
    """
    members: dict[str, list[str]] = {}
    for name, table in tables.items():
        lists = table.group_by("category", maintain_order=True).agg(pl.all())
        texts = lists.select(
            "category", pl.struct(pl.exclude("category")).struct.json_encode().alias("json")
        )
        for category, text in texts.iter_rows():
            members.setdefault(category, []).append(f'"{name}":{text}')
    return {category: f"{{{','.join(texts)}}}" for category, texts in members.items()}


def packed(text: str) -> str:
    """Gzip, base64: nothing in it can end the script it stands in."""
    return base64.b64encode(gzip.compress(text.encode(), compresslevel=LEVEL, mtime=0)).decode()
