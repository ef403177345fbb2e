"""Workbooks and tables: all that was sold is in every sheet, and no name breaks one."""

from __future__ import annotations

import math
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from clustering.results.export.downstream import as_planogram
from clustering.results.export.workbook import file_name, sheet_name
from clustering.results.page.content.labels import tidy
from tests.conftest import command_in
from tests.hostile import CATEGORY, ONE_CLUSTER, STORE


@pytest.fixture(scope="module")
def workbooks(hostile_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the workbooks of the hostile project."""
    folder = tmp_path_factory.mktemp("workbooks")
    done = command_in(hostile_dir, "export", "--output", str(folder))
    assert done.code == 0, done.err
    assert done.out.strip() == str(folder / "clusters.xlsx")
    return folder


def input_sales(folder: Path) -> dict[str, float]:
    """What the raw rows add up to by category; the sample has no faulty ones."""
    sales = pl.read_parquet(folder / "data/raw/sales.parquet")
    return dict(sales.group_by("CATEGORY").agg(pl.col("TOTAL_SALES").sum()).iter_rows())


def rows_of(sheet) -> tuple[list[str], list[list[object]]]:
    """Header and data rows of a sheet: a title and an empty row stand above, the totals below."""
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    return rows[2], rows[3:-1]


def test_every_sheet_adds_up_to_the_input_to_the_cent(workbooks, hostile_dir):
    expected = input_sales(hostile_dir)
    links = openpyxl.load_workbook(workbooks / "clusters.xlsx")["Categories"]
    names = [
        row[0].value for row in links.iter_rows(min_row=4) if row[0].value not in (None, "Total")
    ]
    targets = [row[0].hyperlink.target for row in links.iter_rows(min_row=4) if row[0].hyperlink]
    assert {CATEGORY, ONE_CLUSTER} == set(expected)
    assert set(names) == {tidy(CATEGORY), tidy(ONE_CLUSTER)}
    for target in targets:
        book = openpyxl.load_workbook(workbooks / target)
        name = dict(book["Summary"].iter_rows(values_only=True))["Category"]
        assert {
            "Summary",
            "Clusters",
            "What sells",
            "Stores",
            "Internal clusters",
            "Need states",
            "Need states, final",
            "Attribute 1, final",
            "CDT, final",
        } <= set(book.sheetnames)
        for sheet in book.worksheets[1:-1]:
            if sheet.title in ("What sells", "Not carried"):
                continue  # shares, or sales that are not there
            header, rows = rows_of(sheet)
            column = next(
                place for place, head in enumerate(header) if head in ("Sales", "all sales")
            )
            summed = math.fsum(row[column] for row in rows)
            assert round(summed, 2) == pytest.approx(round(expected[name], 2), abs=0.005), (
                sheet.title
            )
            total = [row[column] for row in sheet.iter_rows(values_only=True) if row[0] == "Total"]
            assert total == [pytest.approx(summed)]
            of_clusters = [
                place
                for place, head in enumerate(header)
                if head.endswith(" sales") and head != "all sales"
            ]
            if of_clusters:
                summed = math.fsum(row[place] for row in rows for place in of_clusters)
                assert round(summed, 2) == pytest.approx(round(expected[name], 2), abs=0.005), (
                    sheet.title
                )


def test_sheets_are_ready_to_use(workbooks):
    book = openpyxl.load_workbook(
        next(path for path in workbooks.iterdir() if path.name.startswith("JUST"))
    )
    sheet = book["Need states"]
    assert sheet.freeze_panes == "B4"
    assert sheet.auto_filter.ref
    assert sheet["B4"].number_format == "#,##0.00"
    assert sheet["C4"].number_format == "0.0%"
    assert len(sheet.conditional_formatting) > 0
    cover = dict(book["Summary"].iter_rows(values_only=True))
    assert cover["Category"] == ONE_CLUSTER
    assert cover["What to do"].startswith("One plan will do")
    assert cover["Period"].startswith("weeks 1 to ")
    assert {"What came out", "How sure", "Environment", "Run", "Seed"} <= set(cover)
    assert len(book["Clusters"]._charts) == len(book["What sells"]._charts) == 1
    assert (book["Stores"].page_setup.orientation, book["Stores"].page_setup.paperSize) == (
        "landscape",
        9,
    )
    settings = [row[:3] for row in book["Settings"].iter_rows(values_only=True)]
    assert ("internal/train", "model.name", "gmm") in settings
    stores = openpyxl.load_workbook(
        next(path for path in workbooks.iterdir() if path.name.startswith("a_b"))
    )["Stores"]
    assert STORE in [row[0] for row in stores.iter_rows(values_only=True)]


def test_tables_hold_what_the_stages_wrote(project, tmp_path):
    for form in ("csv", "parquet"):
        assert command_in(project, "export", "--format", form, "--output", str(tmp_path)).code == 0
    stores, sales = (
        pl.read_parquet(tmp_path / "stores.parquet"),
        pl.read_parquet(tmp_path / "sales.parquet"),
    )
    assert stores.height == pl.read_csv(tmp_path / "stores.csv", infer_schema=False).height
    merged = pl.read_parquet(project / "data/dev/merged/assignments.parquet")
    assert (
        stores.join(merged, on=["category", "store_nbr", "final_cluster"]).height == merged.height
    )
    for (category, _, _), part in sales.group_by("category", "dimension", "by"):
        assert part["sales"].sum() == pytest.approx(input_sales(project)[category], abs=0.005)
        assert part.group_by("cluster").agg(pl.col("share").sum())[
            "share"
        ].to_list() == pytest.approx([1] * part["cluster"].n_unique())


def test_planogram_file_has_one_row_per_category_and_store(project):
    done = command_in(project, "export", "--format", "planogram")
    table = pl.read_csv(project / done.out.strip(), infer_schema=False)
    assert table.columns == ["CATEGORY", "STORE_NBR", "CLUSTER", "CLUSTER_NAME"]
    assert table.height == pl.read_parquet(project / "data/dev/merged/assignments.parquet").height
    assert table.null_count().sum_horizontal()[0] == 0
    assert "00001" in table["STORE_NBR"].to_list()


def test_planogram_names_the_plan_of_each_size_where_clusters_are_divided():
    stores = pl.DataFrame(
        {
            "category": ["TEA"],
            "store_nbr": ["1"],
            "final_cluster": ["A1"],
            "final_name": ["green"],
            "plan": ["A1 S"],
        }
    )
    assert as_planogram(stores).row(0, named=True)["PLAN"] == "A1 S"
    assert "PLAN" not in as_planogram(stores.drop("plan")).columns


def test_changed_input_leaves_the_attributes_out_and_says_so(project):
    path = project / "data/raw/need_states.csv"
    path.write_text(path.read_text().replace("private label", "own label"))
    done = command_in(project, "export", "--format", "parquet")
    assert done.code == 0
    assert "no sheets by product attribute: source.need_states is not what the run read" in done.err
    assert pl.read_parquet(project / "outputs/export/dev/sales.parquet")[
        "dimension"
    ].unique().to_list() == ["need_state"]


def test_what_cannot_be_exported_is_named(project, tmp_path):
    done = command_in(project, "export", "--category", "TEA")
    assert (done.code, done.err.splitlines()[0]) == (3, "error: the run has no category 'TEA'")
    done = command_in(project, "export", "--format", "xls")
    assert done.code == 2
    assert "did you mean 'xlsx'?" in done.err
    done = command_in(project, "export", f"paths.data_dir={tmp_path}")
    assert (done.code, "clustering run" in done.err) == (3, True)


def test_names_of_sheets_and_files_are_legal_and_distinct():
    taken: set[str] = {"summary"}
    hostile = ["Summary", "a/b:[c]*?\\", "'quoted'", "", "x" * 60, "x" * 60, "X" * 60, "\n"]
    names = [sheet_name(name, taken) for name in hostile]
    assert len({name.lower() for name in names}) == len(hostile)
    assert all(
        0 < len(name) <= 31 and not set(name) & set("[]:*?/\\\n") and name == name.strip("'")
        for name in names
    )
    taken = set()
    files = [file_name(name, taken) for name in [*hostile, "../../etc/passwd", "naïve café"]]
    assert len({name.lower() for name in files}) == len(files)
    assert all("/" not in name and not name.startswith(".") for name in files)
    more = ["CON", "nul.tea", "\U00020000" * 300, "\U00020000" * 301, "店" * 79 + "."]
    others = [file_name(name, taken) for name in more]
    assert len({name.lower() for name in others}) == len(more)
    assert all(len(f"{name}.xlsx".encode()) <= 255 for name in others)
    assert others[:2] == ["_CON", "_nul.tea"]
    assert files[-1] == "naïve_café"


def test_the_list_of_all_categories_says_what_they_are_worth(workbooks, hostile_dir):
    header, rows = rows_of(openpyxl.load_workbook(workbooks / "clusters.xlsx")["Worth"])
    assert header[2:4] == ["Gain over one plan", "Error"]
    table = pl.read_parquet(hostile_dir / "data/dev/merged/worth.parquet")
    whole = table.filter(pl.col("final_cluster").is_null())
    assert {tuple(row[:3]) for row in rows} == {
        (tidy(row["category"]), row["plans"], row["gain"]) for row in whole.to_dicts()
    }
