"""The Python API: a finished run in a notebook.

import clustering
run = clustering.open("data", env="dev")
run.predict(sales=frame, external="new_stores.csv")
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from clustering.config import Config, Paths
from clustering.errors import ConfigError
from clustering.results.prediction.saved_run import SavedRun
from clustering.store.bucket_catalog import open_catalog
from clustering.store.catalog import Catalog
from clustering.store.runs import CURRENT, open_run

if TYPE_CHECKING:
    import polars as pl

    from clustering.results.prediction.known import Known

    Input = pl.DataFrame | str | Path

log = logging.getLogger(__name__)


def open(
    data_dir: str | Path = "data",
    output_dir: str | Path = "outputs",
    env: str = "dev",
    run: str = "current",
) -> Run:
    """Give a finished run of an environment: the current one, or as on the command line
    `published`, `v3`, a scenario's number, or a folder. What it needs is read when first needed.
    """
    if run == CURRENT:
        return Run(open_catalog(str(data_dir), str(output_dir), env))
    paths = Paths(data_dir=str(data_dir), output_dir=str(output_dir))
    return Run(open_run(run, Config(env=env, paths=paths)))


class Run:
    """A finished run: its tables, and clusters for stores that come later."""

    def __init__(self, catalog: Catalog) -> None:
        self.saved = SavedRun(catalog)

    def assignments(self, track: str = "internal") -> pl.DataFrame:
        """The clusters of the run's own stores (schemas.Assignments)."""
        return self.saved.table(track, "assign", "assignments")

    def predict(
        self,
        sales: Input | None = None,
        external: Input | Sequence[Input] = (),
        *,
        need_states: str | None = None,
        like_stores: str | None = None,
        first_period: str | None = None,
        last_period: str | None = None,
    ) -> pl.DataFrame:
        """Give track, category, store_nbr, cluster, probability (0..1), assigned_by, next_cluster,
        margin, final_cluster, final_name, is_outlier and reason.

        The final cluster stands in the rows of the internal track (of the external one where it is
        alone). `first_period` and `last_period` bound the sales that count; those of the run do
        not apply. `sales` and `external` are frames or files with the columns of the run's own
        inputs; at least one is needed. Nothing is fitted. Raises ConfigError where neither is
        given, DataError where an input or the run is at fault.
        """
        from clustering.results.prediction.predict import predict_stores

        files: Sequence[Input] = [external] if _is_one(external) else external  # type: ignore[assignment, list-item]
        if sales is None and not files:
            raise ConfigError("predict needs the stores' sales, their attributes, or both")
        periods = {"first_period": first_period, "last_period": last_period}
        of_sales = self._sales(sales, need_states, periods) if sales is not None else None
        return predict_stores(
            self.saved, of_sales, self._attributes(files) if files else None, like_stores
        )

    def _sales(
        self, sales: Input, need_states: str | None, periods: dict[str, str | None]
    ) -> Known:
        from clustering.io.sources.files import FileSource
        from clustering.results.prediction.known import Known
        from clustering.stages.preprocess_internal import preprocess_internal

        if isinstance(sales, str | Path):
            rows = FileSource(self.saved.source(sales=str(sales))).sales()
        else:
            rows = FileSource(self.saved.source(), {"sales": {"sales": sales}}).sales()
        within, outer = self.saved.within, None
        if within:
            placed = Run(self.saved.outer().catalog).predict(
                sales,
                need_states=need_states,
                first_period=periods["first_period"],
                last_period=periods["last_period"],
            )
            outer = placed.filter(track=within.track)
        found = preprocess_internal(
            rows,
            self.saved.need_states(need_states),
            self.saved.preprocess("internal", **periods),
            seed=0,
            within=within,
            outer=outer,
        )
        _warn_of_quarantine(found["reconciliation"])
        return Known(found["values"], found["stores"])

    def _attributes(self, files: Sequence[Input]) -> Known:
        from clustering.io.sources.files import FileSource
        from clustering.results.prediction.attributes import attributes_as_fitted
        from clustering.results.prediction.known import Known

        given = {
            f"external {number + 1}": file
            for number, file in enumerate(files)
            if not isinstance(file, str | Path)
        }
        paths = [str(file) for file in files if isinstance(file, str | Path)]
        frames = FileSource(self.saved.source(external=paths), {"external": given}).external()
        report = self.saved.table("external", "preprocess", "columns")
        return Known(
            *attributes_as_fitted(frames, report, self.saved.preprocess("external").duplicates)
        )


def _is_one(external: Input | Sequence[Input]) -> bool:
    return isinstance(external, str | Path) or hasattr(external, "lazy")


def _warn_of_quarantine(reconciliation: pl.DataFrame) -> None:
    import polars as pl

    faulty = reconciliation.filter(
        (pl.col("input") == "sales")
        & ~pl.col("outcome").is_in(["read", "used"])
        & (pl.col("rows") > 0)
    )
    for outcome, rows in faulty.select("outcome", "rows").iter_rows():
        log.warning("%s sales rows set aside: %s", f"{rows:,}", outcome)
