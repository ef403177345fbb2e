"""What a stage computes with is found without importing it, and decides whether it is fresh."""

from __future__ import annotations

import ast
import os
import shutil
from pathlib import Path

import pytest

import clustering
from clustering.registry import BY_KEY, STAGES
from clustering.store.code import _FOR_TYPES, _imports, code_of
from tests.conftest import Result, command_in

PACKAGE = Path(clustering.__file__).parent


def _stale(project: Path, path: Path) -> tuple[list[str], Result]:
    """The stages that `status` calls stale where Python looks in `path` first."""
    places = os.pathsep.join([str(path), str(PACKAGE.parent)])
    said = command_in(project, "status", env={"PYTHONPATH": places})
    assert said.code == 0, said.err
    return [line.split()[0] for line in said.out.splitlines() if " stale " in line], said


def _with_version(folder: Path, distribution: str, version: str) -> Path:
    record = folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
    record.mkdir(parents=True)
    (record / "METADATA").write_text(f"Name: {distribution}\nVersion: {version}\n")
    return folder


def _imported(text: str) -> set[str]:
    """What Python imports when it runs the code."""
    tree = ast.parse(text)
    for block in [node for node in tree.body if isinstance(node, ast.If)]:
        if ast.unparse(block.test) == "TYPE_CHECKING":
            tree.body.remove(block)
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_no_import_is_overlooked() -> None:
    files = {path: path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")}
    overlooked = {
        path: _imported(text) - set(_imports(_FOR_TYPES.sub("", text)))
        for path, text in files.items()
    }
    assert {path: names for path, names in overlooked.items() if names} == {}


def test_a_comment_in_an_explanation_leaves_earlier_stages_fresh(
    project: Path, tmp_path: Path
) -> None:
    edited = tmp_path / "edited"
    shutil.copytree(PACKAGE, edited / "clustering", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(PACKAGE.parent / "conf", edited / "conf")
    assert _stale(project, edited)[0] == []
    with (edited / "clustering/methods/explanation/tree_rules.py").open("a") as file:
        file.write("# a comment\n")
    stale, said = _stale(project, edited)
    assert {"internal/analyze", "external/analyze"} <= set(stale)
    assert not {key for key in stale if key.endswith(("/preprocess", "/features", "/train"))}
    assert "code changed" in said.out


@pytest.mark.parametrize(
    ("distribution", "fresh"),
    [("scikit-learn", {"internal/preprocess", "external/preprocess"}), ("polars", set())],
)
def test_another_version_of_a_package_makes_stale_what_uses_it(
    distribution: str, fresh: set[str], project: Path, tmp_path: Path
) -> None:
    stale, said = _stale(project, _with_version(tmp_path / "site", distribution, "99.0"))
    assert {stage.key for stage in STAGES} - set(stale) == fresh
    assert f"{distribution} " in said.out
    assert "-> 99.0" in said.out


def test_only_the_chosen_family_counts() -> None:
    train = BY_KEY["internal/train"]
    assert code_of(train, "kmeans").version != code_of(train, "gmm").version
    assign = BY_KEY["internal/assign"]
    assert code_of(assign, "kmeans") == code_of(assign, "gmm")
