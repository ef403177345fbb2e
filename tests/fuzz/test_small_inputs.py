"""Whatever the inputs and settings: a right result or an error that names the input."""

from __future__ import annotations

import os
import random
import warnings
from pathlib import Path

import polars as pl
import pytest

from clustering.errors import ConfigError, DataError
from tests.fuzz.inputs import Inputs, draw, run

# a sample in every run of the tests; `nox -s fuzz` tries all
SEEDS = range(int(os.environ.get("CLUSTERING_FUZZ", "14")))


@pytest.mark.parametrize("seed", SEEDS)
def test_no_store_and_no_cent_is_lost_in_any_order(seed: int, tmp_path: Path) -> None:
    inputs = draw(seed * 7 if len(SEEDS) < 100 else seed)
    first = _result(tmp_path / "first", inputs, None)
    again = _result(tmp_path / "again", inputs, random.Random(seed))
    assert first == again


def _result(folder: Path, inputs: Inputs, shuffled: random.Random | None) -> dict[str, bytes] | str:
    """The bytes of the tables that hold values and clusters, or the error in place of them."""
    inputs.write(folder, shuffled)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            run(folder, inputs)
        except (ConfigError, DataError) as error:
            return error.message.replace(str(folder), "")
    data = folder / "data" / "dev"
    _require_every_store(data)
    _require_every_cent(data)
    tables = ("internal/preprocess/values", "internal/assign/assignments", "merged/assignments")
    return {name: (data / f"{name}.parquet").read_bytes() for name in tables}


def _require_every_store(data: Path) -> None:
    """Every store that entered has a final cluster in every category."""
    entered = pl.concat(
        pl.read_parquet(data / track / "preprocess/stores.parquet").select("store_nbr")
        for track in ("internal", "external")
    ).unique()
    merged = pl.read_parquet(data / "merged/assignments.parquet")
    assert merged["final_cluster"].null_count() == 0
    pairs = merged.select("category", "store_nbr")
    assert pairs.is_unique().all()
    assert pairs.height == merged["category"].n_unique() * entered.height


def _require_every_cent(data: Path) -> None:
    """What was read is what was used and what was set aside, in rows and in money."""
    rows = pl.read_parquet(data / "internal/preprocess/reconciliation.parquet").filter(
        input="sales"
    )
    counts = {outcome: (number, money or 0.0) for _, outcome, number, money in rows.iter_rows()}
    read = counts.pop("read")
    assert read[0] == sum(number for number, _ in counts.values())
    assert read[1] == pytest.approx(sum(money for _, money in counts.values()), abs=0.005)
    values = pl.read_parquet(data / "internal/preprocess/values.parquet")["value"].sum()
    kept = counts["used"][1] + counts.get("return_netted", (0, 0.0))[1]
    assert values == pytest.approx(kept, abs=0.005)
