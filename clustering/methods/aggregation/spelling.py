"""Keys and categories in one spelling each.

Files are looked at from their beginning. What comes later is noticed here, when a key is met for
the first time, which costs nothing per row; the rows are then read again in one spelling.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import polars as pl

from clustering.methods.aggregation.clean_keys import (
    are_clean,
    cleaned,
    folded,
    require_whole_digits,
    without_gaps,
)

if TYPE_CHECKING:
    from clustering.methods.aggregation.engines import EngineSales

KEYS = ("store_nbr", "sku_nbr")


class SeveralSpellings(Exception):
    """A key or category was met that is spelt otherwise elsewhere."""


def require_clean_keys(fresh: pl.Series, known: Sequence[str]) -> None:
    """Raise SeveralSpellings where a key is not in its one spelling."""
    require_whole_digits("sales", fresh.name, fresh)
    if not are_clean(fresh):
        raise SeveralSpellings


def require_one_spelling(fresh: pl.Series, known: Sequence[str]) -> None:
    """Raise SeveralSpellings where a category differs from another by case or blanks only."""
    names = [*known, *fresh]
    are_trimmed = fresh.to_frame("name").select(without_gaps(pl.col("name")).eq(fresh).all()).item()
    if not are_trimmed or len({folded(name) for name in names}) < len(set(names)):
        raise SeveralSpellings


def spellings(counts: Mapping[str, int]) -> dict[str, str]:
    """The spellings to be replaced, each by the commonest one; of equally common ones the first
    by name.
    """
    common: dict[str, str] = {}
    for name in sorted(counts, key=lambda name: (-counts[name], name)):
        common.setdefault(folded(name), name)
    return {name: common[folded(name)] for name in counts if common[folded(name)] != name}


def in_one_spelling(
    sales: pl.LazyFrame | EngineSales, need_states: pl.DataFrame
) -> tuple[pl.LazyFrame | EngineSales, pl.DataFrame, list[tuple[str, str, int]]]:
    """Give sales and map with clean keys and one spelling of every category, the commonest in the
    sales; and what was replaced: old, new, rows of the sales.

    An engine is only given sales that are in one spelling already.
    """
    cleaning: dict[str, str | None] = {}
    if isinstance(sales, pl.LazyFrame):
        sales = with_clean_keys(sales).with_columns(pl.col("category").cast(pl.String))
        raw = sales.group_by("category").len().collect(engine="streaming").drop_nulls()
        names = raw.select("len", "category", clean=without_gaps(pl.col("category")))
        cleaning = dict(names.select("category", "clean").iter_rows())
        of_clean = names.group_by(pl.col("clean").alias("category")).agg(pl.col("len").sum())
        counts = _counts(of_clean)
    else:
        from narwhals import len as rows

        found = sales.rows.group_by("category").agg(rows().alias("len")).collect("polars")
        counts = _counts(found.to_native())
    of_map = dict.fromkeys(need_states["category"].drop_nulls().unique(), 0)
    replaced = spellings(of_map | counts)
    # a category that no sales have is only trimmed
    need_states = need_states.with_columns(without_gaps(pl.col("category").replace(replaced)))
    if isinstance(sales, pl.LazyFrame):
        final = {raw: replaced.get(clean or "", clean) for raw, clean in cleaning.items()}
        changed = {raw: name for raw, name in final.items() if raw != name}
        sales = sales.with_columns(pl.col("category").replace(changed))
    return sales, need_states, [(old, new, counts.get(old, 0)) for old, new in replaced.items()]


def with_clean_keys(sales: pl.LazyFrame) -> pl.LazyFrame:
    """Give sales whose text keys are clean in every row."""
    kinds = sales.collect_schema()
    keys = [cleaned(pl.col(name)).alias(name) for name in KEYS if not kinds[name].is_integer()]
    return sales.with_columns(*keys)


def _counts(frame: pl.DataFrame) -> dict[str, int]:
    return dict(frame.drop_nulls("category").select("category", "len").iter_rows())
