"""Names as a reader wants them, where the retailer gave none of their own."""

from __future__ import annotations

import re


def tidy(raw: str) -> str:
    """Turn "SOFT_DRINKS" into "Soft drinks"; a name written with care stays as it is."""
    spaced = re.sub(r"\s+", " ", raw.replace("_", " ")).strip()
    if spaced == spaced.upper():
        spaced = spaced.capitalize()
    return spaced[:1].upper() + spaced[1:]


def tidy_attribute(raw: str) -> str:
    """Turn "store_format=express" into "Store format: express"."""
    name, _, level = raw.partition("=")
    return f"{tidy(name)}: {level}" if level else tidy(name)
