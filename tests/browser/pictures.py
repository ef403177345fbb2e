"""Pictures for docs: python -m tests.browser.pictures PROJECT FOLDER VIEW..."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import chromium

WIDTHS, SCHEMES = (1440, 1024, 390), ("light", "dark")
HEIGHT, SCALE, GAP, QUALITY = 1000, 0.5, 16, 60


def main(project: Path, folder: Path, views: Sequence[str]) -> None:
    """Write a picture of each view: three widths side by side, light above dark; of the view "page"
    one screen as a reader first sees it.
    """
    page = (project / "outputs/report/dev/index.html").resolve().as_uri()
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = chromium(playwright)
        for view in views:
            if view == "page":
                image = taken(browser, page, view, 1280, "light", scale=1.0)
            else:
                image = sheet(
                    [
                        [taken(browser, page, view, width, scheme) for width in WIDTHS]
                        for scheme in SCHEMES
                    ]
                )
            path = folder / f"{view}.webp"
            image.save(path, quality=QUALITY, method=6)
            print(path, path.stat().st_size)
        browser.close()


def taken(
    browser: Browser, address: str, view: str, width: int, scheme: str, scale: float = SCALE
) -> Image.Image:
    """One screen of a view."""
    viewport = {"width": width, "height": HEIGHT}
    context = browser.new_context(viewport=viewport, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector("h1")
    show(page, view)
    page.wait_for_timeout(200)
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    context.close()
    size = int(width * scale), int(HEIGHT * scale)
    return image.resize(size, Image.Resampling.LANCZOS)


def show(page: Page, view: str) -> None:
    """Bring a view on the screen as a reader would."""
    category = page.locator(".categories .name a").first.get_attribute("href")
    addresses = {"category": category, "edit": category, "store": "#/store/12"}
    addresses |= {"plans": "#/plans", "changes": "#/changes"}
    if view in addresses:
        page.evaluate("(address) => { location.hash = address }", addresses[view])
    if view == "edit":
        page.get_by_role("button", name="Edit", exact=True).click()
        row = page.locator(".stores tbody tr").nth(2)
        row.get_by_role("button").click()
        page.fill("dialog [name=why]", "opposite the stadium")
        page.fill("dialog [name=who]", "Ann Lee")
        page.wait_for_timeout(3000)  # until the line at the bottom is gone


def sheet(rows: list[list[Image.Image]]) -> Image.Image:
    """Pictures in rows on one grey sheet."""
    width = sum(image.width for image in rows[0]) + GAP * (len(rows[0]) + 1)
    height = sum(row[0].height for row in rows) + GAP * (len(rows) + 1)
    whole = Image.new("RGB", (width, height), "#9aa0a6")
    for down, row in enumerate(rows):
        left = GAP
        for image in row:
            whole.paste(image, (left, GAP + down * (row[0].height + GAP)))
            left += image.width + GAP
    return whole


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
