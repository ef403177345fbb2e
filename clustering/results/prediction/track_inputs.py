"""What is known of stores on one track: their values, and the stores themselves."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from clustering.methods.aggregation.clean_keys import folded

KEY = ["category", "store_nbr"]
VALUE = [*KEY, "feature", "value", "level"]


@dataclass(frozen=True)
class TrackInputs:
    """Values and stores (see schemas) of one track; `doubts` (store_nbr, note) say what is wrong
    with the input of a store.
    """

    values: pl.DataFrame
    stores: pl.DataFrame
    doubts: pl.DataFrame | None = None

    @property
    def names(self) -> list[str]:
        return self.stores["store_nbr"].unique().sort().to_list()

    def spelt_as(self, other: TrackInputs) -> TrackInputs:
        """With the spelling of `other` for categories that differ by case or blanks only."""
        known = {folded(name): name for name in other.stores["category"].unique().sort()}
        new = {
            name: known.get(folded(name), name) for name in self.stores["category"].unique().sort()
        }
        category = pl.col("category").replace(new)
        values, stores = (frame.with_columns(category) for frame in (self.values, self.stores))
        return TrackInputs(values, stores, self.doubts)

    def of(self, names: list[str]) -> TrackInputs:
        """The part that belongs to some stores."""
        wanted = pl.DataFrame({"store_nbr": pl.Series(names, dtype=pl.String)})
        return TrackInputs(
            *(
                frame.join(wanted, on="store_nbr", how="semi")
                for frame in (self.values, self.stores)
            )
        )

    def completed_by(self, other: TrackInputs) -> TrackInputs:
        """Add the categories and stores that only `other` has, in the types of `other`."""

        def both(own: pl.DataFrame, more: pl.DataFrame) -> pl.DataFrame:
            new = more.join(self.stores, on=KEY, how="anti")
            return pl.concat([own.select(more.columns).cast(more.schema), new])

        return TrackInputs(
            both(self.values, other.values), both(self.stores, other.stores), self.doubts
        )

    def changed(self, saved: TrackInputs) -> set[str]:
        """The stores whose values here are not those in `saved`."""
        here = self.values.select(VALUE)
        there = saved.values.join(self.stores, on=KEY, how="semi").select(VALUE).cast(here.schema)
        differing = [
            one.join(other, on=VALUE, how="anti", nulls_equal=True)["store_nbr"]
            for one, other in ((here, there), (there, here))
        ]
        return set(pl.concat(differing).unique().to_list())
