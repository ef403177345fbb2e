"""The picture of the page in the README: python -m tests.browser.picture PAGE PICTURE."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

CHROMIUM = {"executable_path": "/usr/bin/chromium", "args": ["--no-sandbox", "--disable-gpu"]}


def take(page: Path, picture: Path) -> None:
    """Save what a reader sees first."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**CHROMIUM)
        shown = browser.new_page(viewport={"width": 1280, "height": 860})
        shown.goto(page.resolve().as_uri())
        shown.wait_for_timeout(2_000)
        shown.screenshot(path=str(picture))
        browser.close()


if __name__ == "__main__":
    take(Path(sys.argv[1]), Path(sys.argv[2]))
