"""docs/quality.md: one section for each part, with the figures as the command printed them."""

from __future__ import annotations

import io
import os
import platform
import textwrap
from argparse import Namespace
from contextlib import redirect_stdout
from importlib.metadata import version
from pathlib import Path

from tests.quality.parts import PARTS

TITLE = "# How good the clusters are"
ABOUT = (
    "Written by `python -m nox -s quality -- --output docs/quality.md`, which takes about half an "
    "hour; `--part NAME` writes one section anew. nox makes an environment of its own for PyCaret "
    "3.3.2, which needs an older scikit-learn, and mclust runs where R has it. Rules and limits "
    "were chosen on development seeds and on the public panel. Figures of generated tables are of "
    "other seeds, which were new when they were scored here. "
    "[method.md](method.md) says what is computed."
)
WIDTH = 120


def written(document: Path, name: str, asked: Namespace) -> str:
    """Run the part `name` and give the text of the document with its section new."""
    found = io.StringIO()
    with redirect_stdout(found):
        PARTS[name].run(asked)
    sections = _sections(document.read_text()) if document.exists() else {}
    sections[PARTS[name].heading] = _section(name, found.getvalue(), asked)
    ordered = [sections[part.heading] for part in PARTS.values() if part.heading in sections]
    return "\n\n".join([TITLE, textwrap.fill(ABOUT, WIDTH), *ordered]) + "\n"


def _sections(text: str) -> dict[str, str]:
    """The sections of a document by heading."""
    parts = text.split("\n## ")[1:]
    return {part.split("\n")[0]: f"## {part.strip()}" for part in parts}


def _section(name: str, figures: str, asked: Namespace) -> str:
    part = PARTS[name]
    lines = [line.rstrip() for line in figures.strip("\n").splitlines()]
    command = f"python -m tests.quality --part {name}" + (" --quick" if asked.quick else "")
    return "\n".join(
        [
            f"## {part.heading}",
            "",
            textwrap.fill(part.text, WIDTH),
            "",
            f"`{command}`, {_machine()}:",
            "",
            "```",
            *lines,
            "```",
        ]
    )


def _machine() -> str:
    return (
        f"{os.cpu_count()} cores, Python {platform.python_version()}, NumPy {version('numpy')}, "
        f"scikit-learn {version('scikit-learn')}"
    )
