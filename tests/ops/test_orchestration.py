from __future__ import annotations

from pathlib import Path

from tests.conftest import command_in

ROOT = Path(__file__).parents[2]


def test_ui_without_dagster_says_what_to_install(tmp_path: Path) -> None:
    done = command_in(tmp_path, "ui", env={"PATH": str(tmp_path)})
    assert done.code == 2
    assert "error: Dagster is not installed" in done.err
    assert f"pip install -r {ROOT / 'clustering/ops/orchestration/requirements.txt'}" in done.err
    assert command_in(tmp_path, "ui", env={"CLUSTERING_DAGSTER": "nowhere"}).err.startswith(
        "error: CLUSTERING_DAGSTER=nowhere"
    )
