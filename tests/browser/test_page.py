"""The page as a reader meets it: in a browser, without a network, by mouse, by keyboard, by screen
reader, on paper.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest
from playwright.sync_api import Browser, Page

from tests.conftest import PATIENCE, command_in
from tests.hostile import CATEGORY, NEED_STATE, STORE

PAGE = Path("outputs/report/dev/index.html")
SIZES = {1440: 1000, 1024: 900, 390: 844}
STATISTICS = re.compile(
    r"silhouette|\bBIC\b|\bR2\b|\bAMI\b|Cramer|Jaccard|\bk = |\bp = |p-value|q_value|heldout|"
    r"standard error|principal component",
    re.IGNORECASE,
)


# shows another address; done when its view is drawn and its effects have run
DRAWN = """(address) => new Promise((done) => {
    if (location.hash === address) return done();
    const frame = (then) => () => requestAnimationFrame(then);
    addEventListener("hashchange", frame(frame(() => setTimeout(done))), { once: true });
    location.hash = address;
})"""


@contextmanager
def opened(
    browser: Browser, path: Path, width: int = 1440, scheme: str = "light", at: str = ""
) -> Iterator[tuple[Page, list[str]]]:
    """Open a page; what it says on the console, throws or asks of the network ends in the list."""
    context = browser.new_context(
        viewport={"width": width, "height": SIZES[width]}, color_scheme=scheme
    )  # type: ignore[arg-type]
    context.set_default_timeout(1_000 * PATIENCE)
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
    page.wait_for_selector("h1")
    yield page, trouble
    context.close()


def go(page: Page, address: str) -> None:
    """Show another state of the page."""
    page.evaluate(DRAWN, address)


def first_category(page: Page) -> str:
    return page.locator(".categories .name a").first.get_attribute("href") or ""


def unfolded(page: Page) -> str:
    """The text of the view outside folded parts."""
    return str(
        page.evaluate(
            "() => { const view = document.querySelector('main').cloneNode(true);"
            "view.querySelectorAll('details').forEach((part) => part.remove());"
            "return view.textContent; }"
        )
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", list(SIZES))
def test_every_view_of_the_demo_is_drawn_without_trouble(
    browser, demo_page, axe, screenshots, width, scheme
):
    with opened(browser, demo_page, width, scheme) as (page, trouble):
        views = ["#/", first_category(page), "#/stores", "#/store/389", "#/overview", "#/data"]
        for view in [*views, "#/edits"]:
            go(page, view)
            name = view.strip("#/").replace("/", "-") or "start"
            page.screenshot(path=screenshots / f"demo-{name}-{width}-{scheme}.png")
            assert page.evaluate(
                "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
            ), f"{view} scrolls sideways"
            assert axe_finds(page, axe) == [], view
        assert trouble == []


def axe_finds(page: Page, axe: Path) -> list[list[str]]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe.read_text())  # the policy of the page allows no added script
    return list(
        page.evaluate(
            "axe.run().then((found) => found.violations.map("
            "(rule) => [rule.id, rule.impact, rule.nodes[0].html]))"
        )
    )


def test_load_is_light_and_recorded(browser, demo_page, record_property, capsys):
    with opened(browser, demo_page) as (page, _):
        nodes = page.evaluate("document.querySelectorAll('*').length")
        ready = page.evaluate("performance.getEntriesByName('ready')[0].startTime")
    record_property("nodes at load", nodes)
    record_property("milliseconds to interactive", round(ready))
    with capsys.disabled():
        size = demo_page.stat().st_size / 1e6
        print(f"\npage of the demo: {size:.1f} MB, {nodes} nodes, ready after {ready:.0f} ms")
    assert nodes <= 20_000
    assert ready <= 1_000


def test_the_first_screen_names_final_clusters_and_no_statistics(browser, demo_page):
    with opened(browser, demo_page) as (page, _):
        clusters = pl.read_parquet(merged(demo_page, "clusters"))
        first = clusters.group_by("category").agg(pl.col("sales").sum()).sort("sales")[-1]
        names = clusters.filter(category=first["category"][0])["mix_name"].unique()
        text = unfolded(page)
        assert all(name in text for name in names)
        assert not STATISTICS.search(text)
        for view in (first_category(page), "#/store/389", "#/stores", "#/edits"):
            go(page, view)
            assert not STATISTICS.search(unfolded(page)), view


def merged(page: Path, name: str) -> Path:
    return page.parents[3] / "data/dev/merged" / f"{name}.parquet"


@pytest.mark.parametrize("typed", ["389", "00389"])
def test_a_store_is_found_by_keyboard_with_or_without_leading_zeros(browser, demo_page, typed):
    with opened(browser, demo_page) as (page, trouble):
        page.keyboard.press("/")
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Store 389", exact=True).wait_for()
        page.keyboard.press("/")
        page.keyboard.type("no such thing")
        assert "Nothing found" in page.locator("#found").text_content()
        page.keyboard.press("Escape")
        assert trouble == []


def test_a_store_with_zeros_is_found_without_them(browser, finished_dir):
    with opened(browser, finished_dir / PAGE) as (page, _):
        page.fill("#find", "12")
        assert page.locator("#found li").first.text_content().startswith("Store 00012")


def test_categories_are_sorted_filtered_and_linked(browser, demo_page):
    with opened(browser, demo_page) as (page, trouble):
        page.get_by_role("button", name="Captured").click()
        assert page.locator("th[aria-sort=descending]").text_content() == "Captured"
        page.fill("#filter", "soup")
        assert 0 < page.locator(".categories .row").count() < 20
        assert "q=soup" in page.evaluate("location.hash")
        page.reload()
        page.wait_for_selector("h1")
        assert page.input_value("#filter") == "soup"
        page.locator(".categories .name a").first.click()
        page.wait_for_selector(".comparison")
        page.go_back()
        page.wait_for_selector(".categories")
        assert trouble == []


def test_categories_that_need_a_look_and_those_that_are_split_are_found(browser, demo_page):
    plans = pl.read_parquet(merged(demo_page, "plans"))
    trial = plans.filter(pl.col("plans") > 1, pl.col("sureness").cast(str).str.contains("unsure"))
    clusters = pl.read_parquet(merged(demo_page, "clusters")).group_by("category")
    counted = clusters.agg(pl.col("mix").n_unique(), pl.len(), pl.col("sales").sum())
    split = counted.filter(pl.col("len") > pl.col("mix"))
    with opened(browser, demo_page) as (page, trouble):
        link = page.locator(".look a").last
        assert link.text_content() == f"{trial.height - 4} more"
        largest = trial.join(counted, on="category").sort("sales", descending=True)
        listed = page.locator(".look a").first.get_attribute("href")
        link.click()
        assert page.locator(".categories .row").first.locator("a").get_attribute("href") == listed
        assert page.locator(".categories .row a").first.get_attribute("title") == largest[0, 0]
        for kind, number in (("trial", trial.height), ("split", split.height)):
            page.select_option("#todo", kind)
            assert (
                page.get_by_role("status").first.text_content() == f"{number} of {counted.height}"
            )
        assert trouble == []


def test_a_page_of_attributes_alone_says_nothing_of_sales(browser, fresh_project, axe):
    done = command_in(fresh_project, "run", "source.sales=null")
    assert done.code == 0, done.err
    with opened(browser, fresh_project / PAGE) as (page, trouble):
        for view in ("#/", first_category(page), "#/store/12", "#/stores"):
            go(page, view)
            found = unfolded(page)
            assert not re.search(r"sold|of sales|\$|fence|captur|\bmix", found, re.I), found
            assert axe_finds(page, axe) == [], view
        assert trouble == []


def test_what_was_decided_in_the_page_is_what_the_next_run_gives(browser, project, tmp_path):
    with opened(browser, project / PAGE) as (page, trouble):
        go(page, first_category(page))
        category = page.locator("h1").get_attribute("title")
        page.get_by_role("button", name="Edit", exact=True).click()
        row = page.locator(".stores tbody tr").nth(3)
        store = row.locator("td").first.text_content()
        before = row.locator(".chip").first.text_content()
        row.get_by_role("button").click()
        options = page.locator("dialog select option").all_text_contents()
        target = next(at for at, text in enumerate(options) if "(pin it here)" not in text)
        code = options[target].split()[0]
        page.select_option("dialog select", str(target))
        assert "stores" in page.locator("dialog .effect").text_content()
        fill_dialog(page, why='opposite the stadium, "gate 2"')
        page.locator(".card").first.get_by_role("button", name="Rename").click()
        renamed = page.locator(".card .chip").first.text_content()
        page.fill("dialog [name=value]", "Stadium stores, naïve")
        fill_dialog(page, why="as merchants say")
        go(page, "#/edits")
        assert "captured" in page.locator(".edits").text_content()
        with page.expect_download() as download:
            page.get_by_role("button", name="Save overrides.csv").click()
        download.value.save_as(project / "overrides.csv")
        page.get_by_role("button", name="Undo all").click()
        page.set_input_files("input[type=file]", project / "overrides.csv")
        page.wait_for_selector(".edits tbody tr:nth-child(2)")
        assert trouble == []
    rows = pl.read_csv(project / "overrides.csv", infer_schema=False).to_dicts()
    assert [row["kind"] for row in rows] == ["pin", "rename"]
    placed = pl.read_parquet(merged(project / PAGE, "assignments"))
    done = command_in(project, "run", "source.overrides=overrides.csv")
    assert done.code == 0, done.err
    after = pl.read_parquet(merged(project / PAGE, "assignments"))
    own = pl.col("category").eq(category) & pl.col("store_nbr").eq(store)
    assert placed.filter(own)["final_cluster"].item() == before
    assert after.filter(own)["final_cluster"].item() == code
    key = ["category", "store_nbr", "final_cluster"]
    assert after.filter(~own).select(key).equals(placed.filter(~own).select(key))
    names = pl.read_parquet(merged(project / PAGE, "clusters")).filter(category=category)
    assert names.filter(final_cluster=renamed)["name"].item() == "Stadium stores, naïve"


def fill_dialog(page: Page, why: str) -> None:
    page.fill("dialog [name=why]", why)
    page.fill("dialog [name=who]", "Ann Lee")
    page.get_by_role("button", name="Note edit").click()
    page.wait_for_selector("dialog", state="detached")


def test_edits_outlive_a_visit_and_can_be_undone(browser, finished_dir):
    with opened(browser, finished_dir / PAGE) as (page, trouble):
        go(page, first_category(page))
        page.get_by_role("button", name="Edit", exact=True).click()
        page.locator(".stores tbody tr").first.get_by_role("button").click()
        page.wait_for_selector("dialog[open]")
        page.keyboard.press("Escape")
        page.wait_for_selector("dialog", state="detached")
        page.locator(".stores tbody tr").first.get_by_role("button").click()
        page.select_option("dialog select", "-1")
        fill_dialog(page, why="closes in May")
        page.reload()
        page.wait_for_selector("h1")
        assert page.locator("nav .count").text_content() == "1"
        assert "closes in May" in page.locator(".stores").text_content()
        go(page, "#/edits")
        page.get_by_role("button", name="Undo edit 1").click()
        assert page.locator("nav .count").count() == 0
        assert trouble == []


def test_dialogs_and_changes_are_clean_for_screen_readers(browser, refreshed, axe, screenshots):
    with opened(browser, refreshed) as (page, trouble):
        go(page, "#/changes")
        page.wait_for_selector("#by-category")
        page.screenshot(path=screenshots / "changes-1440-light.png")
        assert axe_finds(page, axe) == []
        go(page, "#/")
        go(page, first_category(page))
        page.get_by_role("button", name="Edit", exact=True).click()
        page.locator(".stores tbody tr").first.get_by_role("button").click()
        page.wait_for_selector("dialog")
        assert axe_finds(page, axe) == []
        page.screenshot(path=screenshots / "edit-1440-light.png")
        assert trouble == []


@pytest.fixture
def refreshed(project: Path) -> Path:
    """The page of a run that continues a published one."""
    for words in (
        ("publish", "--approver", "Ann Lee"),
        ("run", "baseline.run=v1", "internal.model.k=2"),
    ):
        done = command_in(project, *words)
        assert done.code == 0, done.err
    return project / PAGE


def test_paper_has_every_category_and_no_controls(browser, finished_dir, tmp_path):
    with opened(browser, finished_dir / PAGE) as (page, trouble):
        categories = page.evaluate(
            "JSON.parse(document.getElementById('data').textContent).categories.map((c) => c.label)"
        )
        page.emulate_media(media="print")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        titles = page.locator("#print .sheet h1").all_text_contents()
        assert titles == ["Which stores belong together?", *categories]
        assert page.locator("button:visible, input:visible").count() == 0
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        pages = page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n")
        assert pages == 1 + len(categories), "a sheet a category"
        assert trouble == []


def test_hostile_names_are_text(browser, hostile_dir, screenshots):
    with opened(browser, hostile_dir / PAGE) as (page, trouble):
        places = page.evaluate(
            "JSON.parse(document.getElementById('data').textContent).categories.map((c) => c.key)"
        )
        assert CATEGORY in places
        link = page.locator(".categories .name a").nth(places.index(CATEGORY))
        go(page, link.get_attribute("href"))
        assert page.locator("h1").get_attribute("title") == CATEGORY
        assert page.locator("main script, main b b").count() == 0
        titles = page.locator(".comparison th[scope=row]").evaluate_all(
            "(cells) => cells.map((cell) => cell.title)"
        )
        assert NEED_STATE.strip() in map(str.strip, titles)
        page.fill("#find", STORE)
        page.keyboard.press("Enter")
        page.wait_for_function(
            "(name) => document.querySelector('h1').textContent === `Store ${name}`", arg=STORE
        )
        page.screenshot(path=screenshots / "hostile-1440-light.png", full_page=True)
        assert trouble == []
