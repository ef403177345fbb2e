"""Headings of workbook and slides: readable labels, and no sales where there are none."""

from __future__ import annotations

import openpyxl
import polars as pl
import pytest
from pptx import Presentation

from tests.conftest import command_in

LABELS = """kind;raw;label
category;COFFEE;Hot drinks
need_state;Capsules;Pods for machines
attribute;mean_age;Age of shoppers
"""


@pytest.fixture
def labelled(project):
    (project / "labels.csv").write_text(LABELS)
    done = command_in(project, "run", "source.labels=labels.csv")
    assert done.code == 0, done.err
    return project


def test_labels_stand_in_headings_and_raw_names_stay_in_files(labelled):
    for form in ("xlsx", "pptx", "parquet"):
        done = command_in(labelled, "export", "--format", form, "--output", "export")
        assert done.code == 0, done.err
    book = openpyxl.load_workbook(labelled / "export/COFFEE.xlsx")
    assert book["Summary"]["A1"].value == "Hot drinks"
    for name in ("Clusters", "What sells", "Stores", "Need states, final"):
        assert book[name]["A1"].value.startswith("Hot drinks: "), name
    for name in ("What sells", "Need states", "Need states, final"):
        listed = [row[0] for row in book[name].iter_rows(min_row=4, values_only=True)]
        assert "Pods for machines" in listed
        assert "Capsules" not in listed
    slides = list(Presentation(str(labelled / "export/clusters.pptx")).slides)
    texts = [
        shape.text_frame.text for slide in slides for shape in slide.shapes if shape.has_text_frame
    ]
    assert "Hot drinks" in texts
    charts = [shape.chart for slide in slides for shape in slide.shapes if shape.has_chart]
    assert any("Pods for machines" in chart.plots[0].categories for chart in charts)
    stores = pl.read_parquet(labelled / "export/stores.parquet")
    assert "COFFEE" in stores["category"].unique()


def test_attributes_alone_give_a_workbook_and_slides_without_sales(fresh_project):
    assert command_in(fresh_project, "run", "source.sales=null").code == 0
    for form in ("xlsx", "pptx"):
        done = command_in(fresh_project, "export", "--format", form, "--output", "export")
        assert done.code == 0, done.err
    book = openpyxl.load_workbook(fresh_project / "export/ALL.xlsx")
    heads = {cell.value for name in ("Clusters", "Stores") for cell in book[name][3]}
    assert "What sells" not in book.sheetnames
    assert not heads & {"Sales", "Share"}
    clusters = pl.read_parquet(fresh_project / "data/dev/merged/clusters.parquet")
    assert book["Clusters"]["C4"].value == clusters["stores"][0]
    slides = Presentation(str(fresh_project / "export/clusters.pptx")).slides
    cells = [
        cell.text
        for slide in slides
        for shape in slide.shapes
        if shape.has_table
        for row in shape.table.rows
        for cell in row.cells
    ]
    assert {"All stores", *clusters["mix_name"]} <= set(cells)
    assert not any("$" in text or text == "Sales" for text in cells)
