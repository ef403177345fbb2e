"""The page as a reader meets it: in a browser, without a network, by mouse, by keyboard and by
screen reader.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.hostile import CATEGORY, NEED_STATE, ONE_CLUSTER, STORE

SIZES = {1440: 1000, 390: 844}


@contextmanager
def opened(
    browser: Browser, path: Path, width: int = 1440, scheme: str = "light", at: str = ""
) -> Iterator[tuple[Page, list[str]]]:
    """Open a page; what it says on the console, throws or asks of the network ends in the list."""
    context = browser.new_context(
        viewport={"width": width, "height": SIZES[width]}, color_scheme=scheme
    )  # type: ignore[arg-type]
    page, trouble = context.new_page(), []
    page.on(
        "console",
        lambda said: trouble.append(said.text) if said.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("dialog", lambda dialog: trouble.append(f"dialog {dialog.message}"))
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith(("file:", "data:", "blob:"))
            else trouble.append(request.url)
        ),
    )
    page.goto(path.resolve().as_uri() + at)
    yield page, trouble
    context.close()


def open_part(page: Page, part: Any) -> None:
    part.locator("summary").first.click()
    page.wait_for_function(
        "(id) => document.getElementById(id).dataset.drawn === 'yes'", arg=part.get_attribute("id")
    )


def drawn_marks(part: Any) -> list[int]:
    """How many marks each chart of an open part has."""
    return [chart.locator("svg .role-mark > *").count() for chart in part.locator(".chart").all()]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", list(SIZES))
def test_demo_draws_every_chart_and_asks_nothing(browser, demo_page, screenshots, width, scheme):
    assert demo_page.stat().st_size < 5_000_000
    with opened(browser, demo_page, width, scheme) as (page, trouble):
        page.screenshot(path=screenshots / f"demo-overview-{width}-{scheme}.png")
        parts = page.locator("details.part")
        assert parts.count() > 300
        for number in (0, 1, 40):
            part = parts.nth(number)
            open_part(page, part)
            wanted = (part.get_attribute("data-charts") or "").split()
            marks = drawn_marks(part)
            assert len(marks) == len(wanted)
            assert all(count > 0 for count in marks), dict(zip(wanted, marks, strict=True))
            part.screenshot(path=screenshots / f"demo-part-{number}-{width}-{scheme}.png")
        overflow = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overflow <= 0, "the page scrolls sideways"
        assert trouble == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser, demo_page, axe, scheme):
    with opened(browser, demo_page, scheme=scheme) as (page, _):
        open_part(page, page.locator("details.part").nth(1))
        page.add_script_tag(path=axe)
        found = page.evaluate(
            "axe.run().then((r) => r.violations.map((v) => [v.id, v.impact, v.nodes[0].html]))"
        )
    assert [row for row in found if row[1] in ("serious", "critical")] == []


def test_store_is_found_by_keyboard_alone(browser, demo_page):
    with opened(browser, demo_page) as (page, trouble):
        store = page.evaluate("index().then((all) => all.lists.store_nbr[3])")
        page.keyboard.press("Tab")  # skip link
        page.keyboard.press("Tab")
        page.keyboard.type(store)
        page.keyboard.press("Enter")
        page.wait_for_selector("#found table")
        assert page.locator("#found caption").text_content() == f"Store {store}"
        assert page.locator("#found tbody tr").count() > 0
        page.fill("#store", "no such store")
        page.keyboard.press("Enter")
        page.wait_for_function(
            "document.getElementById('found').textContent.startsWith('No store')"
        )
        assert trouble == []


def test_index_sorts_filters_and_leads_to_a_part(browser, demo_page):
    with opened(browser, demo_page) as (page, trouble):
        page.get_by_role("button", name="stores", exact=True).first.click()
        stores = [
            int(text.replace(",", ""))
            for text in page.locator("#index tbody td:nth-child(3)").all_text_contents()
        ]
        assert stores == sorted(stores)
        page.fill("#filter", "SOUP")
        shown = page.locator("#index tbody tr:visible")
        assert 0 < shown.count() < 20
        shown.first.locator("a").click()
        page.wait_for_selector("details.part[open][data-drawn=yes]")
        assert trouble == []


def test_hostile_names_are_text(browser, hostile_dir, screenshots):
    with opened(browser, hostile_dir / "outputs/report/dev/index.html") as (page, trouble):
        headings = page.locator("details.part summary h3").all_text_contents()
        assert {CATEGORY, ONE_CLUSTER} <= set(headings)
        for part in page.locator("details.part").all():
            open_part(page, part)
            assert all(count > 0 for count in drawn_marks(part))
        assert NEED_STATE.strip() in " ".join(page.locator(".card td").all_text_contents())
        page.fill("#store", STORE)
        page.keyboard.press("Enter")
        page.wait_for_selector("#found caption")
        assert page.locator("#found caption").text_content() == f"Store {STORE}"
        page.screenshot(path=screenshots / "hostile-1440-light.png", full_page=True)
        assert trouble == []
