"""What a command prints: results as they are, messages without secrets, also when nobody reads."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import PATIENCE, clean_environment, command_in


def test_results_are_not_redacted(finished_dir: Path) -> None:
    env = {"TOKENIZERS_PARALLELISM": "true", "PGPASSWORD": "00012", "API_TOKEN": "stage"}
    done = command_in(finished_dir, "status", "--format", "json", env=env)
    assert json.loads(done.out)["stages"][0]["stage"] == "internal/preprocess"
    plain = command_in(finished_dir, "status", "--format", "json")
    assert done.out == plain.out


def test_dumps_of_settings_are_redacted(fresh_project: Path) -> None:
    done = command_in(
        fresh_project,
        "train",
        "--cfg",
        "job",
        "source.sales=tulips-and-roses.parquet",
        env={"SHOP_PWD": "tulips-and-roses"},
    )
    assert done.code == 0, done.err
    assert "tulips" not in done.out


def test_a_reader_that_goes_away_does_not_end_the_work(fresh_project: Path) -> None:
    """As in `clustering run 2>&1 | head -1`."""
    reader, writer = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-m", "clustering", "run", "report.page=false"],
        cwd=fresh_project,
        env=clean_environment(),
        stdout=writer,
        stderr=writer,
    )
    os.close(writer)
    os.close(reader)
    assert process.wait(timeout=PATIENCE) == 0
    assert (fresh_project / "data" / "dev" / "merged" / "manifest.json").exists()


def test_a_terminal_without_the_characters_shows_their_codes(fresh_project: Path) -> None:
    env = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = command_in(fresh_project, "run", "source.sales=sälès.parquet", env=env)
    assert done.code in (2, 3)
    assert "s\\xe4l\\xe8s.parquet" in done.err


def test_status_and_jobs_fit_80_columns(finished_dir: Path) -> None:
    for words in (["jobs"], ["status", "model.k=3"]):
        lines = command_in(finished_dir, *words).out.splitlines()
        assert len(lines) > 10
        assert max(map(len, lines)) <= 80
