"""Canonical column names, the names accepted for them, and how a user's columns are found."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from difflib import get_close_matches
from functools import lru_cache
from pathlib import PurePath

from clustering.config import ColumnNames, Columns
from clustering.errors import DataError

ACCEPTED: dict[str, tuple[str, ...]] = {
    "sku_nbr": ("SKU_NBR", "PRODUCT_ID"),
    "store_nbr": ("STORE_NBR",),
    "category": ("CAT_DSC", "CATEGORY"),
    "need_state": ("NEED_STATE",),
    "total_sales": ("TOTAL_SALES",),
    "like_store_nbr": ("LIKE_STORE_NBR", "LIKE_STORE"),
    "weight": ("WEIGHT",),
    **{name: (name.upper(),) for name in ("kind", "cluster", "value", "who", "why", "until")},
    "week": ("WEEK",),
    "date": ("DATE",),
    "cdt": ("CDT",),
    **{f"attribute_{number}": (f"ATTRIBUTE_{number}",) for number in range(1, 7)},
}
PRODUCT_ATTRIBUTES = ("cdt", *(f"attribute_{number}" for number in range(1, 7)))
# required and optional columns of every input
WANTED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "sales": (("store_nbr", "sku_nbr", "total_sales"), ("category", "week", "date")),
    "need_states": (("sku_nbr", "need_state"), ("category", *PRODUCT_ATTRIBUTES)),
    "external": (("store_nbr",), ()),
    "like_stores": (("store_nbr", "like_store_nbr"), ("weight",)),
    "overrides": (("kind", "who", "why"), ("category", "store_nbr", "cluster", "value", "until")),
}
# words in column names by which a column is proposed for a role, the most telling first
LIKELY: dict[str, tuple[str, ...]] = {
    "store_nbr": (
        "store", "shop", "outlet", "filiale", "filial", "markt", "branch", "magasin", "tienda",
        "negozio", "site", "location", "door", "loc", "werk", "plant", "sucursal", "geography",
        "market",
    ),
    "sku_nbr": (
        "sku", "upc", "ean", "gtin", "barcode", "item", "product", "article", "artikel", "produkt",
        "articolo", "producto", "plu",
    ),
    "category": (
        "category", "kategorie", "categoria", "categorie", "warengruppe", "department", "class",
    ),
    "need_state": (
        "needstate", "need", "bedarf", "bedürf", "besoin", "segment", "subcategory", "type",
        "state",
    ),
    "total_sales": (
        "sales", "revenue", "umsatz", "turnover", "amount", "betrag", "dollar",
        "euro", "usd", "eur", "chiffre", "erl", "importe", "ricavi", "ventas", "vente",
        "net", "gross", "value",
    ),
    "week": ("week", "woche", "wk", "semaine", "semana", "period"),
    "date": ("date", "datum", "day", "tag", "fecha", "timestamp", "month", "monat", "time", "ts"),
    "like_store_nbr": ("like", "similar", "model"),
}  # fmt: skip


class MissingColumns(DataError):
    """Columns that a file lacks: one problem a line, so that several files can be told at once."""

    def __init__(self, problems: Sequence[str], details: Sequence[str] = ()) -> None:
        self.problems, self.rest = list(problems), list(details)
        super().__init__(self.problems[0], [*self.problems[1:], *self.rest])


@lru_cache(4096)  # many files have the same columns
def squash(name: str) -> str:
    """A column name without what does not matter in it: case, blanks, underscores, hyphens."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


def names_of(columns: Columns, name: str, path: str) -> dict[str, str]:
    """The user's column names for one file of an input: its own before the input's before all."""
    place = PurePath(path.rpartition("/")[2])
    own = columns.files.get(place.name) or columns.files.get(place.name.split(".")[0]) or {}
    return _given(columns) | _given(getattr(columns, name)) | own


def _given(names: ColumnNames) -> dict[str, str]:
    return {
        item.name: value for item in fields(ColumnNames) if (value := getattr(names, item.name))
    }


def known_names(name: str, chosen: Mapping[str, str]) -> set[str]:
    """The squashed names by which the header row of a file of this input is recognised."""
    required, optional = WANTED[name]
    accepted = {squash(each) for role in (*required, *optional) for each in (role, *ACCEPTED[role])}
    return accepted | {squash(column) for column in chosen.values()}


def resolve(
    where: str, present: Sequence[str], name: str, chosen: Mapping[str, str]
) -> dict[str, str]:
    """Give {canonical name: column of the file} for the required columns of an input and those
    optional ones that are there.

    Case, blanks, underscores and hyphens do not matter. Raises MissingColumns with every column
    that is missing or found twice.
    """
    required, optional = WANTED[name]
    found: dict[str, str] = {}
    problems: list[str] = []
    if len(present) == 1 < len(required):
        raise MissingColumns(
            [
                f"{where}: one column only, {present[0]!r}; set source.read.separator to the "
                "character between the cells"
            ]
        )
    for role in (*required, *optional):
        candidates = _candidates(role, present, chosen)
        if len(candidates) == 1:
            found[role] = candidates[0]
        elif candidates:
            problems.append(
                f"{where}: {role}: both {' and '.join(candidates)} fit; set source.columns.{role}"
            )
        elif role in required or role in chosen:
            problems.append(f"{where}: {_missing(role, present, name, chosen, found.values())}")
    if problems:
        details = [f"columns there: {', '.join(present)}"]
        if name == "sales" and "total_sales" not in found and not proposal("total_sales", present):
            words = "a column for every SKU or period? set source.wide=sku_nbr, week or date"
            details.insert(0, words)
        raise MissingColumns(problems, details)
    return found


def _candidates(role: str, present: Sequence[str], chosen: Mapping[str, str]) -> list[str]:
    if role in chosen:
        exact = [column for column in present if column == chosen[role]]
        return exact or [column for column in present if squash(column) == squash(chosen[role])]
    wanted = {squash(each) for each in (role, *ACCEPTED[role])}
    taken = set(chosen.values())
    return [column for column in present if squash(column) in wanted and column not in taken]


def _missing(
    role: str, present: Sequence[str], name: str, chosen: Mapping[str, str], taken: Collection[str]
) -> str:
    expected = chosen.get(role) or " or ".join(ACCEPTED[role])
    near = proposal(role, [column for column in present if column not in taken], chosen)
    return (
        f"no column {expected}, did you mean {near!r}? set source.columns.{name}.{role}='{near}'"
        if near
        else f"no column {expected}, set source.columns.{name}.{role}=<your column>"
    )


def proposal(
    role: str, present: Sequence[str], chosen: Mapping[str, str] | None = None
) -> str | None:
    """The column of a file that most likely has this role, by its name; None where none does."""
    named = {squash(column): column for column in reversed(present)}
    expected = (chosen or {}).get(role)
    wanted = [squash(expected)] if expected else [squash(each) for each in (role, *ACCEPTED[role])]
    for word in wanted:
        if near := get_close_matches(word, named, n=1, cutoff=0.75):
            return named[near[0]]
    for word in LIKELY.get(role, ()):
        if holding := [column for key, column in named.items() if word in key]:
            return min(holding, key=lambda column: (len(column), column))
    near = [match for word in wanted for match in get_close_matches(word, named, n=1)]
    return named[near[0]] if near else None
