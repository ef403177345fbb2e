"""Print how fast we are beside rivals, in one run, and how time and memory grow."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.benchmarks.aggregation import aggregation
from tests.benchmarks.chain import chain
from tests.benchmarks.demo import demo
from tests.benchmarks.entities import entities
from tests.benchmarks.measure import HEADER, Row
from tests.benchmarks.page import write_page
from tests.benchmarks.sales_rows import ENDING
from tests.benchmarks.selection import selection
from tests.benchmarks.start_up import start_up

# selection last: it grows this process, and a process counts the memory of the one that started it
PARTS = ("start_up", "aggregation", "chain", "entities", "demo", "selection")


def _size(text: str) -> tuple[int, int]:
    categories, stores = text.split("x")
    return int(categories), int(stores)


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="nox -s bench --", description=__doc__)
    parser.add_argument(
        "--part", choices=PARTS, action="append", help="only this part; may be repeated"
    )
    parser.add_argument(
        "--rows",
        type=int,
        nargs="*",
        default=[1_000_000, 10_000_000],
        help="sizes of the sales table",
    )
    parser.add_argument(
        "--keys", choices=["integer", "text"], nargs="*", default=["integer", "text"]
    )
    parser.add_argument(
        "--layouts",
        choices=list(ENDING),
        nargs="*",
        default=["files", "dictionary"],
        help="how the sales lie on disk",
    )
    parser.add_argument("--runs", type=int, default=3, help="runs of each aggregation")
    parser.add_argument("--against", help="a commit, whose aggregation is one more rival")
    parser.add_argument(
        "--stores", type=int, default=5_000, help="stores of the selection benchmark"
    )
    parser.add_argument(
        "--many-stores", type=int, default=0, help="stores of its second size, for example 100000"
    )
    parser.add_argument(
        "--chain",
        type=_size,
        nargs="*",
        default=[(10, 1_000)],
        help="sizes as CATEGORIESxSTORES: 300x2000",
    )
    parser.add_argument(
        "--entities",
        type=int,
        nargs="*",
        default=[10_000, 100_000],
        help="sizes of the external track",
    )
    parser.add_argument(
        "--pycaret", help="an interpreter that has PyCaret; `nox -s quality` makes one"
    )
    parser.add_argument(
        "--write", action="store_true", help="write docs/speed.md and its picture, too"
    )
    asked = parser.parse_args()
    rows = []
    print(HEADER)
    with tempfile.TemporaryDirectory() as name:
        for row in _rows(Path(name), asked):
            rows.append(row)
            print(row, flush=True)
    if asked.write:
        words = sys.argv[1:]
        if asked.pycaret:  # nox says where it is
            place = words.index("--pycaret")
            words = words[:place] + words[place + 2 :]
        write_page(rows, words)


def _rows(folder: Path, asked: argparse.Namespace) -> Iterator[Row]:
    parts: dict[str, Callable[[Path], Iterator[Row]]] = {
        "start_up": lambda place: start_up(place),
        "selection": lambda _: selection(asked.stores, asked.many_stores),
        "aggregation": lambda place: aggregation(
            place, asked.rows, asked.keys, asked.layouts, asked.runs, asked.against
        ),
        "chain": lambda place: chain(place, asked.chain, asked.pycaret),
        "entities": lambda place: entities(place, asked.entities),
        "demo": lambda place: demo(place, asked.against),
    }
    for part in asked.part or PARTS:
        place = folder / part
        place.mkdir(exist_ok=True)
        yield from parts[part](place)


if __name__ == "__main__":
    main()
