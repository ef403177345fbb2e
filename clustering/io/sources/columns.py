"""Canonical column names, the names accepted for them, and how a user's columns are found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from clustering.config import Columns
from clustering.errors import DataError, did_you_mean

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


def resolve(
    where: str,
    present: Sequence[str],
    required: Sequence[str],
    optional: Sequence[str],
    chosen: Columns,
) -> dict[str, str]:
    """Give {canonical name: column of the file} for the required columns and those optional ones
    that are there.

    Names match without regard to case. Raises DataError listing every column that is missing or
    found twice.
    """
    named = {key: value for key, value in asdict(chosen).items() if value}
    found: dict[str, str] = {}
    problems: list[str] = []
    for canonical in (*required, *optional):
        candidates = _candidates(canonical, present, named)
        if len(candidates) == 1:
            found[canonical] = candidates[0]
        elif candidates:
            problems.append(
                f"{canonical}: both {' and '.join(candidates)} fit; set source.columns.{canonical}"
            )
        elif canonical in required or canonical in named:
            problems.append(_missing(canonical, present, named))
    if problems:
        raise DataError(
            f"{where}: {problems[0]}", [*problems[1:], f"columns there: {', '.join(present)}"]
        )
    return found


def _candidates(canonical: str, present: Sequence[str], named: Mapping[str, str]) -> list[str]:
    if canonical in named:
        return [column for column in present if column == named[canonical]]
    wanted = {canonical, *(name.lower() for name in ACCEPTED[canonical])}
    return [column for column in present if column.strip().lower() in wanted]


def _missing(canonical: str, present: Sequence[str], named: Mapping[str, str]) -> str:
    expected = named.get(canonical) or " or ".join(ACCEPTED[canonical])
    near = did_you_mean(expected.lower(), [column.lower() for column in present])
    return (
        f"no column {expected}{near or ','} set source.columns.{canonical}=<your column>".replace(
            "?,", "?"
        )
    )
