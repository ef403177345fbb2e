"""Stores and what is known of them -> their clusters, by the fitted objects of a saved run."""

from __future__ import annotations

import logging

import numpy as np
import polars as pl

from clustering.arrays import coordinates
from clustering.errors import DataError
from clustering.methods.assignment.discriminant import Attributes
from clustering.methods.assignment.placer import Placer, gather_evidence, shares_of_like_stores
from clustering.methods.assignment.tables import assignments
from clustering.methods.transforms.fitted import FittedFeatures
from clustering.methods.transforms.table import read_table
from clustering.registry import TRACKS
from clustering.results.nearest import nearest_of_run
from clustering.results.prediction.doubts import (
    attribute_doubts,
    in_one_line,
    is_far,
    lost_zeros,
    say,
)
from clustering.results.prediction.final import nothing, run_rows, with_final
from clustering.results.prediction.reasons import with_reason
from clustering.results.prediction.saved_run import SavedRun, saved_models
from clustering.results.prediction.track_inputs import TrackInputs

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
    "final_cluster",
    "final_name",
    "is_outlier",
    "nearest_stores",
    "reason",
)


def predict_stores(
    run: SavedRun,
    sales: TrackInputs | None,
    attributes: TrackInputs | None,
    like_stores: str | None = None,
) -> pl.DataFrame:
    """Give COLUMNS for every store of `sales` and `attributes`, on each track of the run; the final
    cluster stands in the rows of the internal track, or of the external one where it is alone.

    What is not given of a store that the run knows is taken from the run. A store of the run whose
    values are those of the run has the run's own rows; others are placed in every category.
    """
    names = sorted({*(sales.names if sales else ()), *(attributes.names if attributes else ())})
    if not names:
        raise DataError("no store is left to place: no row of the input is usable")
    tracks = [track for track in TRACKS if run.has(track)]
    if not tracks:
        raise DataError(f"{run.catalog.name} holds no finished run; run first: clustering run")
    saved = {track: run.known(track) for track in tracks}
    if sales and "internal" in saved:
        sales = sales.spelt_as(saved["internal"])
    given = {"internal": sales, "external": attributes}
    own = _unchanged(names, given, saved)
    later = [name for name in names if name not in own]
    known = {track: _completed(given[track], saved[track].of(later), later) for track in tracks}
    parts = [
        part
        for track in tracks
        for part in (run_rows(run, track, own), _on_track(run, track, known, later, like_stores))
    ]
    placed = with_final(run, pl.concat(parts, how="diagonal"), own)
    doubts = _doubts(given, saved, later)
    say(doubts, placed.filter(pl.col("is_outlier") & pl.col("store_nbr").is_in(later))["store_nbr"])
    return (
        with_reason(placed.join(doubts, on="store_nbr", how="left", maintain_order="left"))
        .sort(pl.col("track") != tracks[0], "category", "store_nbr")
        .select(COLUMNS)
    )


def _unchanged(
    names: list[str], given: dict[str, TrackInputs | None], saved: dict[str, TrackInputs]
) -> set[str]:
    """The stores of the run about which the input says nothing new."""
    of_run = set().union(*(known.names for known in saved.values()))
    changed: set[str] = set()
    for track, known in saved.items():
        if (new := given[track]) is not None:
            changed |= new.changed(known)
    return (set(names) & of_run) - changed


def _completed(given: TrackInputs | None, saved: TrackInputs, names: list[str]) -> TrackInputs:
    return given.of(names).completed_by(saved) if given else saved


def _doubts(
    given: dict[str, TrackInputs | None], saved: dict[str, TrackInputs], later: list[str]
) -> pl.DataFrame:
    """What is doubtful about the input of each later store, in one line."""
    of_run = set().union(*(known.names for known in saved.values()))
    found = [lost_zeros(sorted(set(later) - of_run), of_run)]
    found += [one.doubts for one in given.values() if one and one.doubts is not None]
    if given["external"] and "external" in saved:
        found.append(attribute_doubts(given["external"].of(later), saved["external"]))
    return in_one_line(pl.concat(found)).filter(pl.col("store_nbr").is_in(later))


