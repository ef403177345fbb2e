"""Fifty categories with hostile names: nothing on the terminal acts, and no name is lost."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import polars as pl
import pytest

from clustering.sample.write import write_sample
from tests import hostile
from tests.conftest import Result, command_in

ACTS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]")
RUN = ("run", "report.page=false", "internal.model.k=2", "external.model.k=2", "executor.workers=1")


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    folder = tmp_path_factory.mktemp("names")
    names = list(hostile.NAMES)
    list(
        write_sample(folder / "data", stores=24, categories=len(names), clusters=2, weeks=2, seed=9)
    )
    raw = folder / "data" / "raw"
    sales = pl.read_parquet(raw / "sales.parquet")
    renamed = dict(zip(sales["CATEGORY"].unique().sort(), names, strict=True))
    sales.with_columns(pl.col("CATEGORY").replace(renamed)).write_parquet(raw / "sales.parquet")
    map_ = pl.read_csv(raw / "need_states.csv", infer_schema=False)
    map_.with_columns(pl.col("CATEGORY").replace(renamed)).write_parquet(raw / "map.parquet")
    done = command_in(folder, *RUN, "source.need_states=data/raw/map.parquet")
    assert done.code == 0, done.err
    return folder, done


def test_the_terminal_shows_codes_and_not_their_effects(ran: tuple[Path, Result]) -> None:
    _, done = ran
    assert not ACTS.search(done.out)
    assert not ACTS.search(done.err)


def test_tables_and_csv_have_every_name(ran: tuple[Path, Result]) -> None:
    folder, _ = ran
    found = pl.read_parquet(folder / "data/dev/merged/assignments.parquet")["category"]
    assert set(found) == {_cleaned(name) for name in hostile.NAMES}
    done = command_in(folder, "export", "--format", "csv", "--output", "safe")
    assert done.code == 0, done.err
    done = command_in(
        folder,
        "export",
        "--format",
        "csv",
        "--output",
        "exact",
        "report.csv_for_spreadsheets=false",
    )
    assert done.code == 0, done.err
    cells = [cell for path in (folder / "safe").rglob("*.csv") for cell in _cells(path)]
    assert not [cell for cell in cells if cell[:1] in tuple("=+@\t\r\n＝＋－＠")]
    exact = {cell for path in (folder / "exact").rglob("*.csv") for cell in _cells(path)}
    assert set(found) <= exact


def _cleaned(name: str) -> str:
    """As the inputs are: control characters are spaces, and spaces are single."""
    return " ".join(re.sub(ACTS, " ", name).split())


def _cells(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return [cell for row in csv.reader(file) for cell in row]
