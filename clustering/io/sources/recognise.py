"""Which file is which input, and which column has which role: a proposal for `init --from`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from clustering.config import ReadSettings
from clustering.errors import DataError
from clustering.io.sources.columns import ACCEPTED, LIKELY, WANTED, known_names, proposal, squash
from clustering.io.sources.numbers import as_number, is_gap, style_of
from clustering.io.sources.readers import open_table
from clustering.io.sources.table import Table
from clustering.methods.aggregation.clean_keys import without_gaps

ONE_ROW = 0.95  # different stores a row
MOST_REPEATS = 5  # rows of a SKU in a map: need states, or categories
KEYS = ("store_nbr", "sku_nbr", "like_store_nbr")
LONGEST_SHORT = 4  # letters; shorter words are part of too many others, as ean of mean
ENDINGS = ("", "s", "id", "nr", "no", "nbr", "num", "code", "number", "key")
# columns of numbers that are no sales, though some have "sales" in their names
NO_MONEY = re.compile(
    r"(?i)%|chg|change|ago|unit|qty|quantity|volume|menge|absatz|price|preis|share|index|margin|cost"
)
SIGN = re.compile("[$€£]")
TEXT = (pl.String, pl.Categorical, pl.Enum)


@dataclass
class Recognised:
    """One file: `name` of the input it is, its columns by role, and whether they are to be named.

    `examples` are values by role, `how` says how the file was read, `names` are what may get
    labels, by kind (see explanation.labels).
    """

    path: str
    name: str
    how: str
    roles: dict[str, str] = field(default_factory=dict)
    examples: dict[str, str] = field(default_factory=dict)
    names: dict[str, list[str]] = field(default_factory=dict)

    @property
    def to_name(self) -> dict[str, str]:
        """The roles whose columns no setting would find."""
        return {
            role: column
            for role, column in self.roles.items()
            if squash(column) not in {squash(each) for each in (role, *ACCEPTED[role])}
        }


def recognise(paths: Sequence[str]) -> list[Recognised]:
    """Give every file's part among the inputs; raises DataError naming the files that have none."""
    known = {each for name in WANTED for each in known_names(name, {})}
    tables = [open_table(path, ReadSettings(), known) for path in paths]
    found = [_recognised(table) for table in tables]
    problems = [
        f"{one.path} repeats its SKUs, as sales do, but no column of it reads like a store number "
        f"({', '.join(table.types)}); rename that column to STORE_NBR"
        for table, one in zip(tables, found, strict=True)
        if one and one.name == "need_states" and _repeats(table, one.roles["sku_nbr"])
    ]
    problems += [
        f"{table.path} is none of sales, need-state map and attributes: no column of it reads like "
        f"a store or SKU number ({', '.join(table.types)})"
        for table, one in zip(tables, found, strict=True)
        if one is None
    ]
    if problems:
        raise DataError(problems[0], problems[1:])
    return [one for one in found if one is not None]


def _recognised(table: Table) -> Recognised | None:
    present = list(table.types)
    keys: dict[str, str] = {}
    for role in KEYS:
        if column := _key(table, role, [name for name in present if name not in keys.values()]):
            keys[role] = column
    if "like_store_nbr" in keys and "store_nbr" in keys:
        name = "like_stores"
    elif {"store_nbr", "sku_nbr"} <= keys.keys() and not _is_unique(table, keys["store_nbr"]):
        name = "sales"
    elif "sku_nbr" in keys and "store_nbr" not in keys:
        name = "need_states"
    elif "store_nbr" in keys:
        name = "external"
    else:
        return None
    required, optional = WANTED[name]
    roles = {role: column for role, column in keys.items() if role in required}
    for role in (*required, *optional):
        rest = [column for column in present if column not in roles.values()]
        if role in roles or (role == "date" and "week" in roles):
            continue
        column = _role(table, role, rest, role in required)
        if column:
            roles[role] = column
    examples = {
        role: example for role, column in roles.items() if (example := _example(table, column))
    }
    return Recognised(table.path, name, table.how, roles, examples, _names(table, name, roles))


