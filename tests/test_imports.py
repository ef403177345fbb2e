"""Imports point one way."""

from __future__ import annotations

import ast
from pathlib import Path

import clustering

ROOT = Path(clustering.__file__).parent

# a room may import from lower floors only, and from itself; names are listed from the bottom up
FLOORS = {
    name: floor
    for floor, names in enumerate(
        (
            ("errors",),
            ("redaction", "registry", "criteria", "arrays"),
            ("config", "sample"),
            ("schemas",),
            ("methods/aggregation", "methods/transforms", "methods/explanation"),
            ("methods/merging", "methods/overrides", "methods/plausibility"),
            ("methods/fitting",),
            ("methods/models",),
            ("methods/selection", "methods/assignment", "methods/continuity"),
            ("methods",),
            ("stages",),
            ("store",),
            ("io",),
            ("pipeline", "ops"),
            ("results",),
            ("api", "models"),
            ("cli",),
            ("running",),
            ("__init__",),
            ("__main__",),
        )
    )
    for name in names
}
FORBIDDEN_IN_STAGES = {"typer", "hydra", "omegaconf", "rich", "logging", "pathlib"}


def _room(module: str) -> str:
    """The room of a module: its first name, and below methods its second, too."""
    parts = module.split(".")[1:]
    return "/".join(parts[:2] if parts[:1] == ["methods"] else parts[:1]) or "__init__"


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__")


def _imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            if node.module == "clustering":
                names |= {f"clustering.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names


def _modules() -> list[Path]:
    return sorted(ROOT.rglob("*.py"))


def test_every_room_has_a_floor() -> None:
    assert {_room(_module(path)) for path in _modules()} <= FLOORS.keys()


def test_no_module_imports_from_a_higher_floor() -> None:
    wrong = [
        f"{here} imports {there}"
        for path in _modules()
        for here in [_module(path)]
        for there in _imported(path)
        if there.startswith("clustering.")
        and _room(there) in FLOORS
        and _room(there) != _room(here)
        and FLOORS[_room(there)] >= FLOORS[_room(here)]
    ]
    assert wrong == []


def test_stages_are_plain_functions_of_tables() -> None:
    stages = sorted((ROOT / "stages").glob("*.py"))
    names = {f"clustering.stages.{path.stem}" for path in stages}
    for path in stages:
        imported = _imported(path)
        assert not {name.split(".")[0] for name in imported} & FORBIDDEN_IN_STAGES, path
        others = imported & names - {"clustering.stages.quarantine"}
        assert not others, f"{path.name} imports another stage: {others}"
        assert "clustering.store.catalog" not in imported
