"""Stores clustered by when they sell, and by another measure than sales."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from clustering.methods.selection.agreement import adjusted_rand_index
from tests.conftest import command_in

STORES, WEEKS = 60, 24


def _sales(folder: Path) -> np.ndarray:
    """Every other store sells in summer; all sell the same products. Margins say the opposite."""
    rng = np.random.default_rng(5)
    labels = np.arange(STORES) % 2
    season = np.cos(np.arange(WEEKS) / WEEKS * 2 * np.pi)
    expected = 40 * np.exp(np.where(labels[:, None] == 1, season, -season) * 0.7)
    units = rng.poisson(np.repeat(expected[:, :, None], 3, axis=2))
    store, week, sku = (place.ravel() for place in np.indices(units.shape))
    days = [date(2025, 1, 6) + timedelta(weeks=int(number)) for number in week]
    table = pl.DataFrame(
        {
            "STORE_NBR": store + 1,
            "SKU_NBR": sku + 100,
            "CATEGORY": "ICE",
            "WEEK": week + 1,
            "DAY": days,
            "TOTAL_SALES": units.ravel().astype(float),
            "MARGIN": np.where(sku == labels[store], 5.0, 1.0) * units.ravel(),
        }
    )
    (folder / "data/raw").mkdir(parents=True)
    table.write_parquet(folder / "data/raw/sales.parquet")
    return labels


def _clusters(folder: Path, *words: str) -> pl.DataFrame:
    done = command_in(folder, "run", *words, "source.external=[]", "report.page=false")
    assert done.code == 0, done.err
    return pl.read_parquet(folder / "data/dev/internal/assign/assignments.parquet").sort(
        pl.col("store_nbr").cast(pl.Int64)
    )


MONTHS = ("source.derive.MONTH='EXTRACT(MONTH FROM DAY)'", "source.columns.sales.sku_nbr=MONTH")


@pytest.mark.parametrize("words", [(), MONTHS], ids=["weeks", "months"])
def test_stores_are_found_by_their_season(words: tuple[str, ...], tmp_path: Path) -> None:
    labels = _sales(tmp_path)
    found = _clusters(tmp_path, "experiment=seasons", *words)
    assert adjusted_rand_index(found["cluster"].to_numpy(), labels) == 1.0
    values = pl.read_parquet(tmp_path / "data/dev/internal/preprocess/values.parquet")
    assert values["feature"].n_unique() == (6 if words else WEEKS)


def test_any_measure_can_stand_for_the_sales(tmp_path: Path) -> None:
    labels = _sales(tmp_path)
    words = ("source.need_state_from=sku", "source.columns.sales.total_sales=MARGIN")
    found = _clusters(tmp_path, *words)
    assert adjusted_rand_index(found["cluster"].to_numpy(), labels) == 1.0
