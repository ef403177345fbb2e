"""The summary at the end of a run: what to look at first, in whole words, on 80 columns."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console

from clustering.cli.progress import bar
from clustering.registry import STAGES, Stage
from clustering.results.end_of_run.summary import print_summary
from clustering.results.end_of_run.summary_parts import _with_what_to_look_at
from clustering.store.catalog import Catalog

CATEGORIES = ["BEER", "MILK", "SOUP", "TEA"]


class Tables:
    """Tables of the merge with four categories: MILK and SOUP are unsure, so is TEA, where one plan
    will do; BEER sells most.
    """

    def read(self, _: Stage, table: str) -> pl.DataFrame:
        columns: dict[str, Any] = {
            "clusters": {"category": CATEGORIES, "sales": [9.0, 2.0, 1.0, 3.0]},
            "summary": {"category": CATEGORIES},
            "plans": {
                "category": CATEGORIES,
                "plans": [2, 2, 2, 1],
                "sureness": ["sure", "rather unsure", "unsure", "unsure"],
            },
            "worth": {"category": CATEGORIES, "final_cluster": [None] * 4, "gain": [0.1] * 4},
        }
        return pl.DataFrame(columns[table])


def test_categories_to_look_at_come_first_by_sales() -> None:
    found = _with_what_to_look_at(Tables())  # type: ignore[arg-type]
    assert found.select("category", "look").rows() == [
        ("MILK", "rather unsure"),
        ("SOUP", "unsure"),
        ("BEER", None),
        ("TEA", None),
    ]


def summary(folder: Path, page: Path, width: int) -> str:
    """The summary as a terminal of `width` columns shows it."""
    catalog = Catalog(str(folder / "data"), str(folder / "outputs"), "dev")
    out = io.StringIO()
    print_summary(Console(file=out, width=width, force_terminal=True), catalog, STAGES, page)
    return re.sub(r"\x1b\[[\d;]*m", "", out.getvalue())


def test_no_word_is_broken_on_80_columns(finished_dir: Path, tmp_path: Path) -> None:
    narrow, wide = (summary(finished_dir, tmp_path, width) for width in (80, 1000))
    *lines, _files = narrow.splitlines()
    assert max(map(len, lines)) <= 80
    assert set(narrow.split()) <= set(wide.split())


def test_a_terminal_sees_stage_categories_done_and_time_left() -> None:
    out, now = io.StringIO(), [0.0]
    with bar(Console(file=out, width=80, get_time=lambda: now[0])) as shown:
        stage = shown.add_task("internal/train", total=302, category="BAKED BREAD/BUNS/ROLLS")
        for _ in range(2):
            now[0] += 0.05
            shown.update(stage, advance=1)
        shown.add_task("merged", total=None, category="")
        Console(file=out, width=80).print(shown.get_renderable())
    first, second = out.getvalue().splitlines()[:2]
    assert "internal/train" in first
    assert re.search(r" 2/302, 0:\d\d left ", first)
    assert "BAKED BREAD" in first
    assert "0 s" in second
