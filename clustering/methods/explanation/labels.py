"""Readable labels for raw names: a first version to edit, and their use in names of clusters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

KINDS = ("category", "need_state", "attribute")
# as retailers' systems cut words; a label is a proposal, so only what is hardly ever wrong
WORDS = {
    "amt": "amount",
    "assrtd": "assorted",
    "avg": "average",
    "bev": "beverage",
    "brkfst": "breakfast",
    "chkn": "chicken",
    "choc": "chocolate",
    "ctgy": "category",
    "dist": "distance",
    "frsh": "fresh",
    "frzn": "frozen",
    "hh": "household",
    "inc": "income",
    "misc": "miscellaneous",
    "nbr": "number",
    "num": "number",
    "org": "organic",
    "pct": "percent",
    "pkg": "package",
    "pop": "population",
    "prem": "premium",
    "prod": "product",
    "qty": "quantity",
    "refrig": "refrigerated",
    "sgl": "single",
    "sm": "small",
    "sngl": "single",
    "sqft": "square feet",
    "veg": "vegetable",
    "w/": "with",
    "wht": "white",
}


def proposed_label(raw: str) -> str:
    """A label in usual case, with spaces between its words and without abbreviations."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", raw)
    words = re.sub(r"[_\s]+", " ", spaced).strip().lower().split(" ")
    text = " ".join(WORDS.get(word, word) for word in words)
    return text[:1].upper() + text[1:]


def label_table(names: Mapping[str, Iterable[str]]) -> pl.DataFrame:
    """Give schemas.Labels with a proposal for every raw name, by kind."""
    rows = [
        (kind, raw, proposed_label(raw))
        for kind in KINDS
        for raw in sorted(set(names.get(kind, ())))
    ]
    schema = {"kind": pl.String, "raw": pl.String, "label": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def labelled(features: Sequence[str], kind: str, labels: pl.DataFrame | None) -> list[str]:
    """The features, or, where the table has one, their labels; of "format=express" the level
    stays as it is.
    """
    if labels is None:
        return list(features)
    known = dict(labels.filter(kind=kind).drop_nulls("label").select("raw", "label").iter_rows())
    named = []
    for feature in features:
        name, divider, level = feature.partition("=")
        named.append(known.get(feature) or known.get(name, name) + divider + level)
    return named
