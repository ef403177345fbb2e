"""Model families: one file each, found by listing this folder.

Another package can bring a family, too: a module that it names as an entry point of the group
"clustering.models".

A family's file defines `Settings`, a dataclass below `config.Model`, and `fit`, whose signature is
that of `FamilyModule.fit`. A family may also define `segment`, for stores that form no separate
groups (see gmm). Its top level imports nothing heavy, because the settings are read before anything
is computed.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Protocol, cast, runtime_checkable

from clustering.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clustering.config import Model
    from clustering.methods.fitting.candidate import Candidate
    from clustering.methods.fitting.placement import SegmentPlacement
    from clustering.methods.fitting.space import Space
    from clustering.methods.transforms.reduce import Components


ENTRY_POINTS = "clustering.models"


class FamilyModule(Protocol):
    """What the file of a family defines."""

    Settings: type[Model]

    def fit(
        self, space: Space, settings: Any, ks: Sequence[int], seed: int
    ) -> dict[int, Candidate]:
        """Give a candidate for each k of `ks`, or for each number of clusters it found, keyed by
        that number.
        """
        ...


@runtime_checkable
class SegmentingFamily(FamilyModule, Protocol):
    """A family that also divides stores without separate groups."""

    def segment(
        self, space: Space, components: Components | None, ks: Sequence[int]
    ) -> dict[int, SegmentPlacement]:
        """Give a placement for each k of `ks`; `components` lead back to shares, where they do."""
        ...


def names() -> list[str]:
    """The families there are: files of this folder, and modules that other packages name."""
    return sorted({module.name for module in pkgutil.iter_modules(__path__)} | _of_others().keys())


def family(name: str) -> FamilyModule:
    """The family called `name`; raises ConfigError with the nearest known name."""
    return cast(FamilyModule, import_module(module_of(name)))


def module_of(name: str) -> str:
    """The module that defines the family called `name`; raises ConfigError as `family` does."""
    if name not in names():
        raise ConfigError(
            f"model.name={name} is not one of {', '.join(names())}{did_you_mean(name, names())}"
        )
    return _of_others().get(name, f"{__name__}.{name}")


@cache
def _of_others() -> dict[str, str]:
    """Modules by name, from the entry points of installed packages."""
    return {point.name: point.value for point in entry_points(group=ENTRY_POINTS)}
