"""300 categories and 2,000 stores: the page opens as fast as a small one."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from clustering.results.page.content.content import Content, content_of
from clustering.results.page.content.run_tables import read_run_tables
from clustering.results.page.html import page_html
from clustering.sample.write import write_sample
from clustering.store.catalog import Catalog
from tests.browser.conftest import chromium
from tests.browser.test_page import first_category, go, opened
from tests.conftest import command_in

STORES, SAMPLED, CATEGORIES = 2_000, 3, 300
MOST_NODES, MOST_MILLISECONDS, MOST_TO_OPEN, TRIES = 20_000, 1_000, 2_000, 3


@pytest.fixture(scope="module")
def large_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page whose categories are those of a sample, over and over."""
    folder = tmp_path_factory.mktemp("large")
    list(
        write_sample(
            folder / "data", stores=STORES, categories=SAMPLED, clusters=3, weeks=8, seed=5
        )
    )
    done = command_in(folder, "run", "report.page=false")
    assert done.code == 0, done.err
    catalog = Catalog(str(folder / "data"), str(folder / "outputs"), "dev")
    path = folder / "index.html"
    path.write_text(page_html(repeated(content_of(read_run_tables(catalog))), ""))
    return path


def repeated(content: Content) -> Content:
    """The content with its categories repeated until there are 300."""
    listed = content.main["categories"]
    places = [place % len(listed) for place in range(CATEGORIES)]
    names = [f"{listed[place]['label']} {at}" for at, place in enumerate(places)]
    main = content.main | {
        "categories": [
            listed[place] | {"key": name, "label": name}
            for place, name in zip(places, names, strict=True)
        ]
    }
    profiles = content.blocks["profiles"]
    blocks = content.blocks | {"profiles": [profiles[place] for place in places]}
    for at, place in enumerate(places):
        for kind in ("category", "shares"):
            blocks[f"{kind}-{at}"] = content.blocks[f"{kind}-{place}"]
    return Content(main, blocks, content.labels)


def test_the_largest_page_is_light_and_answers_within_a_second(large_page, capsys):
    ready, opening = [], []
    with sync_playwright() as playwright:
        browser = chromium(playwright)
        for _ in range(TRIES):
            with opened(browser, large_page) as (page, trouble):
                page.wait_for_load_state("load")
                nodes = page.evaluate("document.querySelectorAll('*').length")
                ready.append(page.evaluate("performance.getEntriesByName('ready')[0].startTime"))
                start = page.evaluate("performance.now()")
                go(page, first_category(page))
                page.wait_for_selector(".comparison")
                opening.append(page.evaluate("performance.now()") - start)
                assert page.locator(".stores tbody tr").count() > 0
                assert trouble == []
        browser.close()
    size = large_page.stat().st_size / 1e6
    with capsys.disabled():
        print(
            f"\npage of {CATEGORIES} x {STORES:,}: {size:.1f} MB, {nodes:,} nodes, ready after "
            f"{min(ready):.0f}-{max(ready):.0f} ms, a category opens in {min(opening):.0f} ms"
        )
    assert nodes <= MOST_NODES
    # the fastest of a few tries: other programs on the machine only ever slow it down
    assert min(ready) <= MOST_MILLISECONDS
    assert min(opening) <= MOST_TO_OPEN
