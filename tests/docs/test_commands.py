"""The commands of docs/how-to/missing-inputs.md do what the page says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import polars as pl
import pytest

from tests.conftest import command_in

PAGE = Path(__file__).parents[2] / "docs/how-to/missing-inputs.md"
BLOCK = re.search(r"runs these commands -->\n```bash\n(.*?)```", PAGE.read_text(), re.DOTALL)
COMMANDS = [
    line
    for line in (BLOCK[1] if BLOCK else "").replace("\\\n", "").splitlines()
    if not line.startswith("#")
]


@pytest.fixture(scope="module")
def folder(sample_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the sample's sales in every shape of the page."""
    folder = tmp_path_factory.mktemp("shapes")
    (folder / "data/raw/external").mkdir(parents=True)
    raw = sample_dir / "data/raw"
    for path in (raw / "external").iterdir():
        (folder / "data/raw/external" / path.name).write_bytes(path.read_bytes())
    sales = pl.read_parquet(raw / "sales.parquet")
    need_states = pl.read_csv(raw / "need_states.csv", infer_schema=False)
    (folder / "data/raw/need_states.csv").write_bytes((raw / "need_states.csv").read_bytes())
    data = folder / "data"
    sales.with_columns(QTY=pl.lit(2), PRICE=pl.col("TOTAL_SALES") / 2).drop(
        "TOTAL_SALES"
    ).write_csv(data / "pos.csv")
    sales.pivot(
        "SKU_NBR", index="STORE_NBR", values="TOTAL_SALES", aggregate_function="sum"
    ).write_csv(data / "wide.csv")
    sales.drop("CATEGORY").write_csv(data / "no_category.csv")
    need_states.select("SKU_NBR", "NEED_STATE").write_csv(data / "map.csv")
    products = need_states.select(
        "SKU_NBR", SIZE=pl.col("ATTRIBUTE_2"), FLAVOUR=pl.col("ATTRIBUTE_1")
    )
    sales.join(products, on="SKU_NBR").write_csv(data / "products.csv")
    return folder


def test_the_page_has_all_seven_commands() -> None:
    assert len(COMMANDS) == 7


@pytest.mark.parametrize("place", range(7))
def test_command_of_the_page_places_every_store(place: int, folder: Path) -> None:
    words = shlex.split(COMMANDS[place].replace("\\'", "'\"'\"'"))[1:]
    done = command_in(folder, *words)
    assert done.code == 0, done.err
    merged = pl.read_parquet(folder / "data/dev/merged/assignments.parquet")
    assert merged["store_nbr"].n_unique() == 120
    assert merged["final_cluster"].null_count() == 0
