"""Final clusters keep groups that are there, whatever the surroundings are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from clustering.methods.selection.agreement import adjusted_rand_index
from clustering.sample.write import write_sample
from tests.conftest import command_in

ENOUGH = 0.9


def _run(folder: Path, stores: int, clusters: int, with_random_attributes: bool) -> None:
    list(
        write_sample(
            folder / "data", stores=stores, categories=3, clusters=clusters, weeks=8, seed=42
        )
    )
    if with_random_attributes:
        for number, file in enumerate(sorted((folder / "data/raw/external").glob("*.csv"))):
            table = pl.read_csv(file, infer_schema=False)
            names = table["STORE_NBR"].sample(fraction=1, shuffle=True, seed=number)
            table.with_columns(names.alias("STORE_NBR")).write_csv(file)
    done = command_in(folder, "run", "report.page=false")
    assert done.code == 0, done.err


@pytest.mark.parametrize(
    ("stores", "clusters", "with_random_attributes"),
    [(45, 3, False), (60, 3, True), (60, 4, False), (200, 4, False), (300, 4, True)],
)
def test_final_clusters_are_the_planted_groups_split_by_surroundings(
    tmp_path: Path, stores: int, clusters: int, with_random_attributes: bool
) -> None:
    _run(tmp_path, stores, clusters, with_random_attributes)
    merged = tmp_path / "data/dev/merged"
    truth = pl.read_parquet(tmp_path / "data/truth/internal.parquet").filter(pl.col("cluster") >= 0)
    found = pl.read_parquet(merged / "assignments.parquet").join(
        truth, on=["category", "store_nbr"]
    )
    letters = found.with_columns(mix=pl.col("final_cluster").str.strip_chars_end("0123456789"))
    for category in letters.partition_by("category"):
        mixes = np.unique(category["mix"].to_numpy(), return_inverse=True)[1]
        assert adjusted_rand_index(mixes, category["cluster"].to_numpy()) >= ENOUGH
    summary = pl.read_parquet(merged / "summary.parquet")
    assert summary["warning"].null_count() == summary.height
    assert (summary["kept_internal"] >= 1 - 1e-9).all()
    assert (summary["final_k"] >= summary["internal_k"]).all()
