"""Inputs that are exchanged while a stage reads them leave no result behind."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from clustering.config import Config, Paths, Source
from clustering.errors import DataError
from clustering.pipeline.loading import load
from clustering.pipeline.plan import Planner
from clustering.pipeline.runner import Pipeline
from clustering.registry import Stage, stage_for


class _Silent:
    def started(self, stage: Stage, categories: int) -> None: ...
    def advanced(self, stage: Stage, category: str) -> None: ...
    def finished(self, stage: Stage, manifest: object, skipped: bool) -> None: ...


def test_a_file_that_is_exchanged_while_it_is_read_is_an_error(
    fresh_project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, raw = fresh_project / "data", fresh_project / "data" / "raw"
    sales = raw / "sales.parquet"
    config = Config(
        paths=Paths(str(data), str(fresh_project / "outputs")),
        source=Source(sales=str(sales), need_states=str(raw / "need_states.csv"), external=[]),
    )
    pipeline = Pipeline({"internal": config}, _Silent())

    def load_and_exchange(planner: Planner, stage: Stage) -> dict[str, object]:
        tables = load(planner, stage)
        pl.read_parquet(sales).head(1000).write_parquet(raw / "other.parquet")
        (raw / "other.parquet").replace(sales)
        return tables

    monkeypatch.setattr("clustering.pipeline.runner.load", load_and_exchange)
    with pytest.raises(DataError, match=r"source\.sales was changed while it was read"):
        pipeline.run([stage_for("preprocess", "internal")])
    assert not (data / "dev" / "internal" / "preprocess").exists()
