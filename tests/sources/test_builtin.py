"""The panel and the sample."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from clustering.config import Source
from clustering.sources import open_source
from clustering.sources.planted import Recipe, Surroundings, draw_attributes, draw_mixes
from clustering.sources.sample import write_sample


def test_panel_gives_sales_need_states_and_attributes_of_stores() -> None:
    panel = open_source(Source(name="complete_journey"))
    sales = panel.sales().select(pl.len(), pl.col("store_nbr").n_unique().alias("stores")).collect()
    assert sales.row(0) == (1_469_307, 457)
    frames = panel.external()
    stores = pl.concat([frame.select("store_nbr") for frame in frames.values()]).unique()
    columns = [column for frame in frames.values() for column in frame.columns if column != "store_nbr"]
    assert stores.height > 400
    assert len(columns) >= 15
    assert len(set(columns)) == len(columns)
    shoppers = frames["shoppers"]
    assert shoppers.height < stores.height or shoppers.null_count().sum_horizontal()[0] > 0
    for name in [column for column in shoppers.columns if column.startswith("share_")]:
        assert shoppers[name].drop_nulls().is_between(0, 1).all()


def test_panel_makes_every_file_known_for_hashing() -> None:
    panel = open_source(Source(name="complete_journey"))
    assert all(Path(path).is_file() for name in ("sales", "need_states", "external") for path in panel.files(name))


def test_same_seed_same_sample_other_seed_other_sample(tmp_path: Path) -> None:
    def written(folder: str, seed: int) -> dict[str, bytes]:
        paths = write_sample(tmp_path / folder, stores=30, categories=2, clusters=2, weeks=4, seed=seed)
        return {path.name: path.read_bytes() for path in paths}

    one, again, other = written("one", 1), written("again", 1), written("other", 2)
    assert one == again
    assert one["sales.parquet"] != other["sales.parquet"]


def test_dirty_sample_breaks_every_rule_of_a_sales_row(tmp_path: Path) -> None:
    list(write_sample(tmp_path, stores=30, categories=1, clusters=2, weeks=4, seed=1, dirty=True))
    sales = pl.read_parquet(tmp_path / "raw/sales.parquet")
    assert sales["STORE_NBR"].null_count() == sales["SKU_NBR"].null_count() == sales["TOTAL_SALES"].null_count() == 1
    assert (sales["TOTAL_SALES"] < 0).sum() == 1


def test_truth_of_the_sample_names_every_store(tmp_path: Path) -> None:
    list(write_sample(tmp_path, stores=30, categories=2, clusters=3, weeks=4, seed=1))
    truth = pl.read_parquet(tmp_path / "truth/internal.parquet")
    assert truth.height == 60
    assert set(truth["cluster"].unique()) <= {-1, 0, 1, 2}
    assert pl.read_parquet(tmp_path / "truth/tilts.parquet")["direction"].is_in([-1, 1]).all()


@pytest.mark.parametrize("clusters", [1, 2, 5])
def test_planted_clusters_have_different_mean_mixes(clusters: int) -> None:
    planted = draw_mixes(Recipe(stores=400, clusters=clusters, separation=1.0), 3)
    shares = planted.counts / planted.counts.sum(axis=1, keepdims=True)
    means = np.array([shares[planted.labels == c].mean(axis=0) for c in range(clusters)])
    gaps = np.abs(means[:, None] - means[None]).max(axis=2)
    assert (gaps[np.triu_indices(clusters, 1)] > 0.01).all()
    assert (planted.labels == -1).sum() == round(0.02 * 400)


def test_planted_attributes_have_gaps_and_irrelevant_columns() -> None:
    planted = draw_attributes(Surroundings(stores=300, informative=3, irrelevant=4, gaps=0.1), 5)
    assert planted.numbers.shape == (300, 7)
    assert 0.05 < np.isnan(planted.numbers).mean() < 0.15
