"""A deck for the meeting: one slide for all categories, one for each chosen one, with native charts
and tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.util import Inches, Pt

from clustering.results.export.colours import ACCENT, INK, RULE, SOFT, colour_of
from clustering.results.page.content.content import Content
from clustering.results.page.content.words import (
    Part,
    came_out,
    how_sure,
    lede,
    money,
    percent,
    sureness,
    to_do,
    trait_in_words,
    what_to_do,
)
from clustering.store.atomic import replacing

WIDTH, HEIGHT, MARGIN = 13.333, 7.5, 0.6  # inches, 16:9
RIGHT_HALF, ROOMY = 6.8, 8  # inches; clusters, up to which a name has two lines
BLANK = 6  # the layout without placeholders
MOST_LISTED, MOST_FEATURES, MOST_SERIES, MOST_CLUSTERS = 11, 7, 6, 12
LEAST_SALES = 0.02  # of a category: smaller clusters have no bars


def write_deck(content: Content, chosen: Sequence[str], path: Path) -> Path:
    """Write the deck; `chosen` are keys of categories. Numbers are those of the page."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(WIDTH), Inches(HEIGHT)
    _summary(deck, content.main)
    for place, category in enumerate(content.main["categories"]):
        if category["key"] in chosen:
            _category(deck, content, place)
    with replacing(path) as temporary:
        deck.save(str(temporary))
    return path


def _summary(deck: Any, main: Part) -> None:
    slide = deck.slides.add_slide(deck.slide_layouts[BLANK])
    _text(slide, (MARGIN, 0.4, 12, 0.7), ("Which stores belong together?", 30, INK, True))
    _text(slide, (MARGIN, 1.1, 11.6, 1.1), (lede(main), 16, SOFT, False))
    currency, listed = main["run"]["currency"], main["categories"][:MOST_LISTED]
    rows = [
        [
            category["label"],
            money(category["sales"], currency),
            f"{category['stores']:,}",
            f"{len(category['clusters'])}",
            percent(category["captured"]),
            sureness(category["plan"]),
            to_do(category["plan"]),
        ]
        for category in listed
    ]
    titles = ["Category", "Sales", "Stores", "Clusters", "Captured", "How sure", "What to do"]
    widths, has_sales = [3.6, 1.5, 1.1, 1.1, 1.2, 1.7, 1.9], main["run"]["sales"] > 0
    told = range(len(titles)) if has_sales else [0, 2, 3, 6]
    table = [[row[at] for at in told] for row in (titles, *rows)]
    right = {place for place, at in enumerate(told) if 1 <= at <= 4}
    _table(slide, (MARGIN, 2.3), table, [widths[at] for at in told], right=right)
    more = len(main["categories"]) - len(listed)
    end = f"The largest {len(listed)} of {len(main['categories'])} categories. " if more else ""
    end += f"Sales of {main['run']['period']}. " if main["run"]["period"] else ""
    if has_sales:
        end += (
            "Captured: share of the store-to-store difference in what sells that the clusters "
            "explain, weighted by sales."
        )
    _text(slide, (MARGIN, 6.95, 12, 0.4), (end, 11, SOFT, False))


def _category(deck: Any, content: Content, place: int) -> None:
    main = content.main
    category, profile = main["categories"][place], content.blocks["profiles"][place]
    slide = deck.slides.add_slide(deck.slide_layouts[BLANK])
    _text(slide, (MARGIN, 0.3, 12, 0.6), (category["label"], 28, INK, True))
    facts = f"{category['stores']:,} stores"
    if category["sales"]:
        facts += (
            f", {money(category['sales'], main['run']['currency'])}, "
            f"rank {place + 1} of {len(main['categories'])} by sales"
        )
    _text(slide, (MARGIN, 0.88, 12, 0.35), (facts, 13, SOFT, False))
    answers = (
        ("What came out", came_out(category)),
        ("How sure", how_sure(category)),
        ("What to do", what_to_do(category)),
    )
    for at, (title, (heading, sentence)) in enumerate(answers):
        box = (MARGIN + at * 4.1, 1.3, 3.9, 1.4)
        lines = (title, 11, SOFT, False), (heading, 14, INK, True), (sentence, 10, SOFT, False)
        _text(slide, box, *lines)
    left = RIGHT_HALF if _differences(slide, category, profile) else MARGIN
    _clusters(slide, left, main, category, profile, content.blocks["stores"]["attributes"])


def _differences(slide: Any, category: Part, profile: Part) -> bool:
    """Draw a native bar chart of points of sales share of the mixes against all stores, where two
    mixes or more have any.
    """
    shown = [at for at, share in enumerate(_shares(category)) if share >= LEAST_SALES]
    features = [at for at, (raw, _) in enumerate(profile["features"]) if raw][:MOST_FEATURES]
    if not features or len(shown) < 2:
        return False
    title = "What sells more and less, in points of sales share"
    _text(slide, (MARGIN, 2.75, 5.9, 0.3), (title, 12, INK, True))
    data = CategoryChartData(number_format='+0.0;"−"0.0;0.0')
    data.categories = [_short(profile["features"][at][1]) for at in features]
    for mix in shown[:MOST_SERIES]:
        points = [
            round(100 * (profile["mixMean"][mix][at] - profile["overall"][at]), 1)
            for at in features
        ]
        named = category["mixes"][mix]
        data.add_series(f"{named['letter']} {_short(named['name'])}", points)
    box = (Inches(MARGIN), Inches(3.0), Inches(5.9), Inches(4.2))
    chart = slide.shapes.add_chart(XL_CHART_TYPE.BAR_CLUSTERED, *box, data).chart
    _style(chart, [colour_of({"mix": mix, "shade": 0}) for mix in shown[:MOST_SERIES]])
    return True


