"""The compiled page is what its sources give."""

from __future__ import annotations

import hashlib

from clustering.results.page.html import BUNDLE

APP = BUNDLE.parent / "app"


def mark() -> str:
    """SHA-256 over the sources, as app/build.mjs makes it."""
    sources = [path for path in (APP / "src").rglob("*") if path.is_file()]
    files = [*sources, APP / "build.mjs", APP / "package-lock.json"]
    digest = hashlib.sha256()
    for path in sorted(files, key=lambda path: path.relative_to(APP).as_posix()):
        digest.update(f"{path.relative_to(APP).as_posix()}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def test_the_bundle_carries_the_mark_of_its_sources():
    found = (BUNDLE / "sources.sha256").read_text().strip()
    assert found == mark(), "the page's sources changed: run `npm run build` in its folder app/"
