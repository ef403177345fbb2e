"""Fitted objects on disk, without pickle.

A file is a zip that holds one dict, category -> fitted object: `objects.json` says what there is,
`arrays` holds the numbers of all arrays end to end, and every scikit-learn estimator is a skops
file of its own. Objects of ours are dataclasses of numbers, texts, lists, arrays, estimators and
one another. Skops could write them, too, but it loads all of scikit-learn, which takes seconds, and
most stages fit no estimator.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import math
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from clustering.errors import DataError

OBJECTS, ARRAYS = "objects.json", "arrays"
SCHEMA = "schema.json"  # of the archives that skops writes
OURS = "clustering."
TRUSTED = {
    "numpy.dtype",
    "numpy.random._mt19937.MT19937",
    "sklearn.cluster._bisect_k_means._BisectingTree",
    "sklearn.impute._iterative.IterativeImputer",
    "sklearn.impute._iterative._ImputerTriplet",
}
# what reading a file raises that is cut off, changed, or something else
DAMAGED = (
    OSError,
    EOFError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    NotImplementedError,
    RecursionError,
    OverflowError,
    zipfile.BadZipFile,
    zlib.error,
)
LARGEST = 16 << 30  # bytes of a file unpacked; what a million stores need is a tenth of it
Parts = dict[str, bytes]


def dump(fitted: dict[str, Any], path: Path) -> None:
    """Write the fitted objects by category: equal objects give equal bytes, whatever process made
    them.
    """
    written = _Writer()
    categories = {category: written.node(one) for category, one in fitted.items()}
    objects = f'{{"categories":{json.dumps(categories)},"objects":[{",".join(written.objects)}]}}'
    _zip({OBJECTS: objects.encode(), ARRAYS: b"".join(written.arrays)} | written.estimators, path)


def load(path: Path) -> dict[str, Any]:
    """Read them back; raises DataError where the file is damaged or asks for a type that is not
    trusted.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(part.file_size for part in archive.infolist()) > LARGEST:
                raise ValueError(f"its parts are larger than {LARGEST >> 30} GiB together")
            parts = {name: archive.read(name) for name in archive.namelist()}
        found = json.loads(parts[OBJECTS])
        reader = _Reader(parts)
        for described in found["objects"]:
            reader.objects.append(reader.build(described))
        return {category: reader.value(node) for category, node in found["categories"].items()}
    except _Strange as strange:
        raise DataError(
            f"{path} contains types that are not trusted: {strange}; it was not loaded"
        ) from None
    except DAMAGED as cause:
        raise DataError(f"{path} is not a model file: {cause}") from cause


class _Strange(Exception):
    """Names of types that are not to be built."""


class _Writer:
    """Turns objects into nodes of JSON; what is equal is kept once, so sharing between categories
    does not show.
    """

    def __init__(self) -> None:
        self.objects: dict[str, int] = {}
        self.arrays: dict[bytes, int] = {}
        self.estimators: Parts = {}
        self._size = 0
        self._seen: dict[int, int] = {}  # objects by identity: an estimator takes long to write

    def node(self, value: Any) -> Any:
        if value is None or isinstance(value, bool | str):
            return value
        if isinstance(value, int | float | np.generic):
            return value.item() if isinstance(value, np.generic) else value
        if isinstance(value, list):
            return [self.node(one) for one in value]
        if isinstance(value, tuple):
            return {"tuple": [self.node(one) for one in value]}
        return (
            {"array": self._array(value)}
            if isinstance(value, np.ndarray)
            else {"object": self._object(value)}
        )

    def _array(self, array: np.ndarray) -> list[Any]:
        if array.dtype.hasobject:
            raise TypeError(f"an array of {array.dtype} cannot be stored")
        content = array.tobytes()
        if content not in self.arrays:
            self.arrays[content] = self._size
            self._size += len(content)
        return [self.arrays[content], array.dtype.str, list(array.shape)]

    def _object(self, value: Any) -> int:
        if id(value) not in self._seen:
            text = json.dumps(self._described(value), separators=(",", ":"))
            self._seen[id(value)] = self.objects.setdefault(text, len(self.objects))
        return self._seen[id(value)]

    def _described(self, value: Any) -> dict[str, Any]:
        kind = type(value)
        if is_dataclass(kind) and kind.__module__.startswith(OURS):
            attributes = {
                field.name: self.node(getattr(value, field.name)) for field in fields(kind)
            }
            return {"type": f"{kind.__module__}:{kind.__qualname__}", "fields": attributes}
        content = _by_skops(value)
        name = f"{hashlib.sha256(content).hexdigest()[:24]}.skops"
        self.estimators[name] = content
        return {"estimator": name}


class _Reader:
    """Builds objects from nodes; an object only refers to those before it."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.objects: list[Any] = []

    def value(self, node: Any) -> Any:
        if isinstance(node, list):
            return [self.value(one) for one in node]
        if not isinstance(node, dict):
            return node
        if "object" in node:
            return self.objects[node["object"]]
        return (
            tuple(self.value(one) for one in node["tuple"])
            if "tuple" in node
            else self._array(*node["array"])
        )

    def _array(self, start: int, kind: str, shape: list[int]) -> np.ndarray:
        if 0 in shape:
            return np.empty(shape, kind)
        return (
            np.frombuffer(self.parts[ARRAYS], kind, math.prod(shape), start).reshape(shape).copy()
        )

    def build(self, described: dict[str, Any]) -> Any:
        if "estimator" in described:
            return _from_skops(self.parts[described["estimator"]])
        module, _, name = described["type"].partition(":")
        try:
            kind = getattr(import_module(module), name, None) if module.startswith(OURS) else None
        except ImportError:
            kind = None
        if not (isinstance(kind, type) and is_dataclass(kind)):
            raise _Strange(described["type"])
        return kind(**{name: self.value(node) for name, node in described["fields"].items()})


# --- estimators, by skops
# ---------------------------------------------------------------------------------------------


def _by_skops(estimator: Any) -> bytes:
    import skops.io

    with zipfile.ZipFile(io.BytesIO(skops.io.dumps(estimator))) as written:
        contents = {name: written.read(name) for name in written.namelist()}
    schema = json.loads(contents.pop(SCHEMA))
    names = {
        name: hashlib.sha256(content).hexdigest()[:24] + Path(name).suffix
        for name, content in contents.items()
    }
    _canonical(schema, names, itertools.count(1))
    parts = {names[name]: content for name, content in contents.items()}
    parts[SCHEMA] = json.dumps(schema, separators=(",", ":")).encode()
    whole = io.BytesIO()
    _zip(parts, whole)
    return whole.getvalue()


def _canonical(node: Any, names: dict[str, str], numbers: Iterator[int]) -> None:
    """Replace what depends on memory addresses: the numbers of objects, and the names of files
    after them.
    """
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


def _from_skops(content: bytes) -> Any:
    import skops.io

    wanted = skops.io.get_untrusted_types(data=content)
    if strange := sorted(name for name in wanted if name not in TRUSTED):
        raise _Strange(", ".join(strange))
    return skops.io.loads(content, trusted=wanted)


def _zip(parts: Parts, place: Path | io.BytesIO) -> None:
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(parts):
            archive.writestr(
                zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), parts[name], zipfile.ZIP_DEFLATED, 1
            )
