"""The external track over very many entities."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from clustering.sample.planted import Surroundings, draw_attributes
from tests.benchmarks.measure import Cost, Row, clustering, cost

ATTRIBUTES = 20


def entities(folder: Path, sizes: list[int]) -> Iterator[Row]:
    """The external track's two jobs on ever more entities with 20 attributes; the rival is the
    smallest of them.
    """
    smallest = None
    for number in sorted(sizes):
        place = folder / f"entities-{number}"
        (place / "data/raw/external").mkdir(parents=True)
        write_entities(place / "data/raw/external/attributes.parquet", number)
        jobs = ("external_preprocessing", "external_ml")
        steps = [cost(clustering("run", job), place, runs=1, warm_up=False) for job in jobs]
        found = Cost(sum(step.seconds for step in steps), max(step.peak_mib for step in steps))
        smallest = smallest or (number, found)
        yield Row(
            "entities",
            f"{number:,} entities x {ATTRIBUTES}",
            found,
            f"{smallest[0]:,} entities",
            smallest[1],
            number,
        )


def write_entities(path: Path, number: int) -> None:
    """A file of stores with 18 numbers and 2 columns of levels, in planted groups."""
    planted = draw_attributes(Surroundings(stores=number, irrelevant=ATTRIBUTES - 7), 7)
    columns: dict[str, object] = {"STORE_NBR": np.arange(number)}
    columns |= {f"number {j:02d}": planted.numbers[:, j] for j in range(planted.numbers.shape[1])}
    columns |= {
        f"level {j:02d}": [f"L{code}" for code in planted.levels[:, j]]
        for j in range(planted.levels.shape[1])
    }
    pl.DataFrame(columns).write_parquet(path)
