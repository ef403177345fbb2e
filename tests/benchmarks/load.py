"""Very many categories, very many stores: python -m tests.benchmarks.load.

Each run must end, and stay below the memory that SHAPES states.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
import polars as pl

from tests.benchmarks.measure import clustering, cost

# categories, stores of each, SKUs of each category, MiB of the largest process
SHAPES = ((10_000, 5, 4, 2_048), (1, 200_000, 8, 1_536))
WORDS = ("run", "source.external=[]", "report.page=false")


def main(asked: list[str]) -> int:
    """Give 1 where a run takes more memory than stated."""
    too_much = 0
    for categories, stores, skus, most in SHAPES:
        shape = f"{categories}x{stores}"
        if asked and shape not in asked:
            continue
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            write_shop(folder / "data" / "raw", categories, stores, skus)
            found = cost(clustering(*WORDS), folder, runs=1, warm_up=False)
            too_much += found.peak_mib > most
            sys.stdout.write(
                f"{shape}: {found.peak_mib:,.0f} MiB of at most {most:,}; {found.cpu:,.0f} CPU "
                f"seconds, {found.seconds:,.0f} s\n"
            )
    return int(too_much > 0)


def write_shop(raw: Path, categories: int, stores: int, skus: int) -> None:
    """Sales of every SKU in every store, in two groups of stores."""
    raw.mkdir(parents=True)
    rng = np.random.default_rng(1)
    category, store, sku = (
        axis.ravel() for axis in np.indices((categories, stores, skus), dtype=np.int32)
    )
    liked = (store % 2) == (sku % 2)
    sales = np.round(rng.gamma(20, 5, len(sku)) * np.where(liked, 3, 1), 2)
    code = category * skus + sku
    pl.DataFrame(
        {"STORE_NBR": store, "SKU_NBR": code, "CATEGORY": category, "TOTAL_SALES": sales}
    ).with_columns(pl.format("C{}", "CATEGORY").alias("CATEGORY")).write_parquet(
        raw / "sales.parquet"
    )
    every = np.arange(categories * skus)
    pl.DataFrame(
        {"SKU_NBR": every, "NEED_STATE": [f"N{number % skus}" for number in every]}
    ).write_csv(raw / "need_states.csv")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
