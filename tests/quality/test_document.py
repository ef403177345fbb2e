"""docs/quality.md is written section by section."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import pytest

from tests.quality import document
from tests.quality.parts import Part


def test_a_part_written_anew_keeps_the_other_sections_and_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = {"one": "1.0", "two": "2.0"}
    monkeypatch.setattr(
        document,
        "PARTS",
        {
            name: Part(f"Part {name}", "What it says.", lambda _, name=name: print(figures[name]))
            for name in ("one", "two")
        },
    )
    path, asked = tmp_path / "quality.md", Namespace(quick=False)
    for name in ("two", "one"):
        path.write_text(document.written(path, name, asked))
    figures["two"] = "2.5"
    path.write_text(document.written(path, "two", asked))
    text = path.read_text()
    assert text.index("## Part one") < text.index("## Part two")
    assert "```\n1.0\n```" in text
    assert "```\n2.5\n```" in text
    assert "2.0" not in text
    assert "python -m tests.quality --part two" in text
