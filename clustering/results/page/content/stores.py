"""The stores of a run: sales, surroundings, attributes, and the stores most alike."""

from __future__ import annotations

import math

import numpy as np
import polars as pl

from clustering.arrays import Matrix, coordinates
from clustering.methods.explanation.cross_profiles import indicators
from clustering.methods.explanation.nearest import (
    LATITUDE,
    LONGITUDE,
    coordinate,
    nearest,
    nearest_on_map,
)
from clustering.results.page.content.run_tables import RunTables
from clustering.results.page.content.words import Part

MOST_ALIKE = 5


def stores(run: RunTables) -> Part:
    """Stores of types.ts."""
    placed = run.merged["assignments"]
    sales = (
        run.internal["stores"].select("store_nbr", "category", "sales")
        if run.internal
        else placed.select("store_nbr", "category", sales=pl.lit(None, pl.Float64))
    )
    known = placed.join(sales, on=["category", "store_nbr"], how="left")
    summed = known.group_by("store_nbr").agg(
        pl.col("sales").sum().round(2),
        pl.len().cast(pl.Int64).alias("categories"),
        pl.col("external_cluster").drop_nulls().first(),
    )
    ordered = run.store_places.join(summed, on="store_nbr", how="left", maintain_order="left")
    return {
        "number": ordered["store_nbr"].to_list(),
        "sales": ordered["sales"].to_list(),
        "categories": ordered["categories"].to_list(),
        "surroundings": ordered["external_cluster"].to_list(),
    }


def surroundings(run: RunTables) -> list[Part]:
    """What the external clusters are called; empty where the external track did not run."""
    if not run.external:
        return []
    table = run.external["clusters"].sort("cluster").select("cluster", "name", "stores")
    return table.to_dicts()


def store_details(run: RunTables) -> Part:
    """StoreDetails of types.ts."""
    if not run.external or run.external["values"].is_empty():
        nothing = {"latitude": None, "longitude": None, "near": None}
        return {"attributes": [], "values": [], "alike": [], **nothing}
    wide = run.store_places.join(
        indicators(run.external["values"]), on="store_nbr", how="left", maintain_order="left"
    ).drop("place", "store_nbr")
    data = wide.select(pl.all().cast(pl.Float64).fill_null(np.nan)).to_numpy()
    places = [_column(wide.columns, data, names) for names in (LATITUDE, LONGITUDE)]
    told = [at for at, name in enumerate(wide.columns) if _is_told(name)]
    latitude, longitude = places
    has_places = latitude is not None and longitude is not None
    return {
        "attributes": [
            described(wide.columns[at], run.labels.of("attribute", wide.columns[at]), data[:, at])
            for at in told
        ],
        "values": [_list(data[:, at], 6) for at in told],
        "alike": _alike(run),
        "near": _near(latitude, longitude) if has_places else None,  # type: ignore[arg-type]
        "latitude": _list(latitude, 6) if has_places else None,  # type: ignore[arg-type]
        "longitude": _list(longitude, 6) if has_places else None,  # type: ignore[arg-type]
    }


def _is_told(name: str) -> bool:
    """Coordinates are shown on a map, and what is not true is told by what is."""
    return name.lower() not in (*LATITUDE, *LONGITUDE) and not name.endswith("=false")


def described(name: str, label: str, column: Matrix) -> Part:
    """Attribute of types.ts: what it is called, and how its values are written."""
    known = column[np.isfinite(column)]
    mean, deviation = (float(known.mean()), float(known.std())) if len(known) else (0.0, 0.0)
    is_yes = len(known) > 0 and set(np.unique(known)) <= {0.0, 1.0}
    is_share = "share" in name.lower() and len(known) > 0 and 0 <= known.min() <= known.max() <= 1
    spread = deviation or abs(mean) or 1.0
    return {
        "raw": name,
        "label": label,
        "form": "yes" if is_yes else "share" if is_share else "number",
        "digits": min(3, max(0, 1 - math.floor(math.log10(spread)))),
        "mean": significant(mean),
        "deviation": significant(deviation),
    }


def significant(value: float, digits: int = 8) -> float:
    """Enough digits for any that is shown."""
    return float(f"{value:.{digits}g}")


def _column(features: list[str], data: Matrix, names: tuple[str, ...]) -> Matrix | None:
    found = coordinate(features, names)
    return data[:, features.index(found[0])] if found else None


def _list(column: Matrix, digits: int) -> list[float | None]:
    return [significant(value, digits) if math.isfinite(value) else None for value in column]


def _alike(run: RunTables) -> list[list[int]]:
    """For each store, the places of the nearest ones in the space of the external clusters."""
    matrix = run.external["matrix"].drop_nulls("components")
    known = matrix.join(run.store_places, on="store_nbr").sort("place")
    found: list[list[int]] = [[] for _ in run.stores]
    if known.height < 2:
        return found
    places = known["place"].to_numpy()
    _, rows = nearest(coordinates(known["components"]), MOST_ALIKE)
    for place, row in zip(places, rows, strict=True):
        found[place] = places[row].tolist()
    return found


def _near(latitude: Matrix, longitude: Matrix) -> list[list[tuple[int, float]]]:
    """For each store, the places of the nearest ones on the map, and how far they are in km."""
    found: list[list[tuple[int, float]]] = [[] for _ in latitude]
    known = np.flatnonzero(np.isfinite(latitude) & np.isfinite(longitude))
    if len(known) < 2:
        return found
    kilometres, rows = nearest_on_map(latitude[known], longitude[known], MOST_ALIKE)
    for place, row, far in zip(known, rows, kilometres, strict=True):
        found[place] = [
            (int(known[other]), round(float(distance), 1))
            for other, distance in zip(row, far, strict=True)
        ]
    return found
