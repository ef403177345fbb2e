"""Every command of docs/tutorial.md, on the public panel."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import polars as pl
import pytest

from tests.conftest import Result, command_in

PAGE = (Path(__file__).parents[2] / "docs/tutorial.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r'```csv title="(\S+)"\n(.*?)```', PAGE, re.DOTALL))
COMMANDS = [
    line
    for block in re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tutorial")
    for name, content in FILES.items():
        (folder / name).write_text(content, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def done(folder: Path) -> dict[str, Result]:
    """How each command ended, in the order of the page."""
    return {line: command_in(folder, *shlex.split(line)[1:]) for line in COMMANDS}


def test_every_command_ends_well(done: dict[str, Result]) -> None:
    assert len(done) > 8
    assert {line: end.err for line, end in done.items() if end.code} == {}


def test_the_results_are_those_of_the_page(done: dict[str, Result], folder: Path) -> None:
    final = pl.read_parquet(folder / "data/dev/merged/assignments.parquet")
    assert final["store_nbr"].n_unique() == 457
    assert final["category"].n_unique() == 302
    assert final.filter(category="BEEF", store_nbr="286")["final_cluster"].item() == "A"
    placed = pl.read_csv(folder / "placed.csv", infer_schema=False)
    beef = placed.filter(category="BEEF", track="internal")
    assert beef["assigned_by"].item() == "model"
    assert set(placed.filter(pl.col("category") == "CHEESE")["reason"]) != {None}
    assert re.search(r"^final: .* 1 moved", done["clustering diff v1"].out, re.MULTILINE)
