"""The pipeline from Python: frames in, a run out, the clusters of the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hydra import compose, initialize_config_dir
from hydra.core.config_store import ConfigStore

import clustering
from clustering.errors import ConfigError, DataError

FINAL = "dev/merged/assignments.parquet"


def _inputs(folder: Path) -> tuple[pl.DataFrame, pl.DataFrame, list[pl.DataFrame]]:
    raw = folder / "data/raw"
    as_text = {"STORE_NBR": pl.String}
    external = [
        pl.read_parquet(path)
        if path.suffix == ".parquet"
        else pl.read_csv(path, schema_overrides=as_text)
        for path in sorted((raw / "external").iterdir())
    ]
    return (
        pl.read_parquet(raw / "sales.parquet"),
        pl.read_csv(raw / "need_states.csv", infer_schema=False),
        external,
    )


@pytest.fixture(scope="module")
def run(sample_dir: Path) -> clustering.Run:
    """A run on pandas and Arrow frames, in a temporary folder."""
    sales, need_states, external = _inputs(sample_dir)
    frames: list[Any] = [one.to_arrow() for one in external]
    return clustering.run(sales.to_pandas(), need_states.to_pandas(), frames, data_dir=None)


def test_frames_give_the_final_clusters_of_the_command_line(
    run: clustering.Run, finished_dir: Path
) -> None:
    ours = Path(run.saved.catalog.data_dir) / FINAL
    assert ours.read_bytes() == (finished_dir / "data" / FINAL).read_bytes()


def test_a_run_has_its_tables(run: clustering.Run) -> None:
    assert run.final["final_cluster"].null_count() == 0
    assert run.final.height == run.internal.height
    assert run.external["category"].unique().to_list() == ["ALL"]
    assert set(run.verdicts["track"]) == {"internal", "external"}
    assert run.clusters["stores"].sum() == run.final.height
    assert set(run.profiles["kind"]) == {"need_state", "attribute"}
    assert run.clusters["category"][0] in run._repr_html_()


def test_a_new_store_is_placed_from_a_pandas_frame(run: clustering.Run, sample_dir: Path) -> None:
    sales, _, _ = _inputs(sample_dir)
    first = sales["STORE_NBR"][0]
    new = sales.filter(STORE_NBR=first).with_columns(STORE_NBR=pl.lit("new one"))
    placed = run.predict(new.to_pandas()).filter(track="internal")
    assert set(placed["store_nbr"]) == {"new one"}
    assert placed["final_cluster"].null_count() == 0


def test_a_run_is_drawn_and_exported(run: clustering.Run, tmp_path: Path) -> None:
    for kind, mark in (("profiles", "rect"), ("clusters", "bar"), ("stores", "circle")):
        chart = run.plot(kind=kind).to_dict()
        assert chart["mark"]["type"] == mark
        assert all(rows for rows in chart["datasets"].values())
    written = run.export(tmp_path, "csv")
    assert [path.name for path in written] == ["stores.csv", "sales.csv"]
    assert pl.read_csv(written[0]).height == run.final.height


def test_a_run_opened_again_exports_the_same_from_inputs_that_lie_elsewhere(
    run: clustering.Run, tmp_path: Path
) -> None:
    catalog = run.saved.catalog
    again = clustering.open(catalog.data_dir, Path(catalog.data_dir).parent / "outputs")
    ours, theirs = run.export(tmp_path / "ours", "csv"), again.export(tmp_path / "theirs", "csv")
    assert {"cdt", "need_state"} <= set(pl.read_csv(theirs[1])["dimension"])
    assert [path.read_bytes() for path in ours] == [path.read_bytes() for path in theirs]


def test_hydra_of_a_notebook_stays_as_it_was(project: Path) -> None:
    (project / "mine").mkdir()
    (project / "mine/own.yaml").write_text("a: 1")
    with initialize_config_dir(str(project / "mine"), version_base="1.3"):
        ConfigStore.instance().store("base_config", {"b": 2})
        clustering.run(data_dir=project / "data", output_dir=project / "outputs")
        assert compose("own") == {"a": 1}
        assert compose("base_config") == {"b": 2}


def test_nothing_is_printed_and_the_last_run_is_opened(
    finished_dir: Path,
    project: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(project)
    done = clustering.run(overrides=["internal.model.k=2"])
    assert capfd.readouterr() == ("", "")
    assert clustering.open().final.equals(done.final)
    before = clustering.open(finished_dir / "data", finished_dir / "outputs")
    assert done.diff(before).categories.height > 0


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        ({"overrides": ["model.kmax=3"]}, ConfigError, "did you mean 'model.k_max'"),
        ({"overrides": ["-m"]}, ConfigError, "command line"),
        ({"sales": "no.csv"}, DataError, "no.csv"),
        ({"sales": [1, 2]}, DataError, "sales: got list"),
        ({"sales": pl.DataFrame({"a": [1]})}, DataError, "need_states"),
    ],
)
def test_mistakes_are_exceptions_of_ours(
    given: dict[str, Any],
    error: type[Exception],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=said):
        clustering.run(**given)


def test_missing_runs_tables_and_charts_are_told(run: clustering.Run, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no run"):
        clustering.open(tmp_path)
    with pytest.raises(ConfigError, match="did you mean 'stores'"):
        run.plot(kind="store")
    with pytest.raises(ConfigError, match="did you mean 'csv'"):
        run.export(tmp_path, "cvs")


def test_the_package_shows_public_names_alone() -> None:
    assert dir(clustering) == ["Run", "__version__", "errors", "models", "open", "run"]
