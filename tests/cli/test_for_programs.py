"""What programs read: JSON of a stated form, exit codes, output without redraws, closed pipes."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.conftest import clean_environment, command_in
from tests.docs.answers import SCHEMAS


def closed(node: Any) -> Any:
    """A schema that refuses fields it does not name."""
    if isinstance(node, list):
        return [closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    found = {name: closed(value) for name, value in node.items()}
    return found | ({"additionalProperties": False} if "properties" in found else {})


def valid(text: str, name: str) -> dict[str, Any]:
    """The JSON in `text`, held against the schema in the docs."""
    answer: dict[str, Any] = json.loads(text)
    schema = json.loads((SCHEMAS / f"{name}-1.json").read_text(encoding="utf-8"))
    Draft202012Validator(closed(schema)).validate(answer)
    assert answer["schema"] == f"clustering/{name}/1"
    assert next(iter(answer)) == "schema"
    return answer


def test_a_schema_that_is_closed_refuses_another_field() -> None:
    with pytest.raises(Exception, match="unexpected"):
        valid('{"schema": "clustering/jobs/1", "jobs": [], "more": 1}', "jobs")


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("jobs", "jobs"),
        ("status", "status"),
        ("check", "check"),
        ("compare current", "compare"),
        ("versions", "versions"),
        ("verify current", "verify"),
        ("run", "run"),
        ("run internal_ml", "run"),
        ("train track=external", "run"),
    ],
)
def test_json_is_of_the_form_in_the_docs(words: str, name: str, project: Path) -> None:
    done = command_in(project, *words.split(), "--format", "json")
    assert done.code == 0, done.err
    valid(done.out, name)


def test_versions_are_listed_and_verified_as_json(project: Path) -> None:
    assert command_in(project, "publish", "--approver", "Ann").code == 0
    listed = valid(command_in(project, "versions", "--format", "json").out, "versions")
    assert [row["approver"] for row in listed["versions"]] == ["Ann"]
    table = next((project / "outputs/versions/1/data").rglob("assignments.parquet"))
    table.chmod(0o644)
    table.write_bytes(b"changed")
    done = command_in(project, "verify", "--format", "json")
    assert done.code == 1
    answer = valid(done.out, "verify")
    assert not answer["intact"]
    assert "assignments.parquet" in answer["faults"]["v1"][0]


def test_a_run_says_what_was_done_and_what_came_out(fresh_project: Path) -> None:
    done = command_in(fresh_project, "run", "--format", "json", "--progress", "json")
    assert done.code == 0, done.err
    answer = valid(done.out, "run")
    assert [stage["fresh"] for stage in answer["stages"]] == [False] * 11
    assert len(answer["categories"]) == 2
    assert all(row["final_k"] >= 1 and row["internal_k"] >= 1 for row in answer["categories"])
    assert (fresh_project / answer["page"]).is_file()
    assert all((fresh_project / table).is_file() for table in answer["tables"])
    events = [valid(line, "progress") for line in done.err.splitlines() if line.startswith("{")]
    fits = [event for event in events if event["stage"] == "internal/train"]
    assert [(event["event"], event["done"], event["of"]) for event in fits] == [
        ("started", 0, 2),
        ("advanced", 1, 2),
        ("advanced", 2, 2),
        ("finished", 2, 2),
    ]


def test_a_sweep_answers_with_its_leaderboard(project: Path) -> None:
    words = ("--format", "json", "-m", "features.outlier_share=0,0.01")
    done = command_in(project, "features", *words)
    assert done.code == 0, done.err
    assert len(valid(done.out, "compare")["scenarios"]) == 2


def test_quiet_prints_nothing(project: Path) -> None:
    done = command_in(project, "run", "--quiet", "--force", "report.page=false")
    assert (done.code, done.out, done.err) == (0, "", "")


def test_check_of_the_status_tells_by_the_exit_code(project: Path) -> None:
    assert command_in(project, "status", "--check").code == 0
    done = command_in(project, "status", "--check", "--format", "json", "internal.model.k=2")
    assert done.code == 5
    assert "internal/train (model.k: None -> 2)" in done.err
    assert not valid(done.out, "status")["fresh"]


def test_without_a_terminal_nothing_is_drawn_again(project: Path) -> None:
    """CI services ask for colours (FORCE_COLOR), and have no terminal all the same."""
    done = command_in(project, "run", "--force", env={"FORCE_COLOR": "1"})
    assert done.code == 0, done.err
    assert "\r" not in done.err
    assert not any(f"\x1b[{code}" in done.err for code in ("1A", "2K", "?25l"))
    assert done.err.count("merged") == 1


@pytest.mark.parametrize("words", ["run", "--help", "jobs", "status --format json"])
def test_a_pipe_that_closes_early_is_no_failure(words: str, project: Path) -> None:
    command = f"set -o pipefail; {shlex.quote(sys.executable)} -m clustering {words} | head -n 1"
    environment = clean_environment()
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1
