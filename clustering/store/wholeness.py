"""Whether the stages of a run belong together."""

from __future__ import annotations

from collections.abc import Iterator

from clustering.errors import DataError
from clustering.registry import BY_KEY, STAGES, TRACKS
from clustering.store.catalog import Catalog
from clustering.store.manifest import Manifest


def require_unmixed(catalog: Catalog) -> None:
    """Raise DataError where a stage of the run was made from another state of an earlier stage.

    Every reader of several stages asks this first, so that old final clusters are never shown
    beside new ones of a track.
    """
    found = _manifests(catalog)
    if mixed := next(_mixed(found), None):
        raise DataError(f"{catalog.name}: {mixed}; run first: clustering run")


def of_one_piece(catalog: Catalog) -> dict[str, Manifest]:
    """The manifests of a run that is complete, unmixed and unedited, by stage.

    Raises DataError naming the first fault.
    """
    found = _manifests(catalog)
    tracks = [track for track in TRACKS if any(key.startswith(f"{track}/") for key in found)]
    if not tracks:
        raise DataError(
            f"{catalog.name} has no finished track to publish; run first: clustering run"
        )
    lacking = [stage.key for stage in STAGES if stage.track in tracks and stage.key not in found]
    if lacking:
        raise DataError(f"{catalog.name} lacks {lacking[0]}; run first: clustering run")
    if mixed := next(_mixed(found), None):
        raise DataError(f"{mixed}; run first: clustering run")
    for key, manifest in found.items():
        if not catalog.is_intact(BY_KEY[key], manifest):
            raise DataError(
                f"{catalog.folder(BY_KEY[key])} is not what {key} wrote; recreate it: "
                "clustering run --force"
            )
    return found


def _manifests(catalog: Catalog) -> dict[str, Manifest]:
    return {stage.key: manifest for stage in STAGES if (manifest := catalog.manifest(stage))}


def _mixed(found: dict[str, Manifest]) -> Iterator[str]:
    for key, manifest in found.items():
        for origin, mark in manifest.upstream.items():
            if mark and (origin not in found or found[origin].fingerprint != mark):
                yield f"{key} was not made from the present {origin}"
