"""Settings of single categories, such as {CHEESE: {model.k: 4}}, in place of those of all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from clustering.config.fields import problems, settings_in
from clustering.errors import ConfigError, did_you_mean

SECTIONS = ("features", "model", "select", "caps", "merge")
# one value for all categories
OF_ALL = (
    *("features.ignore", "features.weights", "model.name"),
    *("merge.method", "merge.internal_weight"),
)
WHOLE = "ALL"  # the one category of the external track


def of_track(track: str, categories: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of the categories that a track has."""
    return {name: own for name, own in categories.items() if track == "internal" or name == WHOLE}


def section_of(config: Any, section: str, category: str) -> Any:
    """A section of the config as it holds for one category."""
    return _changed(getattr(config, section), section, config.categories.get(category, {}))


def own_sections(config: Any, section: str) -> dict[str, Any]:
    """The section of each category that changes it."""
    return {
        category: section_of(config, section, category)
        for category, given in config.categories.items()
        if any(key.startswith(f"{section}.") for key in given)
    }


def own_problems(config: Any) -> Iterator[str]:
    """Every setting of a category that is unknown, not a category's to set, or out of range."""
    keys = [
        key
        for section in SECTIONS
        for key, _ in settings_in(getattr(config, section), f"{section}.")
    ]
    for category, given in config.categories.items():
        refused = [key for key in given if key not in keys or key.startswith(OF_ALL)]
        for key in refused:
            yield f"categories.{category}.{key}: {_why_refused(key, keys)}"
        for section in () if refused else SECTIONS:
            for problem in problems(section_of(config, section, category), f"{section}."):
                yield f"categories.{category}: {problem}"


def require_known(config: Any, categories: list[str]) -> None:
    """Raise ConfigError for settings of a category that the data do not have."""
    unknown = [name for name in config.categories if name not in categories]
    if unknown:
        raise ConfigError(
            f"categories.{unknown[0]}: no such category{did_you_mean(unknown[0], categories)}",
            [f"categories.{name}: no such category" for name in unknown[1:]],
        )


def _changed(values: Any, section: str, given: Mapping[str, Any]) -> Any:
    own = {key: value for key, value in given.items() if key.startswith(f"{section}.")}
    values = deepcopy(values) if own else values
    for key, value in own.items():
        *path, name = key.split(".")[1:]
        node = values
        for part in path:
            node = getattr(node, part)
        setattr(node, name, value)
    return values


def _why_refused(key: str, keys: list[str]) -> str:
    if key in keys:
        return f"all categories have one value; set {key}"
    if near := did_you_mean(key, keys):
        return f"no such setting{near}"
    return f"not a setting of a category; these begin with {', '.join(SECTIONS)}"