def _on_track(
    run: SavedRun,
    track: str,
    knowledge: dict[str, TrackInputs],
    names: list[str],
    like_stores: str | None,
) -> pl.DataFrame:
    """The rows of stores that the run has to place anew."""
    known = knowledge[track]
    others = knowledge.get("external") if track == "internal" else None
    pairs = run.like_stores(track, like_stores)
    placed_by_model = run.table(track, "assign", "assignments").filter(
        pl.col("assigned_by") == "model"
    )
    values = known.values.partition_by("category", as_dict=True)
    stores = known.stores.partition_by("category", as_dict=True)
    of_run = run.table(track, "features", "matrix").partition_by("category", as_dict=True)
    models, parts = saved_models(run, track), []
    _warn_of_unknown(
        sorted({str(key[0]) for key in stores} - {category for category, _, _ in models})
    )
    attributes = _attributes(models[0][2], others)
    everywhere = names if track == "internal" and run.is_everywhere else []
    for category, transformers, placer in models:
        here = stores.get((category,), known.stores.clear())
        found = TrackInputs(values.get((category,), known.values.clear()), here)
        clusters = placed_by_model.filter(pl.col("category") == category)
        label_of = dict(
            zip(
                clusters["store_nbr"].to_list(),
                placer.labels_of(clusters["cluster"].to_numpy()).tolist(),
                strict=True,
            )
        )
        own = here["store_nbr"].to_list()
        stores_here = [*own, *sorted(set(everywhere) - set(own))]
        like = shares_of_like_stores(
            stores_here, list(pairs.iter_rows()) if pairs is not None else [], label_of, placer.k
        )
        if stores_here:
            frame = _place(
                category, stores_here, found, transformers, placer, attributes, like, run, track
            )
            X, _ = _coordinates(found, transformers, run, track)
            near = of_run[(category,)]
            far = is_far(X, coordinates(near["components"]))
            is_outlier = np.append(far, np.zeros(len(stores_here) - len(far), dtype=bool))
            parts.append(
                frame.with_columns(
                    pl.lit(track).alias("track"),
                    _has_little(here, stores_here),
                    pl.Series("is_outlier", is_outlier),
                    nearest_stores=nearest_of_run(X, stores_here, near),
                )
            )
    return pl.concat(parts) if parts else nothing()


def _place(
    category: str,
    names: list[str],
    found: TrackInputs,
    transformers: FittedFeatures,
    placer: Placer,
    attributes: Attributes | None,
    like: np.ndarray,
    run: SavedRun,
    track: str,
) -> pl.DataFrame:
    X, information = _coordinates(found, transformers, run, track)
    placed = placer.place(
        gather_evidence(names, X, information, attributes, like), run.ladder(track)
    )
    stores = pl.DataFrame({"category": category, "store_nbr": pl.Series(names, dtype=pl.String)})
    return assignments(stores, [(placed, placer)])


def _coordinates(
    found: TrackInputs, transformers: FittedFeatures, run: SavedRun, track: str
) -> tuple[np.ndarray, np.ndarray]:
    if found.stores.is_empty():
        return np.zeros((0, 1)), np.zeros(0)
    table = read_table(found.values, found.stores, ignore=run.ignored(track))
    return transformers.place(table)


def _attributes(placer: Placer, known: TrackInputs | None) -> Attributes | None:
    """The attributes of stores as the discriminants of all categories want them."""
    if known is None or placer.attributes is None or known.stores.is_empty():
        return None
    table = read_table(known.values, known.stores)
    return Attributes(table.stores, placer.attributes.transform(table), placer.attributes)


def _has_little(stores: pl.DataFrame, names: list[str]) -> pl.Series:
    poor = set(stores.filter(pl.col("history") == "poor")["store_nbr"].to_list())
    return pl.Series("has_little", [name in poor for name in names], dtype=pl.Boolean)


def _warn_of_unknown(categories: list[str]) -> None:
    if categories:
        log.warning(
            "%d categories of the input were not clustered by the run and get no cluster: %s",
            len(categories),
            ", ".join(categories[:5]),
        )
