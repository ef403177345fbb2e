"""Fitted objects on disk, by skops: no pickle is ever loaded, and only types named here are.

A file holds one dict, category -> fitted object. Objects are dataclasses of ours, numpy arrays and scikit-learn
estimators; a file that asks for any other type is refused before anything in it is built.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from clustering.errors import DataError

SCHEMA = "schema.json"  # of the archives that skops writes
OURS = "clustering."
TRUSTED = {"numpy.dtype", "numpy.random._mt19937.MT19937", "sklearn.cluster._bisect_k_means._BisectingTree"}


def dump(fitted: dict[str, Any], path: Path) -> None:
    """Write the fitted objects by category: equal objects give equal bytes, whatever process made them."""
    import skops.io

    with zipfile.ZipFile(io.BytesIO(skops.io.dumps(fitted))) as written:
        contents = {name: written.read(name) for name in written.namelist()}
    schema = json.loads(contents.pop(SCHEMA))
    names = {name: hashlib.sha256(content).hexdigest()[:24] + Path(name).suffix for name, content in contents.items()}
    _canonical(schema, names, itertools.count(1))
    parts = {names[name]: content for name, content in contents.items()}
    parts[SCHEMA] = json.dumps(schema, separators=(",", ":")).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(parts):
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), parts[name], zipfile.ZIP_DEFLATED, 1)


def _canonical(node: Any, names: dict[str, str], numbers: Iterator[int]) -> None:
    """Replace what depends on memory addresses: the numbers of objects, and the names of files after them."""
    if isinstance(node, dict):
        if "__id__" in node:
            node["__id__"] = next(numbers)
        if node.get("file") in names:
            node["file"] = names[node["file"]]
        for value in node.values():
            _canonical(value, names, numbers)
    elif isinstance(node, list):
        for value in node:
            _canonical(value, names, numbers)


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
