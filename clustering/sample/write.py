"""Writes a sample data set, with the planted cluster of every store.

DIR/raw/sales.parquet          STORE_NBR, SKU_NBR, CATEGORY, WEEK, TOTAL_SALES
                               DIR/raw/need_states.csv        SKU_NBR, CATEGORY, NEED_STATE,
                               ATTRIBUTE_1, ATTRIBUTE_2, CDT DIR/raw/external/*.csv
                               demographics, foot_traffic, competition DIR/truth/*.parquet
                               internal (category, store_nbr, cluster), external (store_nbr,
                               cluster), tilts (category, cluster, need_state, direction)
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from clustering.errors import StageError
from clustering.sample.planted import Planted, Recipe, Surroundings, draw_attributes, draw_mixes
from clustering.sample.shop import ATTRIBUTES, CITIES, NEED_STATES, Attribute

NAMES = tuple(NEED_STATES)
SKUS_PER_NEED_STATE = 4
STORE_DIGITS = 5


def write_sample(
    directory: Path,
    *,
    stores: int,
    categories: int,
    clusters: int,
    weeks: int,
    seed: int,
    dirty: bool = False,
) -> Iterator[Path]:
    """Write the data set and yield each path; raises StageError where the disk refuses."""
    try:
        for folder in ("raw/external", "truth"):
            (directory / folder).mkdir(parents=True, exist_ok=True)
        yield from _write_internal(directory, stores, categories, clusters, weeks, seed, dirty)
        yield from _write_external(directory, stores, clusters, seed)
    except OSError as cause:
        raise StageError(f"cannot write below {directory}: {cause}") from cause


def _write_internal(
    directory: Path, stores: int, categories: int, clusters: int, weeks: int, seed: int, dirty: bool
) -> Iterator[Path]:
    recipe = Recipe(stores=stores, clusters=clusters, separation=1.0, outlier_share=0.01)
    drawn = {
        name: draw_mixes(recipe, [seed, number])
        for number, name in enumerate(_category_names(categories))
    }
    names = store_numbers(stores)
    sales = directory / "raw" / "sales.parquet"
    frames = (
        _sales(planted, category, names, weeks, [seed, 1_000, number])
        for number, (category, planted) in enumerate(drawn.items())
    )
    parts = [*frames, _faulty_rows(names)] if dirty else list(frames)
    pl.concat(parts).write_parquet(sales)
    yield sales
    need_states = directory / "raw" / "need_states.csv"
    pl.concat(_map(category, recipe.need_states) for category in drawn).write_csv(need_states)
    yield need_states
    yield _truth(
        directory, "internal", pl.concat(_labels(c, names, p.labels) for c, p in drawn.items())
    )
    yield _truth(directory, "tilts", pl.concat(_tilts(c, p) for c, p in drawn.items()))


def store_numbers(stores: int) -> list[str]:
    """Zero-padded text, as retailers' systems write them."""
    return [str(number).zfill(STORE_DIGITS) for number in range(1, stores + 1)]


def _category_names(categories: int) -> list[str]:
    return [
        *NAMES,
        *(f"CATEGORY {number:03d}" for number in range(len(NAMES) + 1, categories + 1)),
    ][:categories]


def _need_state(category: str, number: int) -> str:
    """A reason to buy; categories beyond the shop's own have numbers."""
    names = NEED_STATES.get(category, ())
    return names[number] if number < len(names) else f"{category.lower()} need {number + 1:02d}"


def _sku(category: str, need_state: int, sku: int) -> str:
    return f"{_number(category):04d}{need_state:03d}{sku:02d}"


def _number(category: str) -> int:
    return NAMES.index(category) if category in NAMES else int(category.rpartition(" ")[2])


def _sales(
    planted: Planted, category: str, names: list[str], weeks: int, seed: list[int]
) -> pl.DataFrame:
    """Units of each store and need state, spread over SKUs and weeks, at a price per SKU."""
    rng = np.random.default_rng(seed)
    store, need_state = np.nonzero(planted.counts)
    units = planted.counts[store, need_state]
    pieces = np.minimum(units, SKUS_PER_NEED_STATE * 3)
    row = np.repeat(np.arange(len(units)), pieces)
    share = rng.gamma(4.0, size=len(row))
    total = np.bincount(row, share, minlength=len(units))
    price = np.round(rng.uniform(1, 12, planted.counts.shape[1]), 2)
    amount = np.round(units[row] * share / total[row] * price.mean(), 2)
    skus = np.array(
        [
            [_sku(category, j, s) for s in range(SKUS_PER_NEED_STATE)]
            for j in range(planted.counts.shape[1])
        ]
    )
    return pl.DataFrame(
        {
            "STORE_NBR": np.array(names)[store[row]],
            "SKU_NBR": skus[need_state[row], rng.integers(0, SKUS_PER_NEED_STATE, len(row))],
            "WEEK": rng.integers(1, weeks + 1, len(row)).astype(np.int32),
            "TOTAL_SALES": amount,
        }
    ).with_columns(pl.lit(category).alias("CATEGORY"))


