from __future__ import annotations

import tomllib
from pathlib import Path

from clustering.ops.orchestration.web import REQUIREMENTS
from tests.conftest import command_in

ROOT = Path(__file__).parents[2]


def test_ui_without_dagster_says_what_to_install(tmp_path: Path) -> None:
    done = command_in(tmp_path, "ui", env={"PATH": str(tmp_path)})
    assert done.code == 2
    assert "error: Dagster is not installed" in done.err
    assert all(requirement in done.err for requirement in REQUIREMENTS)
    assert command_in(tmp_path, "ui", env={"CLUSTERING_DAGSTER": "nowhere"}).err.startswith(
        "error: CLUSTERING_DAGSTER=nowhere"
    )


def test_requirements_of_the_page_are_those_of_the_project() -> None:
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    assert groups["dagster"] == list(REQUIREMENTS)
