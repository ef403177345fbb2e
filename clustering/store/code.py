"""Which code and which packages a stage computes with.

The code of a stage is the module of its function and all that this module imports of this package,
directly or not. Imports are found by reading the lines that import: every command that asks what is
fresh needs them, and to parse the files, or to import them, would take many times as long.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import clustering
from clustering.criteria import CRITERIA
from clustering.methods.models import module_of
from clustering.registry import Stage

ROOT = Path(clustering.__file__).parent
OURS = "clustering."
ALWAYS = (OURS + "schemas",)
READING = OURS + "io.sources"
# what these decide is in the settings, which a fingerprint holds as they are
LEFT_OUT = tuple(OURS + name for name in ("config", "errors", "registry"))
DISTRIBUTIONS = {"sklearn": "scikit-learn", "umap": "umap-learn", "PIL": "pillow"}

_FOR_TYPES = re.compile(r"^if TYPE_CHECKING:\n(?:[ \t]+.*\n|\n)*", re.MULTILINE)
_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import[ \t]+(\([^)]*\)|[^\n]*)|import[ \t]+([\w., \t]+))",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Code:
    """`version` is that of this package and a hash of the files; `packages` holds versions by
    distribution.
    """

    version: str
    packages: dict[str, str]


@dataclass(frozen=True)
class _File:
    digest: bytes
    modules: tuple[str, ...]
    distributions: frozenset[str]


def code_of(stage: Stage, family: str) -> Code:
    """The code of `stage` where models are of `family`."""
    modules = [stage.module, *ALWAYS]
    if stage.inputs:
        modules += _modules_in(READING)
    if "select" in stage.sections:
        modules += [each.function.partition(":")[0] for each in CRITERIA if each.function]
    return _code(tuple(modules), module_of(family) if "model" in stage.sections else "")


@cache
def _code(modules: tuple[str, ...], family: str) -> Code:
    files = _closure([*modules, family] if family else modules)
    digest = hashlib.sha256()
    for module, file in sorted(files.items()):
        digest.update(module.encode() + file.digest)
    needed = frozenset().union(*(file.distributions for file in files.values())) & _required()
    if family:  # an extra counts only for the family that needs it
        needed |= files[family].distributions
    versions = {name: _version(name) for name in sorted(needed)}
    return Code(
        f"{clustering.__version__}+{digest.hexdigest()[:12]}",
        {name: version for name, version in versions.items() if version},
    )


def _closure(modules: Iterable[str]) -> dict[str, _File]:
    """The file of each module of this package that `modules` import, by name; themselves too."""
    found: dict[str, _File] = {}
    ahead = list(modules)
    while ahead:
        module = ahead.pop()
        if module not in found and (path := _path(module)):
            found[module] = _file(path)
            ahead += found[module].modules
    return found


@cache
def _file(path: Path) -> _File:
    content = path.read_bytes()
    names = set(_imports(_FOR_TYPES.sub("", content.decode())))
    ours = {name for name in names if name.startswith(OURS) and not name.startswith(LEFT_OUT)}
    packages = {name.rpartition(".")[0] for name in ours} - {OURS[:-1]}
    others = {name.partition(".")[0] for name in names - ours} - sys.stdlib_module_names
    return _File(
        hashlib.sha256(content).digest(),
        tuple(name for name in ours | packages if _path(name)),
        frozenset(DISTRIBUTIONS.get(name, name.replace("_", "-")) for name in others),
    )


def _imports(text: str) -> Iterable[str]:
    """What is imported: modules, and names in them that may be modules."""
    for origin, imported, plain in _IMPORT.findall(text):
        words = [
            part.split()[0] for part in (imported or plain).strip("()").split(",") if part.strip()
        ]
        yield from words if plain else [origin, *(f"{origin}.{word}" for word in words)]


@cache
def _path(module: str) -> Path | None:
    if not module.startswith(OURS):
        spec = find_spec(module)
        return Path(spec.origin) if spec and spec.origin else None
    place = ROOT.joinpath(*module.split(".")[1:])
    paths = (place / "__init__.py", place.with_suffix(".py"))
    return next((path for path in paths if path.is_file()), None)


def _modules_in(package: str) -> list[str]:
    paths = ROOT.joinpath(*package.split(".")[1:]).glob("*.py")
    return sorted(f"{package}.{path.stem}" for path in paths)


@cache
def _required() -> frozenset[str]:
    """The distributions this package always needs."""
    lines = metadata.requires("clustering") or []
    return frozenset(
        re.split(r"[^\w.-]", line)[0].lower() for line in lines if "extra ==" not in line
    )


@cache
def _version(distribution: str) -> str | None:
    """As `metadata.version`, which reads the whole description, too."""
    try:
        text = metadata.distribution(distribution).read_text("METADATA") or ""
    except metadata.PackageNotFoundError:
        return None
    found = re.search(r"^Version: (.+)$", text, re.MULTILINE)
    return found[1].strip() if found else None