def _map(category: str, need_states: int) -> pl.DataFrame:
    """The need state of every SKU; each first SKU of every third need state counts in the next one,
    too.
    """
    rows = [(j, s, j) for j in range(need_states) for s in range(SKUS_PER_NEED_STATE)]
    rows += [(j, 0, (j + 1) % need_states) for j in range(0, need_states, 3)]
    return pl.DataFrame(
        [
            {
                "SKU_NBR": _sku(category, j, s),
                "CATEGORY": category,
                "NEED_STATE": _need_state(category, state),
                "ATTRIBUTE_1": ("brand", "private label")[(j + s) % 3 == 0],
                "ATTRIBUTE_2": ("small", "medium", "large")[(2 * j + s) % 3],
                "CDT": f"{category.lower()} level {j % 3 + 1}",
            }
            for j, s, state in rows
        ]
    )


def _faulty_rows(names: list[str]) -> pl.DataFrame:
    """One row for every rule that a sales row can break."""
    category = NAMES[0]
    sku = _sku(category, 0, 0)
    rows = [
        (None, sku, 1, 5.0),
        (names[0], None, 1, 5.0),
        (names[0], sku, 1, None),
        (names[0], sku, 1, -3.5),
        (names[1], sku, 1, float("nan")),
        (names[1], sku, 1, float("inf")),
        (names[1], "no-such-sku", 1, 5.0),
    ]
    kinds = {
        "STORE_NBR": pl.String,
        "SKU_NBR": pl.String,
        "WEEK": pl.Int32,
        "TOTAL_SALES": pl.Float64,
    }
    return pl.DataFrame(rows, schema=kinds, orient="row").with_columns(
        pl.lit(category).alias("CATEGORY")
    )


def _labels(category: str, names: list[str], labels: np.ndarray) -> pl.DataFrame:
    return pl.DataFrame({"store_nbr": names, "cluster": labels}).select(
        pl.lit(category).alias("category"), "store_nbr", "cluster"
    )


def _tilts(category: str, planted: Planted) -> pl.DataFrame:
    cluster, need_state = np.nonzero(planted.tilted)
    return pl.DataFrame(
        {
            "cluster": cluster,
            "need_state": [_need_state(category, int(j)) for j in need_state],
            "direction": planted.tilted[cluster, need_state],
        },
        schema={"cluster": pl.Int64, "need_state": pl.String, "direction": pl.Int64},
    ).select(pl.lit(category).alias("category"), pl.all())


def _write_external(directory: Path, stores: int, clusters: int, seed: int) -> Iterator[Path]:
    names = store_numbers(stores)
    planted = draw_attributes(
        Surroundings(stores=stores, clusters=clusters, separation=4.0, irrelevant=6), [seed, 2_000]
    )
    rng = np.random.default_rng([seed, 3_000])
    files = {
        name: pl.DataFrame(
            {"STORE_NBR": names}
            | {
                attribute: _as_attribute(planted.numbers, *scale)
                for attribute, scale in attributes.items()
            }
        )
        for name, attributes in ATTRIBUTES.items()
    }
    levels = np.array(["city centre", "suburb", "town", "rural"])[planted.levels[:, 0]]
    formats = np.array(["express", "standard", "super", "hyper"])[planted.levels[:, 1]]
    files["foot_traffic"] = files["foot_traffic"].with_columns(
        urbanicity=pl.Series(levels), store_format=pl.Series(formats)
    )
    latitude, longitude = _places(stores, rng)
    files["competition"] = files["competition"].with_columns(
        has_parking=pl.Series(rng.random(stores) < 0.6),
        latitude=pl.Series(latitude),
        longitude=pl.Series(longitude),
    )
    for name, table in files.items():
        path = directory / "raw" / "external" / f"{name}.csv"
        table.write_csv(path)
        yield path
    yield _truth(
        directory, "external", pl.DataFrame({"store_nbr": names, "cluster": planted.labels})
    )


def _as_attribute(numbers: np.ndarray, *scale: *Attribute) -> pl.Series:
    """A planted column in the units of a shop: another mean and spread, within bounds. A skewed
    column stays log-normal.
    """
    column, mean, spread, digits, smallest, largest = scale
    values = numbers[:, column]
    is_skewed = bool(np.nanmin(values) > 0)
    normal = np.log(values) if is_skewed else values
    standard = (normal - np.nanmean(normal)) / np.nanstd(normal)
    scaled = mean * np.exp(spread / mean * standard) if is_skewed else mean + spread * standard
    rounded = pl.Series(np.round(np.clip(scaled, smallest, largest), digits)).fill_nan(None)
    return rounded if digits else rounded.cast(pl.Int64)


def _places(stores: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Latitudes and longitudes around the cities."""
    cities = np.array(CITIES)[rng.integers(0, len(CITIES), stores)]
    places = np.round(cities + rng.normal(0, 0.45, cities.shape), 5)
    return places[:, 0], places[:, 1]


def _truth(directory: Path, name: str, frame: pl.DataFrame) -> Path:
    path = directory / "truth" / f"{name}.parquet"
    frame.write_parquet(path)
    return path
