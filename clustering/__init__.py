"""Store clustering for retail: clusters of stores by need-state mix and by surroundings, merged.

`clustering.run` clusters, `clustering.open` gives the last run, `clustering.models` has the models
as estimators, `clustering.errors` what they raise.
"""

from __future__ import annotations

import typing

if typing.TYPE_CHECKING:
    from clustering import errors, models
    from clustering.api import Run, open
    from clustering.running import run

__version__ = "0.1.0"
__all__ = ["Run", "__version__", "errors", "models", "open", "run"]

_HOMES = {"Run": "clustering.api", "open": "clustering.api", "run": "clustering.running"}


def __getattr__(name: str) -> typing.Any:
    """Load the Python API when it is first asked for: the command line must not pay for it."""
    if name not in __all__:
        raise AttributeError(f"module 'clustering' has no attribute {name!r}")
    from importlib import import_module

    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    return import_module(f"clustering.{name}")


def __dir__() -> list[str]:
    """The public names alone."""
    return sorted(__all__)
