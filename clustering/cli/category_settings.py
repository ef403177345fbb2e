"""Settings of single categories as they are typed: in the types of the settings they replace."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from clustering.config.categories import SECTIONS, of_track
from clustering.errors import ConfigError, first_line

if TYPE_CHECKING:
    from clustering.config import Config


def own_settings(config: Config) -> dict[str, dict[str, Any]]:
    """config.categories with keys such as "model.k", whether nested or dotted, in typed values.

    The external track keeps the settings of its one category, ALL. Raises ConfigError with every
    value of a wrong type.
    """
    found: dict[str, dict[str, Any]] = {}
    wrong: list[str] = []
    for category, given in of_track(config.track, config.categories).items():
        if not isinstance(given, Mapping):
            wrong.append(f"categories.{category}={given} is no setting; use {{model.k: 4}}")
            continue
        found[category] = {}
        for key, value in _flat(given):
            try:
                found[category][key] = _typed(config, key, value)
            except ValueError as cause:
                wrong.append(f"categories.{category}.{key}={value}: {first_line(cause)}")
    if wrong:
        raise ConfigError(wrong[0], wrong[1:])
    return found


def _flat(given: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in given.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _typed(config: Config, key: str, value: Any) -> Any:
    """The value in the type of the setting; as it is where there is no such setting, which
    config.check tells.
    """
    from omegaconf import OmegaConf

    section, *path = key.split(".")
    if section not in SECTIONS:
        return value
    settings = OmegaConf.structured(getattr(config, section))
    name = ".".join(path)
    if not path or OmegaConf.select(settings, name, default=OmegaConf) is OmegaConf:
        return value
    OmegaConf.update(settings, name, value)
    found = OmegaConf.select(settings, name)
    return OmegaConf.to_container(found) if OmegaConf.is_config(found) else found