def _shares(category: Part) -> list[float]:
    """The share of sales of each mix."""
    sales = [0.0] * len(category["mixes"])
    for cluster in category["clusters"]:
        sales[cluster["mix"]] += cluster["sales"]
    return [value / (category["sales"] or 1) for value in sales]


def _style(chart: Any, colours: Sequence[str]) -> None:
    chart.has_legend, chart.has_title = True, False
    chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    chart.legend.font.size = Pt(9)
    chart.font.size, chart.font.color.rgb = Pt(11), RGBColor.from_string(INK)
    chart.category_axis.reverse_order = True
    chart.category_axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    chart.category_axis.format.line.color.rgb = RGBColor.from_string(SOFT)
    chart.value_axis.has_major_gridlines, chart.value_axis.visible = False, False
    plot = chart.plots[0]
    plot.gap_width, plot.overlap = 45, -5
    plot.has_data_labels = True
    plot.data_labels.font.size, plot.data_labels.show_value = Pt(8), True
    for series, colour in zip(plot.series, colours, strict=True):
        series.format.fill.solid()
        series.format.fill.fore_color.rgb = RGBColor.from_string(colour)
        series.invert_if_negative = False


def _clusters(
    slide: Any, left: float, main: Part, category: Part, profile: Part, attributes: Sequence[Part]
) -> None:
    _text(slide, (left, 2.75, 5.9, 0.3), ("Final clusters", 12, INK, True))
    listed, whole = category["clusters"][:MOST_CLUSTERS], category["sales"] or 1
    longest = 36 if len(listed) > ROOMY else 60
    rows = [
        [
            cluster["code"],
            _short(cluster["surroundings"] or category["mixes"][cluster["mix"]]["name"], longest),
            f"{cluster['stores']:,}",
            money(cluster["sales"], main["run"]["currency"]),
            percent(cluster["sales"] / whole),
            _trait(profile["traits"][at], attributes),
        ]
        for at, cluster in enumerate(listed)
    ]
    titles, told = (
        ["", "Cluster", "Stores", "Sales", "Share", "Who shops there"],
        [0, 1, 2, 3, 4, 5],
    )
    if not category["sales"]:
        told = [0, 1, 2, 5]
    widths = [0.4, 1.8, 0.65, 0.82, 0.58, 1.7]
    right = {place for place, at in enumerate(told) if 2 <= at <= 4}
    shown = [[row[at] for at in told] for row in (titles, *rows)]
    table = _table(slide, (left, 3.05), shown, [widths[at] for at in told], right, size=9)
    for at, cluster in enumerate(listed, start=1):
        fill = table.cell(at, 0).fill
        fill.solid()
        fill.fore_color.rgb = RGBColor.from_string(colour_of(cluster))
    more = len(category["clusters"]) - len(listed)
    if more > 0:
        _text(slide, (left, 7.1, 5.9, 0.3), (f"and {more} more (page, workbook)", 10, SOFT, False))


def _trait(traits: Sequence[Part], attributes: Sequence[Part]) -> str:
    """The strongest attribute that differs beyond chance."""
    if not traits:
        return "no marked surroundings"
    trait = traits[0]
    return _short(trait_in_words(trait, attributes[trait["attribute"]]), 30)


def _text(
    slide: Any, box: tuple[float, float, float, float], *lines: tuple[str, float, str, bool]
) -> None:
    """Paragraphs of text, size, colour and whether bold."""
    frame = slide.shapes.add_textbox(*(Inches(value) for value in box)).text_frame
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    for place, (text, size, colour, bold) in enumerate(lines):
        paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
        run = paragraph.add_run()
        run.text = text
        run.font.size, run.font.bold = Pt(size), bold
        run.font.color.rgb = RGBColor.from_string(colour)


def _table(
    slide: Any,
    corner: tuple[float, float],
    rows: Sequence[Sequence[str]],
    widths: Sequence[float],
    right: set[int],
    size: float = 12,
) -> Any:
    """A plain native table: a line under the head, no bands."""
    height = 0.025 * size
    place = (*map(Inches, corner), Inches(sum(widths)), Inches(height * len(rows)))
    shape = slide.shapes.add_table(len(rows), len(widths), *place)
    table = shape.table
    table.horz_banding, table.first_row = False, True
    for at, width in enumerate(widths):
        table.columns[at].width = Inches(width)
    for row, values in enumerate(rows):
        table.rows[row].height = Inches(height)
        for column, value in enumerate(values):
            cell = table.cell(row, column)
            cell.fill.solid()
            cell.fill.fore_color.rgb = RGBColor.from_string("FFFFFF" if row else RULE)
            cell.margin_left = cell.margin_right = Inches(0.06)
            cell.margin_top = cell.margin_bottom = Inches(0.02)
            cell.vertical_anchor = MSO_ANCHOR.MIDDLE
            paragraph = cell.text_frame.paragraphs[0]
            paragraph.alignment = PP_ALIGN.RIGHT if column in right else PP_ALIGN.LEFT
            run = paragraph.add_run()
            run.text = value
            run.font.size, run.font.bold = Pt(size), row == 0
            run.font.color.rgb = RGBColor.from_string(INK if row else ACCENT)
    return table


def _short(text: str, longest: int = 36) -> str:
    """A label a chart has room for; the whole name is on the page."""
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"
