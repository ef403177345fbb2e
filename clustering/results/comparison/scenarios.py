"""A run to compare: its tables, its record and its settings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clustering.registry import STAGES, TRACKS
from clustering.results.sweeps.record import DONE, Record, read_record, records
from clustering.store.catalog import Catalog
from clustering.store.runs import run_folder


@dataclass(frozen=True)
class Scenario:
    """A run to compare, and the settings it was made under."""

    name: str
    catalog: Catalog
    record: Record
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def is_done(self) -> bool:
        return self.record.state == DONE


def scenarios_of(sweep: Path) -> list[Scenario]:
    """The scenarios of a sweep in order of their numbers, also those that failed, were cut off or
    not started.
    """
    found = []
    for folder, record in records(sweep).items():
        catalog = run_folder(folder, record.env)
        found.append(Scenario(folder.name, catalog, record, _settings(catalog)))
    return found


def scenario_of(name: str, catalog: Catalog) -> Scenario:
    """A run that may be no part of a sweep, such as the environment's own."""
    record = read_record(catalog.data_dir.parent) or Record(
        name, "run", catalog.env, [], state=DONE
    )
    return Scenario(name, catalog, record, _settings(catalog))


def _settings(catalog: Catalog) -> dict[str, Any]:
    """What the manifests record, as {"internal.model.k_max": 10, ...}."""
    found: dict[str, Any] = {}
    for stage in STAGES:
        if manifest := catalog.manifest(stage):
            found[f"{stage.track}.seed"] = manifest.seed
            for section, values in manifest.config.items():
                found |= {f"{stage.track}.{section}.{key}": value for key, value in _flat(values)}
    return found


def _flat(values: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    if not isinstance(values, dict):
        yield prefix.removesuffix("."), values
        return
    for key, value in values.items():
        yield from _flat(value, f"{prefix}{key}.")


def differences(scenarios: Sequence[Scenario]) -> list[dict[str, Any]]:
    """For each scenario the settings that are not the same in all.

    Of a sweep, what it sweeps over, in the words of its command line. Of other runs, what their
    manifests record, without the track where both tracks have one value; a setting only some runs
    have (of another model family) is no difference.
    """
    if all(scenario.record.overrides for scenario in scenarios):
        common = (
            set.intersection(*(set(scenario.record.overrides) for scenario in scenarios))
            if len(scenarios) > 1
            else set()
        )
        return [
            dict(
                word.split("=", 1)
                for word in scenario.record.overrides
                if word not in common and "=" in word
            )
            for scenario in scenarios
        ]
    seen: dict[str, list[Any]] = {}
    for scenario in scenarios:
        for key, value in scenario.settings.items():
            seen.setdefault(key, []).append(value)
    differing = {key for key, values in seen.items() if any(value != values[0] for value in values)}
    return [
        _short({key: value for key, value in scenario.settings.items() if key in differing})
        for scenario in scenarios
    ]


def _short(settings: dict[str, Any]) -> dict[str, Any]:
    short: dict[str, Any] = {}
    for key, value in settings.items():
        track, _, rest = key.partition(".")
        other = next((name for name in TRACKS if name != track), "")
        same = track not in TRACKS or settings.get(f"{other}.{rest}", value) == value
        short[rest if same else key] = value
    return short
