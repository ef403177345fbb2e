"""The rows of an overrides file held against the run: which can be applied, which are over, which
are mistakes.

    kind      needs                         means pin       category store_nbr cluster    the store
    belongs to this final cluster exclude   store_nbr                     the store gets no final
    cluster (a category restricts it) flagship  store_nbr                     the store leaves the
    others, for the cluster named, or "flagship" rename    category cluster value        the final
    cluster is called this renumber  store_nbr value               the store's new number

Every row says who decided, why, and until when it holds (a date, the last day; empty for good).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import polars as pl

from clustering.errors import did_you_mean

NEEDS = {
    "pin": ("category", "store_nbr", "cluster"),
    "exclude": ("store_nbr",),
    "flagship": ("store_nbr",),
    "rename": ("category", "cluster", "value"),
    "renumber": ("store_nbr", "value"),
}
IGNORES = {
    "pin": ("value",),
    "exclude": ("cluster", "value"),
    "flagship": ("value",),
    "rename": ("store_nbr",),
    "renumber": ("category", "cluster"),
}
FLAGSHIP = "flagship"
APPLIED, EXPIRED, MISTAKE = "applied", "expired", "mistake"


@dataclass
class Override:
    """One row; `row` is its number among the data rows of the file, from 1."""

    row: int
    kind: str
    category: str
    store_nbr: str
    cluster: str
    value: str
    who: str
    why: str
    until: str
    status: str = APPLIED
    note: str = ""

    @property
    def words(self) -> str:
        parts = (
            self.kind,
            self.store_nbr and f"store {self.store_nbr}",
            self.category and f"in {self.category}",
        )
        return " ".join(part for part in parts if part)


@dataclass(frozen=True)
class Existing:
    """What the run knows: the stores of each category, and its final clusters."""

    stores: dict[str, set[str]]
    clusters: dict[str, list[str]]

    @cached_property
    def all_stores(self) -> set[str]:
        return set().union(*self.stores.values())


def checked(table: pl.DataFrame, known: Existing, today: date) -> list[Override]:
    """Give the rows of `table` (schemas.Overrides) with their status, and what is wrong with
    mistaken ones as their note.
    """
    rows = [
        Override(number, *(value or "" for value in row))
        for number, row in enumerate(table.iter_rows(), start=1)
    ]
    for override in rows:
        _settle(override, next(_problems(override, known), ""))
    for override in rows:
        if (
            override.status == APPLIED
            and override.until
            and date.fromisoformat(override.until) < today
        ):
            override.status, override.note = EXPIRED, f"held until {override.until}"
    seen: dict[Any, Override] = {}
    for override in rows:
        if override.status == APPLIED:
            _settle(override, next(_contradictions(override, seen, known), ""))
    return rows


def _settle(override: Override, problem: str) -> None:
    if problem:
        override.status, override.note = MISTAKE, problem


def _problems(override: Override, known: Existing) -> Iterator[str]:
    """What is wrong with a row by itself, the first that must be mended first."""
    if override.kind not in NEEDS:
        yield (
            f"kind {override.kind!r} is not one of "
            f"{', '.join(NEEDS)}{did_you_mean(override.kind, list(NEEDS))}"
        )
        return
    for name in NEEDS[override.kind]:
        if not getattr(override, name):
            yield f"{override.kind} needs a {name}"
    for name in IGNORES[override.kind]:
        if getattr(override, name):
            yield f"{override.kind} takes no {name}, and there is {getattr(override, name)!r}"
    for name in ("who", "why"):
        if not getattr(override, name):
            yield f"{override.words} does not say {name}"
    if override.until and not _is_date(override.until):
        yield f"until {override.until!r} is not a date such as 2026-12-31"
    if override.category and override.category not in known.stores:
        yield (
            "the run has no category "
            f"{override.category!r}{did_you_mean(override.category, list(known.stores))}"
        )
    elif override.store_nbr and override.store_nbr not in known.all_stores:
        yield f"the run has no store {override.store_nbr!r}{_padded(override.store_nbr, known)}"
    elif (
        override.store_nbr
        and override.category
        and override.store_nbr not in known.stores[override.category]
    ):
        yield f"store {override.store_nbr} has no cluster in {override.category} to begin with"
    if override.cluster and override.kind != FLAGSHIP and override.category in known.clusters:
        there = known.clusters[override.category]
        if override.cluster not in there:
            yield (
                f"{override.category} has no final cluster {override.cluster!r}; it has "
                f"{', '.join(there)}"
            )
    if override.kind == "renumber" and override.value in known.all_stores:
        yield (
            f"store {override.store_nbr} cannot become {override.value}: there is such a store "
            "already"
        )


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _padded(store: str, known: Existing) -> str:
    """The store that was probably meant, where a spreadsheet took its leading zeros."""
    near = next(
        (name for name in sorted(known.all_stores) if name.lstrip("0") == store.lstrip("0")), None
    )
    return f"; did you mean {near!r}? (spreadsheets take leading zeros away)" if near else ""


def _contradictions(
    override: Override, seen: dict[Any, Override], known: Existing
) -> Iterator[str]:
    """What is wrong with a row beside an earlier one; the earlier one stands."""
    for key, said in _claims(override, known):
        earlier = seen.setdefault(key, override)
        if earlier is override:
            continue
        if (earlier.kind, said) == (override.kind, dict(_claims(earlier, known))[key]):
            yield f"{override.words} repeats row {earlier.row}"
        else:
            yield (
                f"{override.words} contradicts row {earlier.row} "
                f"({earlier.words}{_target(earlier)})"
            )


def _target(override: Override) -> str:
    target = override.cluster if override.kind == "pin" else override.value
    return f" as {target}" if target else ""


def _claims(override: Override, known: Existing) -> list[tuple[Any, str]]:
    """What a row decides, as (key, decision): only one row may decide it."""
    if override.kind == "rename":
        name = override.value.strip().lower()
        return [
            (("name", override.category, override.cluster), name),
            (("cluster", override.category, name), override.cluster),
        ]
    if override.kind == "renumber":
        return [
            (("number", override.store_nbr), override.value),
            (("store", override.value), override.store_nbr),
        ]
    of_store = [name for name, stores in known.stores.items() if override.store_nbr in stores]
    decision = override.cluster if override.kind == "pin" else override.kind
    return [
        (("place", category, override.store_nbr), decision)
        for category in ([override.category] if override.category else of_store)
    ]
