"""Imports point one way."""

from __future__ import annotations

import ast
from pathlib import Path

import clustering

ROOT = Path(clustering.__file__).parent

# room or module: its floor; a module may import from lower floors and from its own room
FLOORS = {
    "errors": 0, "__init__": 12, "redaction": 0, "config": 1, "databases": 2, "registry": 1, "schemas": 2,
    "transforms": 2, "fitting": 3, "aggregation": 3,
    "models": 4, "merging": 4, "assignment": 4, "explanation": 4, "continuity": 4, "overrides": 4,
    "selection": 5, "sources": 6, "storage": 6, "manifest": 6, "stages": 6,
    "executor": 6, "run_id": 1, "measures": 6, "operation": 9, "orchestration": 2,
    "catalog": 7, "bucket": 6, "mirror": 7, "versions": 7, "reproduction": 9,
    "sinks": 8, "runs": 8, "pool": 8, "comparison": 9, "page": 9, "export": 9,
    "sweeps": 9, "pipeline": 8, "console": 8, "prediction": 8,
    "api": 9, "reports": 9, "launch": 11, "commands": 10, "project": 12, "cli": 13,
    "plain_flags": 0, "categories": 7, "config_errors": 10,
    "__main__": 14,
}  # fmt: skip
FORBIDDEN_IN_STAGES = {"typer", "hydra", "omegaconf", "rich", "logging", "pathlib"}


def _room(path: Path) -> str:
    first = path.relative_to(ROOT).parts[0]
    return first.removesuffix(".py")


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
    assert {_room(path) for path in _modules()} <= FLOORS.keys()


def test_no_module_imports_from_a_higher_floor() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in _modules()
        for name in _imported(path)
        if name.startswith("clustering.")
        and (there := name.split(".")[1]) in FLOORS
        and there != (here := _room(path))
        and FLOORS[there] > FLOORS[here]
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
        assert "clustering.catalog" not in imported
