"""The deck: native charts and tables, with the numbers of the page."""

from __future__ import annotations

from pathlib import Path

import pytest
from pptx import Presentation

from clustering.results.page.content.content import Content, content_of
from clustering.results.page.content.run_tables import read_run_tables
from clustering.results.page.content.words import lede, money, percent
from clustering.store.catalog import Catalog
from tests.conftest import command_in
from tests.hostile import CATEGORY


@pytest.fixture(scope="module")
def content(finished_dir: Path) -> Content:
    catalog = Catalog(str(finished_dir / "data"), str(finished_dir / "outputs"), "dev")
    return content_of(read_run_tables(catalog))


@pytest.fixture(scope="module")
def slides(finished_dir: Path, tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("deck")
    done = command_in(finished_dir, "export", "--format", "pptx", "--output", str(folder))
    assert done.code == 0, done.err
    assert done.out.strip() == str(folder / "clusters.pptx")
    return list(Presentation(str(folder / "clusters.pptx")).slides)


def texts(slide) -> list[str]:
    return [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]


def table(slide) -> list[list[str]]:
    found = next(shape.table for shape in slide.shapes if shape.has_table)
    return [[cell.text for cell in row.cells] for row in found.rows]


def test_one_slide_for_all_and_one_for_each_category(slides, content):
    categories = content.main["categories"]
    assert len(slides) == 1 + len(categories)
    assert lede(content.main) in texts(slides[0])
    assert f"Sales of {content.main['run']['period']}. " in texts(slides[0])[-1]
    assert [row[:2] for row in table(slides[0])[1:]] == [
        [category["label"], money(category["sales"], "$")] for category in categories
    ]


def test_tables_and_charts_hold_the_numbers_of_the_page(slides, content):
    for place, category in enumerate(content.main["categories"]):
        slide, profile = slides[place + 1], content.blocks["profiles"][place]
        rows = table(slide)[1:]
        assert [(row[0], row[2], row[4]) for row in rows] == [
            (one["code"], f"{one['stores']:,}", percent(one["sales"] / category["sales"]))
            for one in category["clusters"][: len(rows)]
        ]
        chart = next(shape.chart for shape in slide.shapes if shape.has_chart)
        for mix, series in enumerate(chart.plots[0].series):
            assert series.name.startswith(category["mixes"][mix]["letter"])
            wanted = [
                round(100 * (share - overall), 1)
                for share, overall in zip(profile["mixMean"][mix], profile["overall"], strict=True)
            ]
            assert list(series.values) == wanted[: len(series.values)]


def test_only_chosen_categories_have_slides_and_hostile_names_are_text(hostile_dir, tmp_path):
    words = ("export", "--format", "pptx", "--category", CATEGORY, "--output", str(tmp_path))
    done = command_in(hostile_dir, *words)
    assert done.code == 0, done.err
    slides = list(Presentation(str(tmp_path / "clusters.pptx")).slides)
    assert len(slides) == 2
    assert any("<script>" in text for text in texts(slides[1]))


def test_a_missing_extra_is_named(project, tmp_path):
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['pptx'] = None\n")
    path = f"{tmp_path}:{Path.cwd()}"
    done = command_in(project, "export", "--format", "pptx", env={"PYTHONPATH": path})
    assert done.code == 2
    assert "[report]" in done.err
