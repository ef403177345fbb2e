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
    "bkd": "baked",
    "brkfst": "breakfast",
    "btl": "bottle",
    "btr": "butter",
    "chkn": "chicken",
    "choc": "chocolate",
    "crbntd": "carbonated",
    "ctgy": "category",
    "dist": "distance",
    "dnr": "dinner",
    "dnrs": "dinners",
    "drnk": "drink",
    "drnks": "drinks",
    "drsng": "dressing",
    "dsh": "dish",
    "excp": "except",
    "flvrd": "flavored",
    "frsh": "fresh",
    "frz": "frozen",
    "frzn": "frozen",
    "gds": "goods",
    "grnd": "ground",
    "hh": "household",
    "inc": "income",
    "incl": "including",
    "misc": "miscellaneous",
    "mlt": "multi",
    "mneral": "mineral",
    "mx": "mix",
    "mxs": "mixes",
    "nbr": "number",
    "num": "number",
    "org": "organic",
    "pct": "percent",
    "pk": "pack",
    "pkg": "package",
    "pnt": "peanut",
    "pop": "population",
    "prem": "premium",
    "prod": "product",
    "pwdr": "powder",
    "qty": "quantity",
    "refrgratd": "refrigerated",
    "refrig": "refrigerated",
    "sald": "salad",
    "sft": "soft",
    "sgl": "single",
    "sm": "small",
    "sndwch": "sandwich",
    "sngl": "single",
    "sply": "supply",
    "sprd": "spread",
    "sqft": "square feet",
    "tiss": "tissue",
    "trsh": "trash",
    "veg": "vegetable",
    "wht": "white",
    "wtr": "water",
}


def proposed_label(raw: str) -> str:
    """A label in usual case, with spaces between its words, without abbreviations and without a
    bracket or a conjunction that the raw name had no room to go on after.
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", raw)
    text = re.sub(r"[_\s]+", " ", spaced).strip().lower()
    text = re.sub(r"(?<=.)\s*\([^)]*$", "", text).replace("w/ ", "with ")
    text = re.sub(r"\b[a-z]+\b", lambda word: WORDS.get(word[0], word[0]), text)
    text = re.sub(r"( (and|except|including|with))+$", "", text)
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
