"""Dominick's orange juice: 83 stores, 11 brands, 121 weeks (R package bayesm, data orangeJuice)."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
from sklearn.metrics import adjusted_rand_score

import clustering

BRANDS = 11
HOW = (
    "not measured: give the file orangeJuice.rda of the R package bayesm (Debian: r-cran-bayesm) "
    "by --orange-juice, and install rdata"
)


def score_orange_juice(file: str | None) -> None:
    """Print what final clusters keep and are worth, with the stores' own surroundings and with
    random ones, which must cost no internal cluster.
    """
    if file is None:
        print(HOW)
        return
    sales, need_states, surroundings = read(Path(file))
    noise = np.random.default_rng(1).normal(size=(surroundings.height, 3))
    random = surroundings.select("STORE_NBR").hstack(pl.DataFrame(noise, schema=["A", "B", "C"]))
    print(
        f"{'surroundings':<14}{'mixes':>7}{'ARI':>7}{'final':>7}{'kept':>7}{'worth':>9}{'error':>8}"
    )
    for name, attributes in (("own", surroundings), ("random", random)):
        final, kept, worth = of_orange_juice(sales, need_states, attributes)
        _print(name, final, kept, worth.filter(pl.col("final_cluster").is_null()))


def of_orange_juice(
    sales: pl.DataFrame, need_states: pl.DataFrame, surroundings: pl.DataFrame
) -> tuple[pl.DataFrame, float, pl.DataFrame]:
    """Final clusters, what is kept of internal ones, and schemas.Worth."""
    with TemporaryDirectory() as folder:
        places = {"data_dir": f"{folder}/data", "output_dir": f"{folder}/outputs"}
        run = clustering.run(sales, need_states, surroundings, **places)
        worth = pl.read_parquet(f"{folder}/data/dev/merged/worth.parquet")
        return run.final, run.summary["kept_internal"].item(), worth


def read(file: Path) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Sales by store, brand and week; a need state per brand; the attributes of the stores."""
    import rdata

    tables = rdata.read_rda(file)["orangeJuice"]
    lines = pl.from_pandas(tables["yx"].reset_index(drop=True))
    brand = lines["brand"].cast(pl.Int64).to_numpy()
    prices = lines.select(f"price{number}" for number in range(1, BRANDS + 1)).to_numpy()
    price = prices[np.arange(len(brand)), brand - 1]
    sales = lines.select(
        STORE_NBR=pl.col("store").cast(pl.Int64).cast(pl.String),
        SKU_NBR=pl.Series(brand).cast(pl.String),
        WEEK=pl.col("week").cast(pl.Int64),
        TOTAL_SALES=pl.Series(np.exp(lines["logmove"].to_numpy()) * price),
    ).with_columns(CATEGORY=pl.lit("ORANGE JUICE"))
    skus = [str(number) for number in range(1, BRANDS + 1)]
    need_states = pl.DataFrame({"SKU_NBR": skus, "NEED_STATE": [f"brand {sku}" for sku in skus]})
    stores = pl.from_pandas(tables["storedemo"].reset_index(drop=True))
    stores = stores.rename({"STORE": "STORE_NBR"})
    return sales, need_states, stores.with_columns(pl.col("STORE_NBR").cast(pl.Int64))


def _print(name: str, final: pl.DataFrame, kept: float, worth: pl.DataFrame) -> None:
    mixes = final["final_cluster"].str.replace_all(r"\d", "")
    agreement = adjusted_rand_score(final["internal_cluster"], mixes)
    print(
        f"{name:<14}{mixes.n_unique():>7}{agreement:>7.2f}{final['final_cluster'].n_unique():>7}"
        f"{kept:>7.2f}{worth['gain'].item():>9.2%}{worth['standard_error'].item():>8.2%}"
    )
