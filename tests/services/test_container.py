"""What the Dockerfile does, done without a container engine: its copies and commands, in a folder
of their own.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = "build"


def _instructions(stage: str) -> list[tuple[str, str]]:
    """(instruction, words) of one stage of the Dockerfile, continued lines joined."""
    text = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text())
    found, here = [], False
    for line in text.splitlines():
        name, _, words = line.partition(" ")
        if name == "FROM":
            here = words.endswith(f" AS {stage}")
        elif here and name.isupper():
            found.append((name, words.strip()))
    return found


def test_the_build_stage_gives_a_command_that_runs_the_sample(tmp_path: Path) -> None:
    source, place = tmp_path / "src", tmp_path / "opt"
    source.mkdir()
    for name, words in _instructions(BUILD):
        if name == "COPY":
            *files, target = shlex.split(words)
            for file in files:
                if (ROOT / file).is_dir():
                    shutil.copytree(
                        ROOT / file, source / target, ignore=shutil.ignore_patterns("__pycache__")
                    )
                else:
                    shutil.copy(ROOT / file, source / target)
        elif name == "RUN":
            command = words.replace("/opt/", f"{place}/")
            done = subprocess.run(
                ["bash", "-euc", command], cwd=source, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stderr[-3000:]
    clustering = place / "clustering" / "bin" / "clustering"
    work = tmp_path / "work"
    work.mkdir()
    for words in (
        ["--version"],
        ["sample", "data", "--stores", "40", "--categories", "1"],
        ["run", "env=prod"],
    ):
        done = subprocess.run(
            [clustering, *words], cwd=work, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-3000:]
    assert (work / "outputs" / "report" / "prod" / "index.html").exists()


def test_nothing_copied_into_the_image_is_left_out_by_the_ignore_file() -> None:
    allowed = {
        line[1:]
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    }
    copied = {
        file
        for name, words in _instructions(BUILD)
        if name == "COPY"
        for file in shlex.split(words)[:-1]
    }
    assert copied == allowed
