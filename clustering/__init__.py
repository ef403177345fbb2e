"""Store clustering for retail: clusters of stores by need-state mix and by surroundings, merged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clustering.api import Run, open

__version__ = "0.1.0"
__all__ = ["Run", "__version__", "open"]


def __getattr__(name: str) -> Any:
    """Load the Python API when it is first asked for: the command line must not pay for it."""
    if name not in ("Run", "open"):
        raise AttributeError(f"module 'clustering' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module("clustering.api"), name)