def _names(table: Table, name: str, roles: dict[str, str]) -> dict[str, list[str]]:
    """Categories, need states and attributes of a file."""
    if name == "external":
        return {"attribute": [column for column in table.types if column not in roles.values()]}
    wanted = {role: roles[role] for role in ("category", "need_state") if role in roles}
    return {
        role: table.collect(table.frame.select(without_gaps(pl.col(column))).unique())[column]
        .drop_nulls()
        .to_list()
        for role, column in wanted.items()
    }


def _key(table: Table, role: str, present: list[str]) -> str | None:
    """The column that most likely holds a key: among those whose name says so, one with few
    different values is a property of the key, such as a store format.
    """
    named = []
    while column := _likely(role, [name for name in present if name not in named]):
        named.append(column)
    levels = [table.beginning[column].n_unique() for column in named]
    most = max(levels, default=0)
    return next((c for c, number in zip(named, levels, strict=True) if 2 * number >= most), None)


def _is_unique(table: Table, column: str) -> bool:
    """Whether a file has one row for each store, as files of attributes have."""
    values = table.beginning[column].drop_nulls()
    return len(values) > 1 and values.n_unique() >= ONE_ROW * len(values)


def _repeats(table: Table, column: str) -> bool:
    """Whether most rows have a SKU that others have, which those of a map have not."""
    values = table.beginning[column].drop_nulls()
    return len(values) > 2 * MOST_REPEATS and MOST_REPEATS * values.n_unique() < len(values)


def _role(table: Table, role: str, rest: list[str], is_required: bool) -> str | None:
    if role == "total_sales":
        numbers = [column for column in rest if _is_number(table, column)]
        money = [column for column in numbers if not NO_MONEY.search(column)] or numbers
        signed = [column for column in money if SIGN.search(column)]
        return _likely(role, money) or next(iter(signed or money[-1:]), None)
    if found := _likely(role, rest):
        return found
    if role == "need_state":
        texts = [column for column in rest if table.types[column] in TEXT]
        return next((column for column in texts if not _is_number(table, column)), None)
    return proposal(role, rest) if is_required else None


def _likely(role: str, present: Sequence[str]) -> str | None:
    """The column whose name says the role: an accepted name, or one with a telling word in it."""
    accepted = {squash(each) for each in (role, *ACCEPTED[role])}
    if exact := [column for column in present if squash(column) in accepted]:
        return exact[0]
    for word in LIKELY.get(role, ()):
        if holding := [column for column in present if _says(column, word)]:
            return min(holding, key=lambda column: (len(column), column))
    return None


def _says(column: str, word: str) -> bool:
    """Whether a column name says `word`: a long word anywhere, a short one as a word of its own."""
    if len(word) > LONGEST_SHORT:
        return word in squash(column)
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", column)
    parts = re.split(r"[^a-z0-9äöüß]+|(?<=\D)(?=\d)", spaced.lower())
    return any(part.removeprefix(word) in ENDINGS for part in parts if part.startswith(word))


def _is_number(table: Table, column: str) -> bool:
    """Whether most values of a column are numbers, written in any way."""
    if table.types[column] not in TEXT:
        return table.types[column].is_numeric()
    values = table.beginning[column].cast(pl.String).unique().drop_nulls()
    known = values.to_frame("value").filter(~is_gap(pl.col("value")))["value"]
    try:
        style = style_of(table.path, known, table.separator, None, table.decimal_hint)
    except DataError:
        return bool(known.str.contains(r"^[\d.,]+$").all())
    read = known.to_frame("value").select(as_number(pl.col("value"), style)).to_series()
    return len(known) > 0 and 2 * read.null_count() < len(known)


def _example(table: Table, column: str) -> str | None:
    values = table.beginning[column].drop_nulls()
    return str(values[0]).strip() if len(values) else None
