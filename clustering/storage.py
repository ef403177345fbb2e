"""Fitted objects on disk, by skops: no pickle is ever loaded, and only types named here are.

A file holds one dict, category -> fitted object. Objects are dataclasses of ours, numpy arrays and scikit-learn
estimators; a file that asks for any other type is refused before anything in it is built.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from clustering.errors import DataError

OURS = "clustering."
TRUSTED = {"numpy.dtype", "numpy.random._mt19937.MT19937", "sklearn.cluster._bisect_k_means._BisectingTree"}


def dump(fitted: dict[str, Any], path: Path) -> None:
    """Write the fitted objects by category."""
    import skops.io

    skops.io.dump(fitted, path)


def load(path: Path) -> dict[str, Any]:
    """Read them back; raises DataError where the file is damaged or asks for a type that is not trusted."""
    import skops.io

    try:
        wanted = skops.io.get_untrusted_types(file=path)
        strange = sorted(name for name in wanted if name not in TRUSTED and not name.startswith(OURS))
        if strange:
            raise DataError(f"{path} asks for types that are not trusted: {', '.join(strange)}; it was not loaded")
        fitted: dict[str, Any] = skops.io.load(path, trusted=wanted)
        return fitted
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as cause:
        raise DataError(f"{path} is not a model file that can be read: {cause}") from cause
