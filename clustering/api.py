"""The Python API: a finished run in a notebook.

import clustering
run = clustering.open("data", env="dev")
run.final, run.clusters
run.predict(sales=frame, external="new_stores.csv")
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clustering.config import Config, Paths
from clustering.errors import ConfigError, DataError
from clustering.registry import MERGE, STAGES, TRACKS
from clustering.results.prediction.saved_run import SavedRun
from clustering.store.bucket_catalog import open_catalog
from clustering.store.catalog import Catalog
from clustering.store.runs import CURRENT, open_run

if TYPE_CHECKING:
    import polars as pl
    from altair import Chart

    from clustering.results.comparison.changes import Changes
    from clustering.results.prediction.track_inputs import TrackInputs

    Input = Any  # a path, or a frame of a library that narwhals knows

log = logging.getLogger(__name__)
logging.getLogger("clustering").addHandler(logging.NullHandler())  # the program decides what shows


def open(
    data_dir: str | Path = "data",
    output_dir: str | Path = "outputs",
    env: str = "dev",
    run: str = "current",
) -> Run:
    """Give a finished run of an environment: the current one, or as on the command line
    `published`, `v3`, a scenario's number, or a folder. What it needs is read when first needed.

    Raises DataError where the folder holds no run, ConfigError where `run` names none.
    """
    paths = Paths(data_dir=str(data_dir), output_dir=str(output_dir))
    config = Config(env=env, paths=paths)
    if run != CURRENT:
        return Run(open_run(run, config), config)
    catalog = open_catalog(str(data_dir), str(output_dir), env)
    if not any(catalog.manifest(stage) for stage in STAGES):
        raise DataError(f"{catalog.name} holds no run; make one: clustering.run(...)")
    return Run(catalog, config)


class Run:
    """A finished run: its tables, and clusters for stores that come later.

    Tables are Polars frames, described in clustering.schemas; one that the run did not make raises
    DataError. In a notebook a run shows its summary.
    """

    def __init__(
        self, catalog: Catalog, config: Config | None = None, keeps: object = None
    ) -> None:
        """`config` are the settings it was made with, where they are known; `keeps` is what must
        live as long as the run: the folder of its files.
        """
        self.saved, self.config, self._keeps = SavedRun(catalog), config or Config(), keeps

    @property
    def final(self) -> pl.DataFrame:
        """The final cluster of every store in every category (schemas.MergedAssignments)."""
        return self._merged("assignments")

    @property
    def internal(self) -> pl.DataFrame:
        """Clusters by need-state mix: a row per category and store (schemas.Assignments)."""
        return self.assignments("internal")

    @property
    def external(self) -> pl.DataFrame:
        """Clusters by attributes: a row per store, in the category ALL (schemas.Assignments)."""
        return self.assignments("external")

    @property
    def clusters(self) -> pl.DataFrame:
        """The final clusters of each category: name, cells, stores, sales."""
        return self._merged("clusters")

    @property
    def profiles(self) -> pl.DataFrame:
        """What tells each final cluster from the category: mean, overall, index by feature."""
        return self._merged("profiles")

    @property
    def summary(self) -> pl.DataFrame:
        """A row per category: stores, k of each track, final clusters, what was kept, warning."""
        return self._merged("summary")

    @property
    def verdicts(self) -> pl.DataFrame:
        """Per track and category: separate groups or a continuum, k, and a sentence on it."""
        import polars as pl

        tracks = [track for track in TRACKS if self.saved.has(track)]
        if not tracks:
            self.saved.table("internal", "train", "verdicts")  # says what is missing
        return pl.concat(
            [
                self.saved.table(track, "train", "verdicts").select(
                    pl.lit(track).alias("track"), pl.all()
                )
                for track in tracks
            ],
            how="diagonal_relaxed",
        )

    def nearest(self, category: str, number: int = 3) -> pl.DataFrame:
        """The stores nearest to each: by mix in the category, by attributes, and by place (km):
        store_nbr, by, rank, nearest_store, distance.

        Raises DataError for a category that the run does not have.
        """
        from clustering.results.nearest import nearest_stores

        return nearest_stores(self.saved, category, number)

    def diff(self, before: Run) -> Changes:
        """What changed from the run `before` to this one: tables categories, clusters, flows,
        movers and drift. Raises DataError where the runs share no finished track.
        """
        from clustering.results.comparison.changes import changes

        return changes(before.saved.catalog, self.saved.catalog)

    def plot(self, category: str | None = None, kind: str = "profiles") -> Chart:
        """An Altair chart in the colours of the page, of a category (by default the one with the
        largest sales): `profiles` (index of each need state by final cluster), `clusters` (stores
        of each final cluster) or `stores` (the stores on the first two components).

        Raises ConfigError where Altair is missing or the kind or the category is not known.
        """
        from clustering.results.plots import plot

        return plot(self.saved.catalog, category, kind)

    def export(
        self, folder: str | Path, form: str = "xlsx", categories: Sequence[str] = ()
    ) -> list[Path]:
        """Write workbooks (xlsx), slides (pptx), tables (csv, parquet) or a planogram file; give
        their paths. Sales by product attribute are read from the inputs of the run; where these
        have changed or are gone, they are left out and the logger `clustering` warns. Raises
        DataError for a category the run does not have, ConfigError where the form is unknown or
        needs an extra.
        """
        from clustering.results.export.files import write_files

        return write_files(self.saved.catalog, self.config, form, categories, Path(folder))

    def _merged(self, table: str) -> pl.DataFrame:
        return self.saved.catalog.read(MERGE, table)

    def __repr__(self) -> str:
        return f"Run({self.saved.catalog.name!r})"

    def _repr_html_(self) -> str:
        """The summary of the categories, for notebooks."""
        shown = self.summary._repr_html_() if self.saved.catalog.manifest(MERGE) else ""
        return f"<p><b>{escape(self.saved.catalog.name)}</b></p>{shown}"

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

        files = each(external)
        if sales is None and not files:
            raise ConfigError("predict needs the stores' sales, their attributes, or both")
        periods = {"first_period": first_period, "last_period": last_period}
        of_sales = self._sales(sales, need_states, periods) if sales is not None else None
        return predict_stores(
            self.saved, of_sales, self._attributes(files) if files else None, like_stores
        )

    def _sales(
        self, sales: Input, need_states: str | None, periods: dict[str, str | None]
    ) -> TrackInputs:
        from clustering.io.sources.files import FileSource
        from clustering.results.prediction.track_inputs import TrackInputs
        from clustering.stages.preprocess_internal import preprocess_internal

        if isinstance(sales, str | Path):
            rows = FileSource(self.saved.source(sales=str(sales))).sales()
        else:
            frames = {"sales": {"sales": as_polars("sales", sales)}}
            rows = FileSource(self.saved.source(), frames).sales()
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
        _say(found["findings"])
        return TrackInputs(found["values"], found["stores"])

    def _attributes(self, files: Sequence[Input]) -> TrackInputs:
        from clustering.io.sources.files import FileSource
        from clustering.methods.plausibility.findings import of_readings
        from clustering.results.prediction.attributes import attributes_as_fitted
        from clustering.results.prediction.track_inputs import TrackInputs

        given = {
            f"external {number + 1}": as_polars(f"external {number + 1}", file)
            for number, file in enumerate(files)
            if not isinstance(file, str | Path)
        }
        paths = [str(file) for file in files if isinstance(file, str | Path)]
        source = FileSource(self.saved.source(external=paths), {"external": given})
        frames = source.external()
        _say(of_readings(source.readings(["external"])))
        report = self.saved.table("external", "preprocess", "columns")
        return TrackInputs(*attributes_as_fitted(frames, report, self.saved.preprocess("external")))


def as_polars(name: str, frame: Any) -> pl.DataFrame:
    """A frame of any library narwhals knows as a Polars frame; raises DataError for what is none.

    >>> as_polars("sales", [1, 2])
    Traceback (most recent call last):
    clustering.errors.DataError: sales: got list, expected a path or a frame (Polars, pandas, Arrow)
    """
    import narwhals as nw

    try:
        found = nw.from_native(frame)
    except TypeError as cause:
        raise DataError(
            f"{name}: got {type(frame).__name__}, expected a path or a frame (Polars, pandas, "
            "Arrow)"
        ) from cause
    eager = found.collect() if isinstance(found, nw.LazyFrame) else found
    try:
        return eager.to_polars()
    except ModuleNotFoundError as cause:
        raise ConfigError(
            f"{name}: frames of this library need {cause.name}; install it: pip install "
            f"{cause.name}"
        ) from cause


def each(external: Any) -> list[Any]:
    """The inputs of attributes: one, a list of them, or the values of a mapping."""
    if isinstance(external, Mapping):
        return list(external.values())
    return list(external) if isinstance(external, list | tuple) else [external]


def _say(findings: pl.DataFrame) -> None:
    """Warn of what looks wrong in an input (schemas.Findings)."""
    for name, text in findings.filter("is_warning").select("input", "text").iter_rows():
        log.warning("%s: %s", name, text)


def _warn_of_quarantine(reconciliation: pl.DataFrame) -> None:
    import polars as pl

    faulty = reconciliation.filter(
        (pl.col("input") == "sales")
        & ~pl.col("outcome").is_in(["read", "used"])
        & (pl.col("rows") > 0)
    )
    for outcome, rows in faulty.select("outcome", "rows").iter_rows():
        log.warning("%s sales rows set aside: %s", f"{rows:,}", outcome)
