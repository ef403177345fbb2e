"""The settings that exist, by key: for suggestions and for completion."""

from __future__ import annotations

from dataclasses import Field, fields
from functools import cache
from typing import Any

from clustering.errors import nearest
from clustering.registry import TRACKS


@cache
def settings() -> dict[str, Field[Any]]:
    """Every key, such as "model.k_max", with its field; those of all model families, too."""
    from clustering.config import Config
    from clustering.config.fields import settings_in
    from clustering.methods import models

    found = dict(settings_in(Config()))
    for name in models.names():
        found.update(settings_in(models.family(name).Settings(), "model."))
    return found


def families_with(key: str) -> list[str]:
    """The model families that have the setting `key`."""
    from clustering.methods import models

    name = key.removeprefix("model.")
    return [
        family
        for family in models.names()
        if name in (item.name for item in fields(models.family(family).Settings))
    ]


def values(key: str) -> list[str]:
    """The values that `key` can take, where they can be listed."""
    item = settings().get(key)
    if item is None:
        return []
    if "bool" in str(item.type):
        return ["true", "false"]
    return [*item.metadata.get("choices", ())]


def nearest_setting(key: str) -> str | None:
    """The setting that was meant by `key`: one with the same last part (`k_max` is `model.k_max`),
    else the one spelt most like it.
    """
    sections = [*dict.fromkeys(name.partition(".")[0] for name in settings()), "experiment"]
    first, _, rest = key.partition(".")
    track = nearest(first, TRACKS) if rest and first not in sections else None
    prefix, plain = (f"{track}.", rest) if track else ("", key)
    same_end = [name for name in settings() if name.endswith(f".{plain}")]
    found = (*same_end, nearest(plain, [*sections, *settings()]))[0]
    return prefix + found if found else None
