"""What a finished run left behind that places stores: its settings, its inputs, its fitted
objects.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from clustering.config import Columns, Preprocess, Read, Source, Within, restored
from clustering.errors import DataError
from clustering.io.sources import open_source
from clustering.io.sources.places import states as present
from clustering.registry import BY_KEY
from clustering.results.prediction.track_inputs import TrackInputs
from clustering.store.bucket import is_remote
from clustering.store.catalog import Catalog
from clustering.store.manifest import Manifest

if TYPE_CHECKING:
    from clustering.methods.assignment.placer import Placer
    from clustering.methods.transforms.fitted import FittedFeatures

log = logging.getLogger(__name__)


class SavedRun:
    """The run in a catalog, read when first needed; every method raises DataError where that part
    of it is missing.

    Settings come from the manifests, so a store is treated as the run treated its own, whatever the
    settings are today.
    """

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self._transformers: dict[str, dict[str, FittedFeatures]] = {}
        self._placers: dict[str, dict[str, Placer]] = {}

    def has(self, track: str) -> bool:
        """Whether the run placed stores on `track`."""
        return self.catalog.manifest(BY_KEY[f"{track}/assign"]) is not None

    def table(self, track: str, stage: str, name: str) -> pl.DataFrame:
        """A table of the run."""
        return self.catalog.read(BY_KEY[f"{track}/{stage}"], name)

    def known(self, track: str) -> TrackInputs:
        """The values and stores of `track`, as the run read them."""
        return TrackInputs(
            self.table(track, "preprocess", "values"), self.table(track, "preprocess", "stores")
        )

    @property
    def is_everywhere(self) -> bool:
        """Whether every store has a row in every category."""
        return bool(self._manifest("internal", "assign").config["assign"]["stores"] == "all")

    def transformers(self, track: str) -> dict[str, FittedFeatures]:
        """The fitted preprocessing by category."""
        if track not in self._transformers:
            self._check_chain(track)
            self._transformers[track] = self.catalog.read_models(BY_KEY[f"{track}/features"])
        return self._transformers[track]

    def placers(self, track: str) -> dict[str, Placer]:
        """The fitted ladder by category."""
        if track not in self._placers:
            self._placers[track] = self.catalog.read_models(BY_KEY[f"{track}/assign"])
        return self._placers[track]

    def ignored(self, track: str) -> list[str]:
        """Features the run left out of its clustering."""
        return list(self._manifest(track, "features").config["features"]["ignore"])

    def ladder(self, track: str) -> list[str]:
        """The rules that place a store, in order."""
        return list(self._manifest(track, "assign").config["assign"]["ladder"])

    @property
    def within(self) -> Within | None:
        """How the run is nested in the clusters of another; None where it is not."""
        saved = self._manifest("internal", "preprocess").config.get("within", {})
        return Within(**saved) if saved.get("run") else None

    def outer(self) -> SavedRun:
        """The run in whose clusters this one is nested; raises DataError where it is gone."""
        state = self._manifest("internal", "preprocess").inputs["outer"][0]
        *folder, data, env, _, _, _ = Path(state.path).parts
        place = Path(*folder)
        found = SavedRun(Catalog(str(place / data), str(place), env))
        if not found.has("internal"):
            raise DataError(f"{place}, in whose clusters {self.catalog.name} is nested, is gone")
        return found

    def preprocess(self, track: str, **periods: str | None) -> Preprocess:
        """The settings of preprocess, without those that only concern a whole data set; `periods`
        are the first and the last one of the sales at hand.
        """
        manifest = self._manifest(track, "preprocess")
        saved = manifest.config["preprocess"]
        weights = self._manifest(track, "features").config["features"]["weights"]
        # halves only matter where the trend counts: they are then the earlier and the later half of
        # the sales given
        holdout = "auto" if weights["trend"] else "random"
        return Preprocess(
            **(
                saved
                | {"holdout": holdout, "sample_stores": None, "max_quarantined_share": 1.0}
                | {"first_period": None, "last_period": None}
                | periods
            )
        )

    def source(self, **inputs: Any) -> Source:
        """Files to be read as the run read its own: the same column names and settings."""
        track = "internal" if self.has("internal") else "external"
        saved = self._manifest(track, "preprocess").config["source"]
        columns, read = restored(Columns, saved["columns"]), restored(Read, saved.get("read", {}))
        return Source(**inputs, columns=columns, read=read, **saved.get("shape", {}))

    def sales_and_map(self, known: Source) -> Source:
        """Where the run read its sales and its need-state map, for what reads them again: `known`
        unless they were files. Several files are named by their folder: hashes tell whether they
        are still those of the run.
        """
        manifest = self._manifest("internal", "preprocess")
        name = manifest.config["source"]["name"]
        if name != "files":
            return known if known.name == name else self.source(name=name)
        inputs: dict[str, str] = {}
        for kind, states in manifest.inputs.items():
            paths = [state.path for state in states]
            if len(paths) > 1:
                first = paths[0]
                folder = first.rpartition("/")[0] if is_remote(first) else Path(first).parent
                inputs[kind] = f"{folder}/*{Path(first).suffix}"
            elif paths:
                inputs[kind] = paths[0]
        return self.source(**inputs)

    def need_states(self, path: str | None) -> pl.DataFrame:
        """The map SKU to need state: of the run, or in the file `path`; a map that has changed
        since is warned of.
        """
        manifest = self._manifest("internal", "preprocess")
        name = manifest.config["source"]["name"]
        if path is None and name != "files":
            return open_source(self.source(name=name)).need_states()
        paths = [path] if path else self._paths(manifest, "need_states")
        return pl.concat(
            [open_source(self.source(need_states=each)).need_states() for each in paths],
            how="diagonal",
        )

    def like_stores(self, track: str, path: str | None) -> pl.DataFrame | None:
        """Stores that resemble others: of the run, or in the file `path`."""
        manifest = self._manifest(track, "assign")
        paths = [path] if path else self._paths(manifest, "like_stores")
        found = [open_source(self.source(like_stores=each)).like_stores() for each in paths]
        return pl.concat([frame for frame in found if frame is not None]) if found else None

    def _paths(self, manifest: Manifest, name: str) -> list[str]:
        states = manifest.inputs.get(name, [])
        paths = [state.path for state in states]
        missing = [path for path in paths if not is_remote(path) and not Path(path).is_file()]
        if missing:
            raise DataError(
                f"{missing[0]}, which the run read as {name}, is not there; name the file "
                f"(--{_option(name)})"
            )
        if [state.sha256 for state in present(paths, states)] != [state.sha256 for state in states]:
            log.warning(
                "%s has changed since the run; its present content is used", ", ".join(paths)
            )
        return paths

    def _manifest(self, track: str, stage: str) -> Manifest:
        manifest = self.catalog.manifest(BY_KEY[f"{track}/{stage}"])
        if manifest is None:
            folder = self.catalog.folder(BY_KEY[f"{track}/{stage}"])
            raise DataError(f"{folder} holds no finished run; run first: clustering run {track}_ml")
        return manifest

    def _check_chain(self, track: str) -> None:
        """Models of one run must not meet the preprocessing of another."""
        made, used = (
            self._manifest(track, "features").fingerprint,
            self._manifest(track, "assign").upstream,
        )
        if used.get(f"{track}/features") != made:
            raise DataError(
                f"{track}/assign was not made from the present {track}/features; run: clustering "
                f"run {track}_ml"
            )


def _option(name: str) -> str:
    return name.replace("_", "-")


def saved_models(run: SavedRun, track: str) -> list[tuple[str, Any, Any]]:
    """Category, fitted preprocessing and fitted ladder, in the order of the categories."""
    transformers, placers = run.transformers(track), run.placers(track)
    return [(category, transformers[category], placers[category]) for category in sorted(placers)]
