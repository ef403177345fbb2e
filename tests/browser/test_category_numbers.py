"""Every number that the page shows of one category is that of the tables."""

from __future__ import annotations

import re
from typing import Any

import polars as pl
import pytest
from playwright.sync_api import Page

from clustering.results.page.content.evidence import SELECTION, SPLITS
from tests.browser.expected import Expected, is_close, mixes_of, squeezed, stores_of
from tests.browser.test_page import PAGE, first_category, go, opened

TEXTS = "(parts) => parts.map((part) => part.textContent)"
FIXED = ["100", "1", "2"]  # "100 = as in all", "under 1 point", "under 2% of sales"
CHECKED = (
    "h1 + p, .answer > div, .worth, .comparison, .cards, .filters, table.stores, .flow, .evidence, "
    ".crumbs"
)


@pytest.fixture(scope="module")
def shown(browser, finished_dir):
    """The page of a category with all that can be unfolded, and what the tables say of it."""
    with opened(browser, finished_dir / PAGE) as (page, trouble):
        go(page, first_category(page))
        page.get_by_role("button", name=re.compile("^Show all .* stores$")).click()
        page.locator(".evidence > summary").click()
        yield page, Expected(finished_dir, page.locator("h1").get_attribute("title") or "")
        assert trouble == []


def texts(page: Page, selector: str) -> list[str]:
    return [squeezed(text) for text in page.locator(selector).evaluate_all(TEXTS)]


def test_heading_and_answer(shown):
    page, expected = shown
    assert texts(page, "h1 + p") == [squeezed(expected.heading())]
    assert texts(page, ".answer > div") == list(map(squeezed, expected.answer()))


def test_worth_is_that_of_the_table(shown):
    page, expected = shown
    assert texts(page, ".worth p") == list(map(squeezed, expected.worth()))


def test_what_sells_more_and_less(shown):
    page, expected = shown
    assert texts(page, ".comparison th.cluster") == list(map(squeezed, expected.columns()))
    found = page.locator(".comparison tbody tr").evaluate_all(
        "(rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent))"
    )
    assert [list(map(squeezed, row)) for row in found] == [
        list(map(squeezed, row)) for row in expected.lines()
    ]


def test_who_shops_in_each_cluster(shown):
    page, expected = shown
    assert texts(page, ".card") == list(map(squeezed, expected.cards()))


def test_the_list_of_stores(shown):
    page, expected = shown
    assert texts(page, ".filters") == [squeezed(expected.filters())]
    assert texts(page, "table.stores tbody tr") == list(map(squeezed, expected.store_list()))


def test_how_the_clusters_were_made(shown):
    page, expected = shown
    found = page.locator(".flow tbody tr").evaluate_all(
        "(rows) => rows.map((row) => [...row.querySelectorAll('td')].map((cell) => "
        "[...cell.querySelectorAll('span')].map((span) => span.textContent)))"
    )
    assert [list(map(set, row)) for row in found] == expected.flow()


def test_the_evidence(shown):
    page, expected = shown
    pairs = zip(texts(page, ".evidence dt"), texts(page, ".evidence dd"), strict=True)
    assert list(pairs) == [(squeezed(name), squeezed(value)) for name, value in expected.evidence()]
    assert texts(page, ".evidence li") == list(map(squeezed, expected.rules()))
    tables = page.locator(".evidence table").evaluate_all(
        "(tables) => tables.map((table) => [...table.rows].map((row) => "
        "[...row.cells].map((cell) => cell.textContent)))"
    )
    for (head, *rows), path, words in zip(
        tables, ("internal/train/selection", "merged/splits"), (SELECTION, SPLITS), strict=True
    ):
        _compare(head, rows, expected.table(path), words)


def _compare(
    head: list[str], rows: list[list[str]], table: pl.DataFrame, words: dict[str, str]
) -> None:
    kept = [name for name in words if table[name].null_count() < table.height]
    assert head == [words[name] for name in kept]
    wanted: list[tuple[Any, ...]] = table.select(kept).rows()
    assert len(rows) == len(wanted)
    for row, values in zip(rows, wanted, strict=True):
        assert all(map(is_close, row, values)), (row, values)


def test_no_other_number_is_shown(shown):
    page, expected = shown
    rest = page.evaluate(
        "(checked) => { const view = document.querySelector('main').cloneNode(true);"
        "view.querySelectorAll(checked).forEach((part) => part.remove());"
        "view.querySelectorAll('.chip, svg').forEach((part) => part.remove());"
        "return view.textContent; }",
        CHECKED,
    )
    floor = expected.row("merged/summary")["floor"]
    sentences = [
        f"against all {stores_of(expected.stores.height)};",
        f"±{expected.scale()} points",
        f"{len(expected.mixes)} mixes{len(expected.clusters)} clusters",
        f"{mixes_of(len(expected.mixes))} (rows)",
        f"at least {stores_of(floor)}",
    ]
    for sentence in sentences:
        assert sentence in rest
        rest = rest.replace(sentence, "", 1)
    assert re.findall(r"\d[\d.,]*", rest) == FIXED
