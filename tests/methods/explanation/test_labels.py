"""Readable labels: proposals, and names of clusters that use them."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from clustering.methods.explanation.labels import label_table, labelled, proposed_label
from tests.conftest import command_in


@pytest.mark.parametrize(
    ("raw", "label"),
    [
        ("FRZN VEG", "Frozen vegetable"),
        ("hh_inc", "Household income"),
        ("PAIN RELIEF", "Pain relief"),
        ("medianIncome", "Median income"),
        ("Tea", "Tea"),
        ("SFT DRNK MLT-PK BTL CARB (EXCP", "Soft drink multi-pack bottle carb"),
        ("SFT DRNK 2 LITER BTL CARB INCL", "Soft drink 2 liter bottle carb"),
        ("CHEESE (BULK&BAG) W/ HAM", "Cheese (bulk&bag) with ham"),
    ],
)
def test_a_proposal_is_in_usual_case_and_without_abbreviations(raw: str, label: str) -> None:
    assert proposed_label(raw) == label


def test_labels_stand_for_raw_names_and_levels_stay() -> None:
    labels = label_table({"attribute": ["HH_INC", "FMT"]}).with_columns(
        label=pl.col("label").replace("Fmt", "Format")
    )
    assert labelled(["HH_INC", "FMT=express", "other"], "attribute", labels) == [
        "Household income",
        "Format=express",
        "other",
    ]
    assert labelled(["HH_INC"], "attribute", None) == ["HH_INC"]


def test_check_writes_a_table_that_names_use_and_files_keep_raw_names(project: Path) -> None:
    done = command_in(project, "check", "--labels", "labels.csv")
    assert done.code == 0, done.err
    table = pl.read_csv(project / "labels.csv")
    assert set(table["kind"]) == {"category", "need_state", "attribute"}
    changed = table.with_columns(
        label=pl.when(pl.col("kind") == "need_state")
        .then(pl.lit("zest ") + pl.col("raw"))
        .otherwise("label")
    )
    changed.write_csv(project / "labels.csv")
    done = command_in(project, "run", "source.labels=labels.csv", "report.page=false")
    assert done.code == 0, done.err
    final = pl.read_parquet(project / "data/dev/merged/clusters.parquet")
    assert final["name"].str.contains("zest").any()
    clusters = pl.read_parquet(project / "data/dev/internal/analyze/clusters.parquet")
    assert clusters["name"].str.contains("zest").any()
    profiles = pl.read_parquet(project / "data/dev/merged/profiles.parquet")
    assert not profiles["feature"].str.contains("zest").any()
    assert command_in(project, "check", "--labels", "labels.csv").code == 2


def test_a_kind_that_is_unknown_is_named(project: Path) -> None:
    (project / "labels.csv").write_text("kind,raw,label\nneedstate,a,b\n")
    done = command_in(project, "analyze", "source.labels=labels.csv")
    assert done.code == 3
    assert "labels.csv: data row 1 has kind needstate" in done.err
