"""Commands that have nothing to compute."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.measure import Row, clustering, cost, python

TYPER = """
import sys, typer
app = typer.Typer()
@app.command()
def one(): pass
@app.command()
def two(): pass
sys.argv = ['x', '--help']
app()
"""


def start_up(folder: Path) -> Iterator[Row]:
    """`--help` against a bare Typer program; a run in which all is fresh against importing Hydra
    and Polars.
    """
    yield Row(
        "start-up",
        "clustering --help",
        cost(clustering("--help"), runs=7),
        "bare Typer, --help",
        cost(python(TYPER), runs=7),
    )
    cost(
        clustering("sample", "data", "--stores", "60", "--categories", "2"),
        folder,
        runs=1,
        warm_up=False,
    )
    imports = cost(python("import hydra, polars"), runs=7)
    for words in (("run",), ("status",)):
        yield Row(
            "start-up",
            f"clustering {words[0]}, all fresh",
            cost(clustering(*words), folder, runs=7),
            "import hydra, polars",
            imports,
        )
