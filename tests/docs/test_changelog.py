"""CHANGELOG.md has the form of Keep a Changelog, and knows the version of the package."""

from __future__ import annotations

import re
from pathlib import Path

from clustering import __version__

TEXT = (Path(__file__).parents[2] / "CHANGELOG.md").read_text(encoding="utf-8")
KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_headings_are_versions_and_kinds_of_change() -> None:
    versions = re.findall(r"^## (.*)$", TEXT, re.MULTILINE)
    assert versions[0] == "[Unreleased]"
    for version in versions[1:]:
        assert re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", version)
    kinds = re.findall(r"^### (.*)$", TEXT, re.MULTILINE)
    assert kinds
    assert set(kinds) <= KINDS


def test_the_version_is_the_newest_or_the_one_to_come() -> None:
    released = re.findall(r"^## \[(\d+\.\d+\.\d+)\]", TEXT, re.MULTILINE)
    to_come = re.findall(r"(\d+\.\d+\.\d+) will contain", TEXT)
    assert __version__ in (released[:1] or to_come)
