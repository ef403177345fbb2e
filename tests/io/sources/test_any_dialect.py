"""The same sales written in random ways (separators, marks, currencies, dates, encodings, titles,
footers, totals) have the same sums and periods.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from tests.io.sources.test_dirty_files import Sales, preprocessed, source_of, sums_of

EPOCH, FIRST = date(1970, 1, 1), date(2025, 12, 1)  # a Monday; the weeks cross the new year
STORES, SKUS = ("001", "010", "099", "123"), ("07", "08")
MARKS = ((".", ","), (".", ""), (".", "'"), (",", "."), (",", ""), (",", " "), (",", "\u202f"))
NEGATIVES: tuple[Callable[[str], str], ...] = (
    lambda amount: f"-{amount}",
    lambda amount: f"({amount})",
    lambda amount: f"{amount}-",
    lambda amount: f"−{amount}",
)
CURRENCIES = ("{}", "${}", "€{}", "{} €", "{} EUR", "USD {}")
DATES = (
    "%Y-%m-%d",
    "%d.%m.%Y",
    "%m/%d/%Y",
    "%Y%m%d",
    "%d-%b-%Y",
    "%G-W%V",
    "W/E %m/%d/%y",
    "Week %V %G",
    "%d.%m.%Y %H:%M",
    "%Y-%m-%dT%H:%M:%S-05:00",
)
KEYS = ("{}", " {}", "{}\u00a0", "\u200b{}", "'{}", "{}.0")
TITLES = ("", "Sales report\n", "# exported 2026\n", "Report{0}{0}{0}\nFrom{0}01.01.2026{0}{0}\n\n")
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252")
Row = tuple[str, str, float, date]


def _rows(chance: random.Random) -> list[Row]:
    days = [FIRST + timedelta(weeks=week) for week in range(8)]
    rows = [
        (store, sku, round(chance.choice([7.5, 1_500, 250_000]) * chance.uniform(0.5, 2), 2), day)
        for store in STORES
        for sku in SKUS
        for day in days
    ]
    returned = [(*row[:2], -round(row[2] / 3, 2), row[3]) for row in rows if chance.random() < 0.1]
    return [*rows, *returned]


def _written(chance: random.Random, rows: list[Row], pattern: str) -> bytes:
    separator, (point, thousands) = chance.choice(",;\t|~"), chance.choice(MARKS)
    negative, currency, key = (chance.choice(each) for each in (NEGATIVES, CURRENCIES, KEYS))

    def amount(value: float) -> str:
        text = f"{abs(value):,.2f}".replace(",", "T").replace(".", point).replace("T", thousands)
        shown = currency.format(text)
        return negative(shown) if value < 0 else shown

    total = amount(sum(value for _, _, value, _ in rows))
    cells = [["STORE_NBR", "Sku Nbr", "Total Sales", "DATE"]]
    for store, sku, value, day in rows:
        spelt = chance.choice((key, "{}")).format(store)
        cells.append([spelt, sku, amount(value), day.strftime(pattern)])
    cells += chance.sample([["Grand Total", "", total, ""], [""] * 4, ["001", "07", "NA", ""]], 2)
    lines = [separator.join(_quoted(cell, separator) for cell in row) for row in cells]
    footer = chance.choice(("", "Source: ERP\n"))
    text = chance.choice(TITLES).format(separator) + "\n".join(lines) + "\n" + footer
    try:
        return text.encode(chance.choice(ENCODINGS))
    except UnicodeEncodeError:
        return text.encode()


def _quoted(cell: str, separator: str) -> str:
    return f'"{cell}"' if separator in cell else cell


@pytest.mark.parametrize("seed", range(30))
def test_sums_and_periods_do_not_depend_on_how_sales_are_written(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    rows, pattern = _rows(chance), chance.choice(DATES)
    chance.shuffle(rows)
    source = source_of(tmp_path, Sales("random", _written(chance, rows, pattern)))
    expected: Counter[str] = Counter()
    for store, _, value, _ in rows:
        expected[store] += value  # type: ignore[assignment]
    found = sums_of(preprocessed(source, totals="drop", holdout="random"))
    assert found == pytest.approx({store: round(value, 4) for store, value in expected.items()})
    days = source.sales().select(pl.col("period").drop_nulls().unique().sort()).collect()["period"]
    assert days.to_list() == sorted({(day - EPOCH).days for *_, day in rows})
