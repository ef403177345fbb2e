"""Which track has no input; the run continues with the other one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from clustering.config import Config, Source
from clustering.errors import DataError
from clustering.registry import TRACKS, Stage

if TYPE_CHECKING:
    from clustering.store.catalog import Catalog

INPUT = {"internal": "sales", "external": "external"}  # that a track cannot do without
WORDS = {
    "internal": "no sales ({}): clusters are made of the attributes alone",
    "external": "no attributes ({}): clusters are made of the sales alone",
}
PREFIX = "${paths.data_dir}"


def absent_tracks(configs: Mapping[str, Config], whole_run: bool) -> dict[str, str]:
    """Give the tracks without input, with what to tell the user.

    A source that was set to null or an empty list is absent. In a `whole_run` it is so, too, where
    it was left at its default and nothing is there; a path that was typed and matches no file
    stays a mistake. Raises DataError where both tracks are without input.
    """
    found = {
        track: WORDS[track].format(reason)
        for track, config in configs.items()
        if (reason := _reason(config, INPUT[track], whole_run))
    }
    if set(TRACKS) <= found.keys():
        raise DataError(
            "there is nothing to cluster: found neither sales nor attributes",
            ["name files: source.sales=FILE source.need_states=FILE, or source.external=[FILE]"],
        )
    return found


def without(stages: Sequence[Stage], absent: Mapping[str, str]) -> tuple[Stage, ...]:
    """The stages but for those of absent tracks."""
    return tuple(stage for stage in stages if stage.track not in absent)


def forget(catalog: Catalog, stages: Sequence[Stage], absent: Mapping[str, str]) -> Iterator[str]:
    """Take what an earlier run made of an absent track out of the results; yield what was done.

    Its tables stay; without their manifests nothing counts them as part of the run.
    """
    for track in absent:
        gone = [stage for stage in stages if stage.track == track and catalog.manifest(stage)]
        for stage in gone:
            catalog.forget(stage)
        if gone:
            yield f"the {track} clusters of an earlier run are no longer part of the results"


def _reason(config: Config, name: str, whole_run: bool) -> str | None:
    given = getattr(config.source, name)
    if not given:
        return f"source.{name} is empty"
    if not (whole_run and config.source.name == "files" and _is_default(given, name, config)):
        return None
    from clustering.io.sources.places import matches

    patterns = [given] if isinstance(given, str) else given
    if any(matches(pattern) for pattern in patterns):
        return None
    return f"source.{name}={' '.join(patterns)} matches no file"


def _is_default(given: str | list[str], name: str, config: Config) -> bool:
    default = getattr(Source(), name)
    here = config.paths.data_dir
    if isinstance(default, str):
        return bool(given == default.replace(PREFIX, here))
    return bool(given == [pattern.replace(PREFIX, here) for pattern in default])
