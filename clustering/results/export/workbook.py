"""Workbooks as category managers use them: one per category, and one that lists all with links."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from clustering.store.atomic import replacing

MONEY, SHARE, INDEX, NUMBER = "#,##0.00", "0.0%", "0", "#,##0"
POINTS = "+0.0;−0.0;0.0"
FORMATS = (MONEY, SHARE, INDEX, NUMBER, POINTS)
SCALE = {
    "type": "3_color_scale",
    "min_type": "num",
    "mid_type": "num",
    "max_type": "num",
    "min_value": 50,
    "mid_value": 100,
    "max_value": 200,
    "min_color": "#E69F00",
    "mid_color": "#FFFFFF",
    "max_color": "#56B4E9",
}
LONGEST_SHEET_NAME = 31
LONGEST_FILE_NAME, MOST_BYTES = 80, 200  # an ending follows; file systems take 255 bytes
# Windows keeps these for devices, with any ending
RESERVED = {
    "CON",
    "PRN",
    "AUX",
    "NUL",
    *(f"{kind}{n}" for kind in ("COM", "LPT") for n in range(10)),
}
WIDEST_COLUMN, LINE = 60, 15  # characters; points
MOST_ON_A_PAGE = 16  # columns; a wider sheet is printed on several pages side by side
FIRST = 2  # row of the header; a title stands above


@dataclass(frozen=True)
class Chart:
    """A native chart of some columns by the first one, below the table: of one column, a bar a row
    in the `colours` (RRGGBB) of the rows; of several, a series each.
    """

    title: str
    columns: tuple[str, ...]
    colours: tuple[str, ...]
    bars: bool = False  # lying, for long names


@dataclass(frozen=True)
class Sheet:
    """A table with a title; `formats` by column (those that are not named are text or whole
    numbers), `totals` are summed.
    """

    name: str
    title: str
    frame: pl.DataFrame
    formats: dict[str, str]
    totals: tuple[str, ...] = ()
    links: tuple[str, ...] = ()  # one per row, for its first column
    chart: Chart | None = None


def write_workbook(path: Path, cover: Sequence[tuple[str, Any]], sheets: Iterable[Sheet]) -> None:
    """Write a workbook: a cover of names and values, then the sheets. What was there stays until
    the new one is whole.
    """
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": True,
    }
    with replacing(path) as temporary, Workbook(temporary, options) as book:
        formats = {kind: book.add_format({"num_format": kind}) for kind in FORMATS}
        formats |= {
            f"total {kind}": book.add_format({"num_format": kind, "bold": True, "top": 1})
            for kind in tuple(formats)
        }
        formats |= {
            "": book.add_format(),
            "text": book.add_format({"text_wrap": True, "align": "left", "indent": 1}),
            "title": book.add_format({"bold": True, "font_size": 14}),
            "header": book.add_format(
                {
                    "bold": True,
                    "text_wrap": True,
                    "bottom": 1,
                    "valign": "top",
                    "align": "left",
                    "indent": 1,
                }
            ),
            "number header": book.add_format(
                {"bold": True, "text_wrap": True, "bottom": 1, "valign": "top", "align": "right"}
            ),
            "wrapped": book.add_format({"text_wrap": True, "valign": "top", "align": "left"}),
            "number": book.add_format({"num_format": NUMBER, "valign": "top", "align": "left"}),
            "label": book.add_format({"bold": True, "valign": "top", "font_color": "#535B64"}),
        }
        taken = {"summary"}
        _write_cover(book.add_worksheet("Summary"), cover, formats)
        for sheet in sheets:
            written = book.add_worksheet(sheet_name(sheet.name, taken))
            _write_sheet(written, sheet, formats)
            if sheet.chart and sheet.frame.height:
                _draw(book, written, sheet, sheet.chart)


def sheet_name(name: str, taken: set[str]) -> str:
    """A name that Excel accepts and that is not in `taken`, whatever its case."""
    return _free(
        re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", name).strip("' ") or "Sheet",
        taken,
        LONGEST_SHEET_NAME,
    )


def file_name(name: str, taken: set[str]) -> str:
    """A name every file system takes, not taken; letters and digits of any script are kept."""
    plain = re.sub(r"[^\w.-]+", "_", name).strip("._") or "category"
    if plain.partition(".")[0].upper() in RESERVED:
        plain = f"_{plain}"
    while len(plain[:LONGEST_FILE_NAME].encode()) > MOST_BYTES:
        plain = plain[: min(len(plain), LONGEST_FILE_NAME) - 1]
    return _free(plain, taken, LONGEST_FILE_NAME)


def _free(name: str, taken: set[str], longest: int) -> str:
    number, found = 1, name[:longest].rstrip(" .")
    while found.lower() in taken:
        number += 1
        found = f"{name[: longest - len(str(number)) - 1].rstrip(' .')}~{number}"
    taken.add(found.lower())
    return found


def _write_cover(
    sheet: Worksheet, cover: Sequence[tuple[str, Any]], formats: dict[str, Any]
) -> None:
    """A title, then names and values; sentences wrap in a column as wide as a page."""
    sheet.hide_gridlines(2)
    _for_paper(sheet)
    sheet.set_column(0, 0, 20)
    sheet.set_column(1, 1, 100)
    for row, (name, value) in enumerate(cover):
        sheet.write_string(row, 0, name, formats["title"] if row == 0 else formats["label"])
        sheet.set_row(row, 28 if row == 0 else 16 * (1 + len(str(value)) // 95))
        if isinstance(value, int | float):
            sheet.write_number(row, 1, value, formats["number"])
        else:
            sheet.write_string(row, 1, str(value), formats["wrapped"])


def _for_paper(sheet: Worksheet, columns: int = 1) -> None:
    """Landscape A4, as wide as one page where that can be read."""
    sheet.set_paper(9)
    sheet.set_landscape()
    if columns <= MOST_ON_A_PAGE:
        sheet.fit_to_pages(1, 0)
    else:
        sheet.repeat_columns(0)


def _draw(book: Workbook, sheet: Worksheet, table: Sheet, chart: Chart) -> None:
    """Draw a chart of a written table below it."""
    last, columns = FIRST + table.frame.height, table.frame.columns
    drawn = book.add_chart({"type": "bar" if chart.bars else "column"})
    for column, colour in zip(chart.columns, chart.colours, strict=False):
        place = columns.index(column)
        drawn.add_series(
            {
                "name": column,
                "categories": [sheet.name, FIRST + 1, 0, last, 0],
                "values": [sheet.name, FIRST + 1, place, last, place],
                "fill": {"color": f"#{colour}"},
                "invert_if_negative": False,
                "gap": 40,
                "points": (
                    [{"fill": {"color": f"#{one}"}} for one in chart.colours]
                    if len(chart.columns) == 1
                    else None
                ),
                "data_labels": {"value": True, "font": {"size": 8}},
            }
        )
    drawn.set_title({"name": chart.title, "name_font": {"size": 12}, "overlay": False})
    drawn.set_legend({"none": True} if len(chart.columns) == 1 else {"position": "bottom"})
    drawn.set_x_axis({"major_gridlines": {"visible": False}, "num_font": {"size": 9}})
    drawn.set_y_axis({"major_gridlines": {"visible": False}, "visible": False})
    if chart.bars:  # the first row on top, names left of all bars
        drawn.set_y_axis({"reverse": True, "label_position": "low", "num_font": {"size": 9}})
    rows = table.frame.height * len(chart.columns) if chart.bars else 14
    drawn.set_size({"width": 900, "height": min(520, 160 + 14 * rows)})  # on one sheet of paper
    sheet.insert_chart(last + (3 if table.totals else 2), 0, drawn)


def _write_sheet(sheet: Worksheet, table: Sheet, formats: dict[str, Any]) -> None:
    frame = table.frame
    widths = {name: _width(name, frame[name]) for name in frame.columns}
    _set_heights(sheet, frame, widths)
    sheet.write_string(0, 0, table.title, formats["title"])
    for column, name in enumerate(frame.columns):
        values = frame[name]
        kind = table.formats.get(name, "" if values.dtype.is_numeric() else "text")
        header = formats["header" if kind == "text" else "number header"]
        sheet.write_string(FIRST, column, name, header)
        sheet.set_column(column, column, widths[name], formats[kind])
        _write_column(sheet, column, values, formats[kind], table.links if column == 0 else ())
        if kind == INDEX and frame.height:
            sheet.conditional_format(FIRST + 1, column, FIRST + frame.height, column, SCALE)
    last = FIRST + frame.height
    sheet.freeze_panes(FIRST + 1, 1)
    if frame.height:
        sheet.autofilter(FIRST, 0, last, frame.width - 1)
    if table.totals:
        sheet.write_string(last + 1, 0, "Total", formats[f"total {MONEY}"])
        for name in table.totals:
            kind = f"total {table.formats[name]}"
            sheet.write_number(
                last + 1, frame.columns.index(name), float(frame[name].sum()), formats[kind]
            )
    _for_paper(sheet, frame.width)
    sheet.repeat_rows(FIRST)


def _set_heights(sheet: Worksheet, frame: pl.DataFrame, widths: dict[str, float]) -> None:
    """Rows as high as their longest text needs: not every program finds that out itself."""
    header = max((-(-len(name) // width) for name, width in widths.items()), default=1)
    sheet.set_row(FIRST, LINE * header)
    texts = [
        (pl.col(name).str.len_chars() / widths[name]).ceil()
        for name in frame.columns
        if frame[name].dtype == pl.String
    ]
    if texts and frame.height:
        lines = frame.select(pl.max_horizontal(texts).fill_null(1)).to_series()
        for row, number in enumerate(lines, FIRST + 1):
            if number > 1:
                sheet.set_row(row, LINE * number)


def _write_column(
    sheet: Worksheet, column: int, values: pl.Series, kind: Any, links: Sequence[str]
) -> None:
    if links:
        for row, (value, link) in enumerate(zip(values, links, strict=True), FIRST + 1):
            sheet.write_url(row, column, f"external:{link}", string=str(value)[:255])
    elif values.dtype.is_numeric():
        for row, value in enumerate(values, FIRST + 1):
            if value is not None:
                sheet.write_number(row, column, value, kind)
    else:
        texts = (
            values.replace_strict({True: "yes", False: "no"}, return_dtype=pl.String)
            if values.dtype == pl.Boolean
            else values
        )
        for row, value in enumerate(texts, FIRST + 1):
            if value is not None:
                sheet.write_string(row, column, value[:32_767], kind)


def _width(name: str, values: pl.Series) -> float:
    longest: Any = values.str.len_chars().max() if values.dtype == pl.String else 12
    return min(max(longest or 0, min(len(name), 14)) + 4, WIDEST_COLUMN)
