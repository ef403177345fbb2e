"""Small random inputs of every kind, reproducible by their seed, and a run on them."""

from __future__ import annotations

import random
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
from hydra import compose, initialize_config_dir

from clustering.cli.hydra_bridge import conf_dir, register
from clustering.cli.progress import StageProgress
from clustering.cli.tracks import as_config
from clustering.config import Config
from clustering.pipeline.runner import Pipeline
from clustering.registry import STAGES, TRACKS

TRANSFORMS = ("none", "share", "hellinger", "clr", "alr", "ilr")
SCALERS = ("none", "standard", "robust", "min_max", "max_abs", "quantile", "yeo_johnson")
ODD_AMOUNTS = (0.0, 1e-300, 1e9, 5e8, 0.005, 1e-4)
ODD_ATTRIBUTES = (1e100, -1e100, 1e-300, 0.0, 1e15, None)


@dataclass(frozen=True)
class Inputs:
    """Sales, the need-state map and two files of attributes, with the settings to try on them."""

    sales: pl.DataFrame
    need_states: pl.DataFrame
    external: dict[str, pl.DataFrame]
    transform: str
    scale: str

    def write(self, folder: Path, shuffled: random.Random | None = None) -> None:
        raw = folder / "data" / "raw"
        (raw / "external").mkdir(parents=True)
        for path, table in {
            raw / "sales.parquet": self.sales,
            raw / "need_states.csv": self.need_states,
            **{raw / "external" / name: table for name, table in self.external.items()},
        }.items():
            order = list(range(table.height))
            if shuffled and path.name not in self.external:
                shuffled.shuffle(order)
            rows = table[order] if order else table
            if path.suffix == ".parquet":
                rows.write_parquet(path)
            else:
                rows.write_csv(path)


def draw(seed: int) -> Inputs:
    """Inputs that are mostly in order, with a few odd cells."""
    chance = random.Random(seed)
    stores = [f"{number:03d}" for number in range(1, chance.choice([2, 3, 6, 12, 25, 40]) + 1)]
    states = [f"state {number}" for number in range(chance.choice([1, 1, 2, 3, 6]))]
    categories = [f"CATEGORY {number}" for number in range(chance.choice([1, 1, 2, 3]))]
    skus = [
        (f"s{place}{n}", state, category)
        for place, category in enumerate(categories)
        for n, state in enumerate(states)
    ]
    return Inputs(
        _sales(chance, stores, skus),
        pl.DataFrame(
            [*skus, *_odd_map_rows(chance, skus)],
            schema=dict.fromkeys(("SKU_NBR", "NEED_STATE", "CATEGORY"), pl.String),
            orient="row",
        ),
        {f"{name}.csv": _attributes(chance, stores) for name in ("one", "two")},
        TRANSFORMS[seed % len(TRANSFORMS)],
        SCALERS[seed // len(TRANSFORMS) % len(SCALERS)],
    )


def _sales(
    chance: random.Random, stores: list[str], skus: list[tuple[str, str, str]]
) -> pl.DataFrame:
    weeks = chance.choice([1, 2, 8])
    taste = {
        (store, sku[0]): chance.choice([0.0, 1.0, 5.0, 20.0]) for store in stores for sku in skus
    }
    rows: list[tuple[Any, ...]] = [
        (store, sku, category, round(taste[store, sku] * chance.uniform(0.5, 1.5), 2), week)
        for store in stores
        for sku, _, category in skus
        for week in range(1, weeks + 1)
        if chance.random() < 0.9
    ]
    rows += [
        (
            chance.choice([*stores, None]),
            chance.choice(skus)[0],
            None,
            chance.choice([*ODD_AMOUNTS, -1.5, None]),
            chance.choice([1, None]),
        )
        for _ in range(chance.choice([0, 0, 3]))
    ]
    if chance.random() < 0.1:
        rows = [(*row[:3], chance.choice(ODD_AMOUNTS), row[4]) for row in rows]
    names = ("STORE_NBR", "SKU_NBR", "CATEGORY", "TOTAL_SALES", "WEEK")
    kinds = (pl.String, pl.String, pl.String, pl.Float64, pl.Int32)
    return pl.DataFrame(rows, schema=dict(zip(names, kinds, strict=True)), orient="row")


def _odd_map_rows(
    chance: random.Random, skus: list[tuple[str, str, str]]
) -> list[tuple[str | None, str | None, str | None]]:
    sku, state, category = chance.choice(skus)
    odd = [
        (sku, state, category),
        (sku, "another", category),
        (sku, "elsewhere", "OTHER"),
        (None, state, category),
        ("absent", None, category),
    ]
    return chance.sample(odd, chance.choice([0, 0, 1, 2]))


def _attributes(chance: random.Random, stores: list[str]) -> pl.DataFrame:
    known = [store for store in stores if chance.random() < 0.9] or stores[:1]
    odd = chance.choice([*[None] * 6, *ODD_ATTRIBUTES])
    columns: dict[str, list[Any]] = {
        "STORE_NBR": known,
        "income": [chance.gauss(50, 10) for _ in known],
        "size": [chance.choice([1, 2, 3, odd or 4]) for _ in known],
        "region": [chance.choice(["north", "south", None]) for _ in known],
        "flag": [chance.choice([0, 1]) for _ in known],
        "constant": [1 for _ in known],
    }
    return pl.DataFrame(columns, strict=False)


def run(folder: Path, inputs: Inputs) -> None:
    """All stages, in this process, in `folder`."""
    configs = {track: _config(track, inputs.transform, inputs.scale, folder) for track in TRACKS}
    Pipeline(configs, StageProgress("none")).run(STAGES)


def _config(track: str, transform: str, scale: str, folder: Path) -> Config:
    config = deepcopy(_composed(track, transform, scale))
    raw = folder / "data" / "raw"
    config.paths.data_dir, config.paths.output_dir = f"{folder}/data", f"{folder}/outputs"
    config.source.sales = f"{raw}/sales.parquet"
    config.source.need_states = f"{raw}/need_states.csv"
    config.source.external = [f"{raw}/external/*"]
    return config


@cache
def _composed(track: str, transform: str, scale: str) -> Config:
    words = [f"track={track}", "executor.workers=1", f"features.scale={scale}"]
    if track == "internal":
        words.append(f"features.transform={transform}")
    register()
    with initialize_config_dir(str(conf_dir()), version_base="1.3"):
        return as_config(compose("config", overrides=words))
