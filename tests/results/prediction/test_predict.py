"""Stores placed after a run, by the real objects of a finished run."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import polars as pl
import pytest

import clustering
from clustering.config import Preprocess
from clustering.errors import ConfigError, DataError
from clustering.registry import MERGE
from clustering.results.prediction.attributes import attributes_as_fitted
from clustering.results.prediction.predict import _on_track
from tests.conftest import command_in

PLACED = [
    "category",
    "store_nbr",
    "cluster",
    "probability",
    "assigned_by",
    "next_cluster",
    "margin",
]


@pytest.fixture
def run(finished_dir: Path, monkeypatch: pytest.MonkeyPatch) -> clustering.Run:
    monkeypatch.chdir(finished_dir)
    return clustering.open()


def _attribute_files() -> list[Path]:
    return sorted(Path("data/raw/external").iterdir())


@pytest.mark.parametrize("track", ["internal", "external"])
def test_stores_of_the_run_get_what_assign_gave_them(run: clustering.Run, track: str) -> None:
    found = run.predict("data/raw/sales.parquet", _attribute_files()).filter(track=track)
    expected = run.assignments(track).select(PLACED).sort("category", "store_nbr")
    assert found.select(PLACED).sort("category", "store_nbr").equals(expected)


def test_one_store_alone_gets_the_same_as_among_all(run: clustering.Run) -> None:
    sales = pl.read_parquet("data/raw/sales.parquet")
    store = sales["STORE_NBR"].unique().sort()[0]
    found = run.predict(sales.filter(STORE_NBR=store)).filter(track="internal").select(PLACED)
    assert found.equals(run.assignments().filter(store_nbr=store).select(PLACED).sort("category"))


def test_categories_in_another_case_are_those_of_the_run(run: clustering.Run) -> None:
    sales = pl.read_parquet("data/raw/sales.parquet")
    store = sales.filter(pl.col("STORE_NBR") == pl.col("STORE_NBR").min())
    found = run.predict(store.with_columns(pl.col("CATEGORY").str.to_lowercase()))
    assert found.equals(run.predict(store))


def test_need_state_and_category_the_run_did_not_know_change_nothing(
    run: clustering.Run, tmp_path: Path
) -> None:
    sales = pl.read_parquet("data/raw/sales.parquet").filter(
        pl.col("STORE_NBR") == pl.col("STORE_NBR").min()
    )
    more = sales.head(2).with_columns(
        SKU_NBR=pl.Series(["new 1", "new 2"]), CATEGORY=pl.Series([sales["CATEGORY"][0], "TEA"])
    )
    columns = ["SKU_NBR", "CATEGORY", "NEED_STATE"]
    known = pl.read_csv("data/raw/need_states.csv", schema_overrides={"SKU_NBR": pl.String}).select(
        columns
    )
    new = pl.DataFrame(
        {
            "SKU_NBR": ["new 1", "new 2"],
            "CATEGORY": more["CATEGORY"],
            "NEED_STATE": ["new", "green"],
        }
    )
    pl.concat([known, new]).write_csv(tmp_path / "map.csv")
    found = run.predict(pl.concat([sales, more]), need_states=str(tmp_path / "map.csv"))
    assert found.equals(run.predict(sales))


def test_store_with_attributes_only_gets_a_cluster_in_every_category(run: clustering.Run) -> None:
    new = [
        pl.read_csv(file, schema_overrides={"STORE_NBR": pl.String})
        .head(1)
        .with_columns(STORE_NBR=pl.lit("new"))
        for file in _attribute_files()
    ]
    found = run.predict(external=new)
    categories = run.assignments()["category"].unique().sort().to_list()
    assert found.filter(track="internal")["category"].to_list() == categories
    assert set(found.filter(track="internal")["assigned_by"]) <= {
        "external_attributes",
        "most_central",
    }
    assert found.filter(track="external")["assigned_by"].to_list() == ["model"]
    assert found["reason"].null_count() == 0


def test_nothing_to_place_is_refused(run: clustering.Run) -> None:
    with pytest.raises(ConfigError, match="needs the stores' sales"):
        run.predict()
    with pytest.raises(DataError, match="no sales row is usable"):
        run.predict(
            pl.DataFrame({"STORE_NBR": ["1"], "SKU_NBR": ["no such"], "TOTAL_SALES": [1.0]})
        )


def test_models_of_another_preprocessing_are_refused(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    manifest = project / "data/dev/internal/assign/manifest.json"
    manifest.write_text(
        manifest.read_text().replace('"internal/features": "', '"internal/features": "0')
    )
    with pytest.raises(DataError, match="was not made from the present internal/features"):
        clustering.open().predict("data/raw/sales.parquet")


def test_command_prints_rows_and_names_what_is_wrong(finished_dir: Path, tmp_path: Path) -> None:
    one = pl.read_parquet(finished_dir / "data/raw/sales.parquet").filter(
        pl.col("STORE_NBR") == pl.col("STORE_NBR").max()
    )
    one.write_csv(tmp_path / "one.csv")
    done = command_in(
        finished_dir, "predict", "--stores", str(tmp_path / "one.csv"), "--format", "csv"
    )
    assert done.code == 0, done.err
    assert pl.read_csv(io.StringIO(done.out)).filter(track="internal").height == 2
    wrong = command_in(finished_dir, "predict", "--stores", "data/raw/need_states.csv")
    assert wrong.code == 3
    assert "no column STORE_NBR" in wrong.err or "no column store_nbr" in wrong.err


def test_attributes_take_the_names_and_types_of_the_run() -> None:
    report = pl.DataFrame(
        {
            "column": ["a.visits", "open", "format"],
            "kind": ["numeric", "boolean", "categorical"],
            "action": ["kept"] * 3,
        }
    )
    files = {
        "a.csv": pl.DataFrame({"store_nbr": ["1", "2"], "visits": ["7", " x"], "other": [1, 2]}),
        "b.csv": pl.DataFrame(
            {"store_nbr": ["1", "Total"], "open": [1.0, 1.0], "format": [3, None]}
        ),
    }
    values, stores, doubts = attributes_as_fitted(files, report, Preprocess())
    assert values.select("store_nbr", "feature", "value", "level").rows() == [
        ("1", "a.visits", 7.0, None),
        ("1", "format", None, "3"),
        ("1", "open", None, "1"),
    ]
    assert stores["history"].to_list() == ["enough", "none"]
    assert doubts.rows() == [("2", "a.visits=x is not a number")]


def test_models_give_the_run_s_stores_what_assign_gave_them(run: clustering.Run) -> None:
    names = run.saved.known("internal").names
    known = {track: run.saved.known(track) for track in ("internal", "external")}
    for track in known:
        found = _on_track(run.saved, track, known, names, None)
        expected = run.assignments(track).select(PLACED).sort("category", "store_nbr")
        assert found.select(PLACED).sort("category", "store_nbr").equals(expected)


def test_stores_of_the_run_get_their_final_clusters(run: clustering.Run) -> None:
    found = run.predict("data/raw/sales.parquet", _attribute_files()).filter(track="internal")
    merged = run.saved.catalog.read(MERGE, "assignments")
    columns = ["category", "store_nbr", "final_cluster"]
    assert found.select(columns).equals(merged.select(columns).sort("category", "store_nbr"))
    assert found["final_name"].null_count() == 0


def test_a_changed_store_goes_where_its_cell_goes(run: clustering.Run) -> None:
    sales = pl.read_parquet("data/raw/sales.parquet")
    one = sales.filter(STORE_NBR=sales["STORE_NBR"][0]).with_columns(STORE_NBR=pl.lit("new"))
    files = [
        pl.read_csv(file, schema_overrides={"STORE_NBR": pl.String})
        .filter(STORE_NBR=sales["STORE_NBR"][0])
        .with_columns(STORE_NBR=pl.lit("new"))
        for file in _attribute_files()
    ]
    found = run.predict(one, files).filter(track="internal")
    merged = run.saved.catalog.read(MERGE, "assignments").filter(store_nbr=sales["STORE_NBR"][0])
    assert found["final_cluster"].to_list() == merged.sort("category")["final_cluster"].to_list()


def test_sales_alone_place_a_new_store_by_the_internal_track(run: clustering.Run) -> None:
    sales = pl.read_parquet("data/raw/sales.parquet")
    one = sales.filter(STORE_NBR=sales["STORE_NBR"][0]).with_columns(STORE_NBR=pl.lit("new"))
    found = run.predict(one)
    assert found["track"].unique().to_list() == ["internal"]
    assert found["final_cluster"].null_count() == 0


def test_what_the_run_cannot_judge_is_marked(
    run: clustering.Run, caplog: pytest.LogCaptureFixture
) -> None:
    files = [
        pl.read_csv(file, schema_overrides={"STORE_NBR": pl.String}).head(1)
        for file in _attribute_files()
    ]
    wild = [
        frame.with_columns(
            pl.lit("7").alias("STORE_NBR"),
            pl.col(pl.Float64) * 0 + 1e6,
            pl.col(pl.String).exclude("STORE_NBR").replace_strict({}, default="mars"),
        )
        for frame in files
    ]
    row = run.predict(external=wild).filter(track="external").row(0, named=True)
    assert row["is_outlier"]
    assert "is unlike every store of the run" in row["reason"]
    assert "the run has no store 7, but 00007: are leading zeros lost?" in row["reason"]
    assert "is far outside" in row["reason"]
    assert "1 stores are unlike every store of the run" in caplog.text
    plain = run.predict(external=[f.with_columns(STORE_NBR=pl.lit("new")) for f in files])
    assert not plain["is_outlier"].any()


def test_the_periods_of_the_call_count_and_not_those_of_the_run(
    run: clustering.Run, caplog: pytest.LogCaptureFixture
) -> None:
    sales = pl.read_parquet("data/raw/sales.parquet")
    one = sales.filter(STORE_NBR=sales["STORE_NBR"][0]).with_columns(STORE_NBR=pl.lit("new"))
    early = run.predict(one, last_period="2")
    late = one.filter(pl.col("WEEK") > 2).height
    assert f"{late} sales rows set aside: outside_periods" in caplog.text
    assert early.equals(run.predict(one.filter(pl.col("WEEK") <= 2)))


def test_a_version_can_be_named_and_new_stores_come_as_a_planogram(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command_in(project, "publish", "--approver", "Ann").code == 0
    shutil.rmtree(project / "data/dev")
    new = pl.read_parquet(project / "data/raw/sales.parquet").filter(STORE_NBR="00003")
    new.with_columns(STORE_NBR=pl.lit("new")).write_csv(project / "new.csv")
    words = ("predict", "--run", "v1", "--stores", "new.csv", "--format", "planogram")
    done = command_in(project, *words)
    assert done.code == 0, done.err
    published = pl.read_csv(project / "outputs/published/dev/planogram.csv")
    found = pl.read_csv(io.StringIO(done.out))
    assert found.columns == published.columns
    assert found["STORE_NBR"].unique().to_list() == ["new"]
    monkeypatch.chdir(project)
    placed = clustering.open(run="v1").predict("new.csv").filter(track="internal")
    assert placed["final_cluster"].to_list() == found["CLUSTER"].to_list()


def test_nested_runs_and_versions_place_their_own_stores_as_they_did(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for words in (
        ("publish", "--approver", "Ann"),
        ("run", "within.run=v1", "report.page=false"),
        ("publish", "--approver", "Ann"),
    ):
        done = command_in(project, *words)
        assert done.code == 0, done.err
    monkeypatch.chdir(project)
    key = ["category", "store_nbr", "final_cluster"]
    for version in ("v1", "v2"):
        run = clustering.open(run=version)
        placed = run.predict("data/raw/sales.parquet", _attribute_files()).filter(track="internal")
        merged = run.saved.catalog.read(MERGE, "assignments")
        assert placed.select(key).sort(key).equals(merged.select(key).sort(key))
    new = pl.read_parquet("data/raw/sales.parquet").filter(STORE_NBR="00003")
    nested = clustering.open(run="v2").predict(new.with_columns(STORE_NBR=pl.lit("new")))
    assert nested["category"].str.contains(" / ").all()
    assert nested["final_cluster"].null_count() == 0
