"""Stores and what is known of them -> their clusters, by the fitted objects of a saved run."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
import polars as pl

from clustering.errors import DataError
from clustering.methods.assignment.discriminant import Attributes
from clustering.methods.assignment.placer import Placer, gather_evidence, shares_of_like_stores
from clustering.methods.assignment.tables import assignments
from clustering.methods.transforms.fitted import FittedFeatures
from clustering.methods.transforms.table import read_table
from clustering.results.prediction.reasons import with_reason
from clustering.results.prediction.saved_run import SavedRun, saved_models
from clustering.schemas import Assignments

log = logging.getLogger(__name__)

COLUMNS = (
    "track",
    "category",
    "store_nbr",
    "cluster",
    "probability",
    "assigned_by",
    "next_cluster",
    "margin",
    "reason",
)


@dataclass(frozen=True)
class Known:
    """Values and stores (see schemas) of one track."""

    values: pl.DataFrame
    stores: pl.DataFrame

    @property
    def names(self) -> list[str]:
        return self.stores["store_nbr"].unique().sort().to_list()

    def of(self, names: list[str]) -> Known:
        """The part that belongs to some stores."""
        wanted = pl.DataFrame({"store_nbr": pl.Series(names, dtype=pl.String)})
        return Known(
            *(
                frame.join(wanted, on="store_nbr", how="semi")
                for frame in (self.values, self.stores)
            )
        )

    def completed_by(self, other: Known) -> Known:
        """This, and of `other`, whose types it takes, the stores that are not here."""
        names = pl.DataFrame({"store_nbr": self.stores["store_nbr"].unique()})
        pairs = ((self.values, other.values), (self.stores, other.stores))
        return Known(
            *(
                pl.concat(
                    [
                        own.cast(more.schema).select(more.columns),
                        more.join(names, on="store_nbr", how="anti"),
                    ]
                )
                for own, more in pairs
            )
        )


def predict_stores(
    run: SavedRun, sales: Known | None, attributes: Known | None, like_stores: str | None = None
) -> pl.DataFrame:
    """Give COLUMNS for every store of `sales` and `attributes`, on each track of the run that can
    say something.

    What is not given of a store that the run knows is taken from the run. A store with attributes
    only gets an internal cluster in every category. For the stores of the run the clusters,
    probabilities and margins are those of assign.
    """
    names = sorted({*(sales.names if sales else ()), *(attributes.names if attributes else ())})
    if not names:
        raise DataError("no store is left to place: no row of the input is usable")
    surroundings = _known(run, "external", attributes, names)
    mixes = _known(run, "internal", sales, names)
    parts = [
        _on_track(run, track, known, others, like_stores)
        for track, known, others in (
            ("internal", mixes, surroundings),
            ("external", surroundings, None),
        )
        if known is not None
    ]
    if not parts:
        raise DataError(f"{run.catalog.name} holds no finished run; run first: clustering run")
    return with_reason(pl.concat(parts)).select(COLUMNS)


def _known(run: SavedRun, track: str, given: Known | None, names: list[str]) -> Known | None:
    if not run.has(track):
        return None
    saved = Known(
        run.table(track, "preprocess", "values"), run.table(track, "preprocess", "stores")
    ).of(names)
    return given.completed_by(saved) if given else saved


def _on_track(
    run: SavedRun, track: str, known: Known, others: Known | None, like_stores: str | None
) -> pl.DataFrame:
    newcomers = sorted(set(others.names) - set(known.names)) if others else []
    pairs = run.like_stores(track, like_stores)
    placed_by_model = run.table(track, "assign", "assignments").filter(
        pl.col("assigned_by") == "model"
    )
    values = known.values.partition_by("category", as_dict=True)
    stores = known.stores.partition_by("category", as_dict=True)
    models, parts = saved_models(run, track), []
    _warn_of_unknown(
        sorted({str(key[0]) for key in stores} - {category for category, _, _ in models})
    )
    attributes = _attributes(models[0][2], others)
    for category, transformers, placer in models:
        here = stores.get((category,), known.stores.clear())
        found = Known(values.get((category,), known.values.clear()), here)
        clusters = placed_by_model.filter(pl.col("category") == category)
        label_of = dict(
            zip(
                clusters["store_nbr"].to_list(),
                placer.labels_of(clusters["cluster"].to_numpy()).tolist(),
                strict=True,
            )
        )
        names = [*here["store_nbr"].to_list(), *newcomers]
        like = shares_of_like_stores(
            names, list(pairs.iter_rows()) if pairs is not None else [], label_of, placer.k
        )
        if names:
            frame = _place(
                category, names, found, transformers, placer, attributes, like, run, track
            )
            parts.append(frame.with_columns(pl.lit(track).alias("track"), _has_little(here, names)))
    return pl.concat(parts) if parts else _nothing()


def _place(
    category: str,
    names: list[str],
    found: Known,
    transformers: FittedFeatures,
    placer: Placer,
    attributes: Attributes | None,
    like: np.ndarray,
    run: SavedRun,
    track: str,
) -> pl.DataFrame:
    X, information = np.zeros((0, 1)), np.zeros(0)
    if found.stores.height:
        X, information = transformers.place(
            read_table(found.values, found.stores, ignore=run.ignored(track))
        )
    placed = placer.place(
        gather_evidence(names, X, information, attributes, like), run.ladder(track)
    )
    stores = pl.DataFrame({"category": category, "store_nbr": pl.Series(names, dtype=pl.String)})
    return assignments(stores, [(placed, placer)])


def _attributes(placer: Placer, known: Known | None) -> Attributes | None:
    """The attributes of stores as the discriminants of all categories want them."""
    if known is None or placer.attributes is None or known.stores.is_empty():
        return None
    table = read_table(known.values, known.stores)
    return Attributes(table.stores, placer.attributes.transform(table), placer.attributes)


def _has_little(stores: pl.DataFrame, names: list[str]) -> pl.Series:
    poor = set(stores.filter(pl.col("history") == "poor")["store_nbr"].to_list())
    return pl.Series("has_little", [name in poor for name in names], dtype=pl.Boolean)


def _nothing() -> pl.DataFrame:
    return (
        Assignments.create_empty()
        .drop("is_outlier")
        .with_columns(pl.lit("").alias("track"), pl.lit(False).alias("has_little"))
    )


def _warn_of_unknown(categories: list[str]) -> None:
    if categories:
        log.warning(
            "%d categories of the input were not clustered by the run and get no cluster: %s",
            len(categories),
            ", ".join(categories[:5]),
        )
