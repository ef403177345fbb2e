"""Links between the Markdown files of the repository; `nox -s docs` checks those of the site."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", one).strip().lower().replace(" ", "-") for one in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_to_files_and_headings(page: Path) -> None:
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if link.startswith(("http://", "https://")):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            broken.append(link)
    assert broken == []


def test_nothing_names_a_page_that_is_not_there() -> None:
    """In comments, docstrings and messages."""
    named = {
        (path.relative_to(ROOT).as_posix(), page)
        for folder in ("clustering", "conf", "tests", ".github", ".ci")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".yaml", ".yml", ".toml") and "node_modules" not in path.parts
        for page in re.findall(r"\bdocs/[\w/-]+\.md", path.read_text(encoding="utf-8"))
    }
    assert [one for one in sorted(named) if not (ROOT / one[1]).exists()] == []


def test_every_page_is_in_the_navigation_of_the_site() -> None:
    """`nox -s docs` refuses a page that is not; this says so at once."""
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:")[2]
    listed = set(re.findall(r"[\w/-]+\.(?:md|ipynb)", navigation))
    docs = ROOT / "docs"
    pages = {
        path.relative_to(docs).as_posix()
        for kind in ("*.md", "*.ipynb")
        for path in docs.rglob(kind)
        if ".ipynb_checkpoints" not in path.parts
    }
    assert listed == pages
