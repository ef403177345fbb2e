"""Readable labels stand in headings of workbook and slides; files keep raw names."""

from __future__ import annotations

import openpyxl
import polars as pl
import pytest
from pptx import Presentation

from tests.conftest import command_in

LABELS = """kind,raw,label
category,COFFEE,Hot drinks
need_state,Capsules,Pods for machines
attribute,mean_age,Age of shoppers
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
