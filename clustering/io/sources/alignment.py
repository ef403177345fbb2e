"""Keys that two inputs spell differently: leading zeros, decimals, thousands, case, prefixes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from clustering.errors import DataError
from clustering.methods.aggregation.clean_keys import aligned, cleaned

LOST = 0.05  # of the keys of the smaller input; where more would be found, the run stops


@dataclass(frozen=True)
class Keys:
    """The different keys of an input, as text; `where` names it."""

    where: str
    values: pl.Series

    @classmethod
    def of(cls, where: str, values: pl.Series) -> Keys:
        """From the cells of a column, or some of them."""
        raw = values.unique().to_frame("key")  # cleaning costs more than finding what is equal
        different = raw.select(cleaned(pl.col("key"))).to_series()
        return cls(where, different.drop_nulls().unique().sort())

    @cached_property
    def aligned(self) -> pl.Series:
        """The same in their loosest spelling, in the same order."""
        return self.values.to_frame("key").select(aligned(pl.col("key"))).to_series()


def require_shared(what: str, first: Keys, second: Keys) -> None:
    """Raise DataError where clearly more keys would be in both inputs if `aligned`; `what` is their
    plural.
    """
    shared = len(set(first.values) & set(second.values))
    smaller = min(len(first.values), len(second.values))
    if smaller - shared <= LOST * smaller:  # the rest is too little, however it is spelt
        return
    loosely = len(set(first.aligned) & set(second.aligned))
    apart = all(keys.aligned.n_unique() == len(keys.values) for keys in (first, second))
    if loosely - shared <= LOST * smaller or not apart:
        return
    pairs = dict(zip(first.aligned, first.values, strict=True))
    other = dict(zip(second.aligned, second.values, strict=True))
    text = next(key for key in sorted(pairs) if key in other and pairs[key] != other[key])
    raise DataError(
        f"{second.where}: {shared} of its {len(second.values)} {what} are in {first.where} as they "
        f"are written, {loosely} would be without leading zeros, decimals, case and words before "
        f"the number: {other[text]!r} and {pairs[text]!r}; set source.read.align_keys=true to take "
        "them for the same"
    )


def require_apart(where: str, column: str, values: pl.Series) -> None:
    """Raise DataError where source.read.align_keys would make one of two keys of a file."""
    keys = Keys.of(where, values)
    together = keys.aligned.is_duplicated()
    if together.any():
        same = keys.aligned.filter(together)[0]
        both = keys.values.filter(keys.aligned == same)
        raise DataError(
            f"{where}: source.read.align_keys=true would take {' and '.join(map(repr, both))} of "
            f"column {column} for the same; set it to false"
        )
