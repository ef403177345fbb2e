"""The contracts of the command line, kept by the real command on real files."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from sklearn.metrics import adjusted_rand_score

from clustering.registry import JOBS, STAGES
from tests.conftest import command_in
from tests.e2e.snapshot import tables

STAGE_COMMANDS = [
    [stage.name] if stage.name == "merge" else [stage.name, f"track={stage.track}"]
    for stage in STAGES
]


def _made(err: str) -> list[str]:
    """The stages that ran, from the progress lines."""
    lines = [
        line.split()
        for line in err.splitlines()
        if (line.endswith(" s") and "/" in line.split()[0]) or "merged" in line
    ]
    return [words[0] for words in lines if "skipped" not in words]


def _agreement(folder: Path, track: str) -> list[float]:
    found = pl.read_parquet(folder / f"data/dev/{track}/assign/assignments.parquet")
    truth = pl.read_parquet(folder / f"data/truth/{track}.parquet")
    if "category" not in truth.columns:
        truth = truth.with_columns(pl.lit("ALL").alias("category"))
    both = found.join(
        truth.filter(pl.col("cluster") >= 0), on=["category", "store_nbr"], suffix="_true"
    )
    return [
        adjusted_rand_score(part["cluster_true"], part["cluster"])
        for part in both.partition_by("category")
    ]


@pytest.mark.parametrize("track", ["internal", "external"])
def test_planted_clusters_are_found(track: str, tmp_path: Path) -> None:
    assert command_in(tmp_path, "sample", "data", "--stores", "240", "--categories", "3").code == 0
    done = command_in(tmp_path, "run", f"{track}_preprocessing")
    assert done.code == 0, done.err
    assert command_in(tmp_path, "run", f"{track}_ml").code == 0
    verdicts = pl.read_parquet(tmp_path / f"data/dev/{track}/train/verdicts.parquet")
    assert verdicts["k"].to_list() == [4] * verdicts.height
    assert min(_agreement(tmp_path, track)) >= 0.95


def test_every_store_of_every_category_ends_with_a_final_cluster(finished_dir: Path) -> None:
    merged = pl.read_parquet(finished_dir / "data/dev/merged/assignments.parquet")
    sales = pl.read_parquet(finished_dir / "data/raw/sales.parquet")
    entered = sales.select(category="CATEGORY", store_nbr="STORE_NBR").unique()
    assert merged.select("category", "store_nbr").sort(pl.all()).equals(entered.sort(pl.all()))
    assert merged["final_cluster"].null_count() == 0


def test_leading_zeros_come_out_as_they_went_in(finished_dir: Path) -> None:
    merged = pl.read_parquet(finished_dir / "data/dev/merged/assignments.parquet")
    assert merged["store_nbr"].str.len_chars().unique().to_list() == [5]
    assert "00001" in merged["store_nbr"]


def test_second_run_skips_everything(project: Path) -> None:
    before = tables(project)
    done = command_in(project, "run")
    assert done.code == 0
    assert done.err.count("fresh, skipped") == len(STAGES)
    assert tables(project) == before


def test_stages_one_by_one_in_a_shell_script_give_the_bytes_of_run(
    finished_dir: Path, fresh_project: Path
) -> None:
    command = f"{sys.executable} -m clustering"
    script = "set -e\n" + "\n".join(f"{command} {' '.join(words)}" for words in STAGE_COMMANDS)
    done = subprocess.run(
        ["bash", "-c", script], cwd=fresh_project, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert len(STAGE_COMMANDS) == 11
    assert tables(fresh_project) == tables(finished_dir)


def test_each_job_runs_alone_by_name(finished_dir: Path, fresh_project: Path) -> None:
    for name in list(JOBS)[:5]:
        done = command_in(fresh_project, "run", f"{name}_job")
        assert done.code == 0, done.err
        assert _made(done.err) == [stage.key for stage in JOBS[name].stages]
    assert tables(fresh_project) == tables(finished_dir)


@pytest.mark.parametrize("setting", ["executor.workers=1", "executor.workers=2"])
def test_number_of_workers_does_not_show_in_the_bytes(
    setting: str, tmp_path: Path, sample_dir: Path
) -> None:
    shutil.copytree(sample_dir, tmp_path / "project")
    done = command_in(tmp_path / "project", "run", setting, "model.k_max=4")
    assert done.code == 0, done.err
    reference = tmp_path / "reference"
    shutil.copytree(sample_dir, reference)
    assert command_in(reference, "run", "model.k_max=4").code == 0
    assert tables(tmp_path / "project") == tables(reference)


def test_changed_train_setting_reruns_what_depends_on_it_and_status_says_so(project: Path) -> None:
    after = [
        f"{track}/{name}"
        for track in ("internal", "external")
        for name in ("train", "assign", "analyze")
    ]
    said = command_in(project, "status", "model.k_max=6")
    stale = [line.split()[0] for line in said.out.splitlines() if " stale " in line]
    assert stale == [*after, "merged"]
    assert "model.k_max: 10 -> 6" in said.out
    assert _made(command_in(project, "run", "model.k_max=6").err) == [*after, "merged"]


def test_setting_addressed_to_one_track_leaves_the_other_alone(project: Path) -> None:
    made = _made(command_in(project, "run", "internal.model.k_max=6").err)
    assert made == ["internal/train", "internal/assign", "internal/analyze", "merged"]


def test_changed_raw_file_reruns_what_reads_it(project: Path) -> None:
    path = project / "data/raw/external/competition.csv"
    path.write_text("\n".join(path.read_text().splitlines()[:-3]) + "\n")
    said = command_in(project, "status").out
    assert "input external changed" in said
    made = _made(command_in(project, "run").err)
    # attributes also place stores that have no sales, so the internal track is assigned anew, but
    # not trained
    placed_anew = ("internal/assign", "internal/analyze")
    assert made == [
        stage.key for stage in STAGES if stage.track != "internal" or stage.key in placed_anew
    ]


def test_touched_but_equal_raw_file_reruns_nothing(project: Path) -> None:
    path = project / "data/raw/sales.parquet"
    path.write_bytes(path.read_bytes())
    assert _made(command_in(project, "run").err) == []


def test_environments_keep_their_results_apart(project: Path) -> None:
    before = tables(project)
    assert command_in(project, "preprocess", "env=staging").code == 0
    assert (project / "data/staging/internal/preprocess/values.parquet").exists()
    assert tables(project) == before


def test_manifest_accounts_for_every_row(finished_dir: Path) -> None:
    manifest = json.loads((finished_dir / "data/dev/internal/preprocess/manifest.json").read_text())
    for outcomes in manifest["rows"]["reconciliation"].values():
        assert outcomes["read"] == sum(rows for name, rows in outcomes.items() if name != "read")
    assert {
        "fingerprint",
        "code_version",
        "seed",
        "packages",
        "inputs",
        "duration_seconds",
    } <= manifest.keys()


def test_config_dump_goes_to_stdout_and_runs_nothing(fresh_project: Path) -> None:
    done = command_in(fresh_project, "train", "--cfg", "job")
    assert done.code == 0
    assert "k_max: 10" in done.out
    assert not (fresh_project / "data/dev").exists()


def test_init_makes_a_folder_whose_settings_count(tmp_path: Path, sample_dir: Path) -> None:
    assert command_in(tmp_path, "init", "mine").code == 0
    shutil.copytree(sample_dir / "data/raw", tmp_path / "mine/data/raw", dirs_exist_ok=True)
    settings = tmp_path / "mine/conf/merge/default.yaml"
    settings.write_text("min_cluster_size: 33\n")
    done = command_in(tmp_path / "mine", "merge", "--cfg", "job")
    assert "min_cluster_size: 33" in done.out


def test_own_group_from_config_dir(fresh_project: Path) -> None:
    (fresh_project / "own/model").mkdir(parents=True)
    (fresh_project / "own/model/few.yaml").write_text("defaults: [gmm, _self_]\nk_max: 3\n")
    done = command_in(fresh_project, "train", "--config-dir", "own", "--cfg", "job", "model=few")
    assert done.code == 0, done.err
    assert "k_max: 3" in done.out


def test_no_colour_where_it_is_not_wanted(project: Path) -> None:
    done = command_in(project, "run", env={"NO_COLOR": "1", "FORCE_COLOR": ""})
    assert "\x1b[" not in done.out + done.err


@pytest.mark.parametrize(
    "words",
    [
        ["--cfg", "job", "model.k_max=7"],
        ["model.k_max=7", "--cfg", "job"],
        ["model.k_max=7", "-c", "job"],
    ],
)
def test_flags_may_stand_anywhere(words: list[str], fresh_project: Path) -> None:
    done = command_in(fresh_project, "train", *words)
    assert done.code == 0, done.err
    assert "k_max: 7" in done.out


@pytest.mark.parametrize("words", [["--hydra-help"], ["--info"], ["--info", "searchpath"]])
def test_flags_of_hydra_that_only_print_work(words: list[str], fresh_project: Path) -> None:
    done = command_in(fresh_project, "train", *words)
    assert done.code == 0, done.err
    assert done.out
    assert not (fresh_project / "data/dev").exists()
