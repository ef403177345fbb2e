"""Names as a reader wants them, where the retailer gave none of their own."""

from __future__ import annotations

import re


def tidy(raw: str) -> str:
    """ "SOFT_DRINKS" becomes "Soft drinks"; a name that is written with care stays as it is."""
    spaced = re.sub(r"\s+", " ", raw.replace("_", " ")).strip()
    if spaced == spaced.upper():
        spaced = spaced.capitalize()
    return spaced[:1].upper() + spaced[1:]


def tidy_attribute(raw: str) -> str:
    """ "store_format=express" becomes "Store format: express"."""
    name, _, level = raw.partition("=")
    return f"{tidy(name)}: {level}" if level else tidy(name)
