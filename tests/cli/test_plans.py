"""`clustering plans`: a proposal, and settings that bring it about."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl

from tests.conftest import command_in


def test_the_proposal_can_be_run(project: Path) -> None:
    answer = json.loads(command_in(project, "plans", "--format", "json").out)
    worth, now = (sum(row[name] for row in answer["proposal"]) for name in ("worth", "worth_now"))
    assert worth >= now > 0  # as many plans as there are are worth no less
    least = min(row["plans"] for row in answer["curve"])
    assert sum(row["plans_now"] for row in answer["proposal"]) > least
    done = command_in(
        project, "plans", "--budget", str(least), "--write", "own/experiment/budget.yaml"
    )
    assert done.code == 0, done.err
    assert "total worth by number of plans" in done.out
    words = done.out.split("use it: clustering ")[1].split()
    assert words == ["run", "--config-dir", "own", "experiment=budget"]
    done = command_in(project, *words, "report.page=false")
    assert done.code == 0, done.err
    summary = pl.read_parquet(project / "data/dev/merged/summary.parquet")
    assert summary["final_k"].to_list() == [1] * summary.height
    too_few = command_in(project, "plans", "--budget", "1")
    assert too_few.code == 2
    assert "--budget 1: too few for 2 categories; use 2-" in too_few.err
