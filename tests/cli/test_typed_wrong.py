"""Words typed wrong, of every kind: one line with the right suggestion, exit code 2."""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl
import pytest

from clustering.cli.app import main
from tests.conftest import command_in

# what is typed -> the end of the line that answers it
TYPOS = {
    # commands and jobs
    "rn": "rn: no such command, did you mean 'run'?",
    "trian track=internal": "did you mean 'train'?",
    "internal_ml": "did you mean 'clustering run internal_ml'?",
    "merge.min_gain=0": "did you mean 'clustering run merge.min_gain=0'?",
    "run internal_lm": "internal_lm: no such job, did you mean 'internal_ml'?",
    "run full": "did you mean 'full_pipeline'?",
    "run Merging": "did you mean 'merging'?",
    # flags
    "train --multrun": "--multrun: no such option, did you mean '--multirun'?",
    "status --formt json": "did you mean '--format'?",
    "run --forse": "did you mean '--force'?",
    "--vers": "did you mean '--version'?",
    "sample data --stors 3": "did you mean '--stores'?",
    "train --model.k 4": "a setting is typed without dashes: model.k=4",
    "run --env=prod": "a setting is typed without dashes: env=prod",
    "export --format xls": "did you mean 'xlsx'?",
    "train --cfg jo": "did you mean 'job'?",
    "train --cfg": "--cfg needs a value",
    "report --run": "--run needs a value",
    # keys
    "train model.kk=3": "model.kk: no such setting, did you mean 'model.k'?",
    "train +model.kk=3": "did you mean 'model.k'?",
    "train ++model.kmax=3": "did you mean 'model.k_max'?",
    "train k_max=6": "did you mean 'model.k_max'?",
    "run Model.k=3": "did you mean 'model.k'?",
    "train sel=auto": "did you mean 'select'?",
    "run expriment=fast": "did you mean 'experiment'?",
    "run +experimnt=fast": "did you mean 'experiment'?",
    "run source.salse=x": "did you mean 'source.sales'?",
    "run internl.model.k=3": "did you mean 'internal.model.k'?",
    "run internal.model.kk=3": "did you mean 'internal.model.k'?",
    "train internal.model.kk=3": "did you mean 'internal.model.k'?",
    "diff v1 reprot.page=false": "did you mean 'report.page'?",
    "train model.weighted=true": "has no such setting; it is one of model=kmeans",
    # words without a value
    "train internal": "did you mean 'track=internal'?",
    "train kmeans": "did you mean 'model=kmeans'?",
    "train model.k": "did you mean 'model.k=VALUE'?",
    "train model.k==3": "did you mean 'model.k=3'?",
    "train model=": "model= needs a value; options: ",
    "train model.k=": "model.k needs a value",
    "train ~model.k": "model.k cannot be removed; set it to another value, or to null",
    # values
    "train model=kmean": "model=kmean: no such option, did you mean 'kmeans'?",
    "run external.model=kmean": "did you mean 'kmeans'?",
    "run -m model=gmm,kmean": "did you mean 'kmeans'?",
    "train track=intrnal": "did you mean 'internal'?",
    "run env=prd": "did you mean 'prod'?",
    "run source=completejourney": "did you mean 'complete_journey'?",
    "run hydra/launcher=basci": "did you mean 'basic'?",
    "train select.rule=bicc": "did you mean 'bic'?",
    "train log.level=inf": "did you mean 'info'?",
    "run report.page=ture": "did you mean 'true'?",
    "train model.k_max=abc": "abc is not a whole number",
    "train model.k_max=3.5": "3.5 is not a whole number",
    "train seed=null": "seed needs a value",
    "train model.k=-3": "model.k=-3 is out of range; use 1 to 1000",
    "run model.k_min=9 model.k_max=4": "swap them or set model.k",
    "compare --sort heldout": "did you mean 'heldout_r2'?",
    # values that need quotes
    "train source.sales=a(b).csv": """put the value in quotes: 'source.sales="a(b).csv"'""",
    "train source.sales=a=b.csv": """'source.sales="a=b.csv"'""",
    "train source.sales=a#b.csv": """'source.sales="a#b.csv"'""",
    "train source.sales=[a": """'source.sales="[a"'""",
    "train source.sales=a,b.csv": """'source.sales="a,b.csv"'""",
    "run source.external=a.csv,b.csv": "a list needs brackets: 'source.external=[a.csv,b.csv]'",
    "run source.external=[a.csv, b.csv]": "needs quotes: 'source.external=[a.csv, b.csv]'",
    "run model=gmm,kmeans": "add -m: clustering run -m model=gmm,kmeans",
}


@pytest.mark.parametrize("typed", TYPOS)
def test_one_line_says_what_was_meant(
    typed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["clustering", *typed.split(" ")])
    with pytest.raises(SystemExit) as ended:
        main()
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1, told.err
    assert told.err.startswith("error: ")
    assert TYPOS[typed] in told.err
    assert ended.value.code == 2


@pytest.mark.parametrize("command", ["train", "features", "merge", "versions", "report"])
def test_settings_of_a_track_are_read_by_every_command(tmp_path: Path, command: str) -> None:
    wrong = command_in(tmp_path, command, "internal.model.k=0")
    assert wrong.code == 2
    assert "model.k=0 is out of range" in wrong.err
    assert command_in(tmp_path, command, "internal.model.k=4").code != 2


def test_a_stage_uses_what_is_addressed_to_its_track(project: Path) -> None:
    done = command_in(project, "train", "internal.model.k=2", "external.model.k=3")
    assert done.code == 0, done.err
    assert "external.model.k=3 has no effect on track=internal" in done.err
    verdicts = pl.read_parquet(project / "data/dev/internal/train/verdicts.parquet")
    assert verdicts["k"].unique().to_list() == [2]


def test_settings_of_ones_own_need_the_folder_they_are_in(tmp_path: Path) -> None:
    (tmp_path / "conf" / "experiment").mkdir(parents=True)
    (tmp_path / "conf/experiment/own.yaml").write_text("# @package _global_\nseed: 7\n")
    done = command_in(tmp_path, "train", "experiment=own")
    assert done.code == 2
    told = "experiment=own: no such option; to use conf/experiment/own.yaml add "
    advice = done.err.split(told)[1].split()
    assert advice == ["--config-dir", "conf"]
    shown = command_in(tmp_path, "train", *advice, "--cfg", "job", "experiment=own")
    assert "seed: 7" in shown.out, shown.err
