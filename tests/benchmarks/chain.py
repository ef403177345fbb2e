"""Whole runs over many categories: one worker and two, and PyCaret's recipe on the same tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from tests.benchmarks.measure import Cost, Row, clustering, cost
from tests.quality.automl import run_pycaret

WEEKS = 2  # of sales; the models see sums
BY_PYCARET = 3  # categories it is timed on


def chain(folder: Path, sizes: list[tuple[int, int]], pycaret: str | None) -> Iterator[Row]:
    """`clustering run`, from sales rows to the page, with one worker and with two; `sizes` are
    (categories, stores).
    """
    for number, stores in sizes:
        place = folder / f"chain-{number}-{stores}"
        place.mkdir()
        words = (
            "sample",
            "data",
            "--stores",
            str(stores),
            "--categories",
            str(number),
            "--weeks",
            str(WEEKS),
        )
        cost(clustering(*words), place, runs=1, warm_up=False)
        one, two = (
            cost(
                clustering("run", "--force", f"executor.workers={workers}"),
                place,
                runs=1,
                warm_up=False,
            )
            for workers in (1, 2)
        )
        yield Row(
            "chain",
            f"{number} categories x {stores:,} stores, 2 workers",
            two,
            "1 worker",
            one,
            number,
        )
        if pycaret:
            theirs = run_pycaret(
                pycaret, _mixes(place / "data/dev/internal/preprocess/values.parquet")
            )
            each = float(np.median([seconds for _, seconds in theirs.values()]))
            yield Row(
                "chain",
                f"a category of {stores:,} stores, of {number}",
                Cost(two.seconds / number),
                "PyCaret",
                Cost(each),
            )


def _mixes(path: Path) -> dict[str, np.ndarray]:
    """Sales (n_stores, n_need_states) of the first categories."""
    values = pl.read_parquet(path)
    names = values["category"].unique().sort().head(BY_PYCARET).to_list()
    return {
        name: values.filter(pl.col("category") == name)
        .pivot("feature", index="store_nbr", values="value")
        .fill_null(0)
        .drop("store_nbr")
        .to_numpy()
        for name in names
    }
