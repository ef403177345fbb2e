"""Fields with a range or choices, and the check that lists every value outside of them at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, field, fields, is_dataclass
from typing import Any, TypeVar

from clustering.errors import did_you_mean
from clustering.redaction import holds_password

Given = TypeVar("Given")


def one_of(*choices: str, default: str | None) -> Any:
    """A text field restricted to `choices`."""
    return field(default=default, metadata={"choices": choices})


def within(low: float | None, high: float | None, *, default: Any) -> Any:
    """A number restricted to low..high, both ends included; None leaves a side open and is a valid
    value where typed so.
    """
    return field(default=default, metadata={"low": low, "high": high})


def subset_of(*choices: str, default: tuple[str, ...]) -> Any:
    """A list whose items come from `choices`."""
    return field(default_factory=lambda: list(default), metadata={"items": choices})


def restored(kind: type[Given], saved: Mapping[str, Any]) -> Given:
    """A dataclass of settings from what `asdict` made of it; what it does not know is left out."""
    values = {}
    for item in fields(kind):  # type: ignore[arg-type]
        if item.name in saved:
            default = item.default_factory() if item.default_factory is not MISSING else None
            value = saved[item.name]
            values[item.name] = restored(type(default), value) if is_dataclass(default) else value
    return kind(**values)


def database_problems(section: str, name: str, uri: str | None) -> Iterator[str]:
    """What is wrong with the address of a database."""
    if name == "database" and not uri:
        yield (
            f"{section}.uri is not set; name a database, such as "
            f"{section}.uri='$CLUSTERING_DATABASE_URI'"
        )
    if uri and holds_password(uri):
        yield (
            f"{section}.uri contains a password; write the name of an environment variable "
            "instead, such as $PGPASSWORD"
        )


def settings_in(node: Any, prefix: str = "") -> Iterator[tuple[str, Field[Any]]]:
    """The key, such as "model.k_max", and the field of every setting of a dataclass and of those it
    holds.
    """
    for item in fields(node):
        key, value = prefix + item.name, getattr(node, item.name)
        if is_dataclass(value):
            yield from settings_in(value, f"{key}.")
        else:
            yield key, item


def problems(node: Any, prefix: str = "") -> Iterator[str]:
    """Every value out of range in a dataclass and in those it holds."""
    for item in fields(node):
        key, value = prefix + item.name, getattr(node, item.name)
        if is_dataclass(value):
            yield from problems(value, key + ".")
        else:
            yield from _field_problems(key, value, item.metadata)
    if hasattr(node, "problems"):
        yield from node.problems()


def _field_problems(key: str, value: Any, rules: Any) -> Iterator[str]:
    if value is None:
        return
    if "choices" in rules and value not in rules["choices"]:
        yield (
            f"{key}={value} is not one of "
            f"{', '.join(rules['choices'])}{did_you_mean(value, rules['choices'])}"
        )
    for item in value if "items" in rules else ():
        if item not in rules["items"]:
            yield (
                f"{key} holds {item!r}, not one of "
                f"{', '.join(rules['items'])}{did_you_mean(item, rules['items'])}"
            )
    low, high = rules.get("low"), rules.get("high")
    if (low is not None and value < low) or (high is not None and value > high):
        yield f"{key}={value} is out of range; use {_range(low, high)}"


def _range(low: float | None, high: float | None) -> str:
    if high is None:
        return f"{low} or more"
    return f"{high} or less" if low is None else f"{low} to {high}"
