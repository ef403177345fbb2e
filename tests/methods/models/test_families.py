"""A model family is one file: in this package's folder, or in another package."""

from __future__ import annotations

import os
from pathlib import Path

import clustering
from tests.conftest import command_in

FAMILY = """
from dataclasses import dataclass
from clustering.config import Model

@dataclass
class Settings(Model):
    name: str = "first_column"

def fit(space, settings, ks, seed):
    from clustering.methods.fitting.candidate import from_placement
    from clustering.methods.fitting.lloyd import fit_kmeans
    return {k: from_placement(space, fit_kmeans(space.X, space.start(k))) for k in ks}
"""


def test_another_package_brings_a_family_by_entry_point(
    fresh_project: Path, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    record = site / "other-1.0.dist-info"
    record.mkdir(parents=True)
    (site / "other_family.py").write_text(FAMILY)
    (record / "METADATA").write_text("Name: other\nVersion: 1.0\n")
    (record / "entry_points.txt").write_text("[clustering.models]\nfirst_column = other_family\n")
    places = os.pathsep.join([str(site), str(Path(clustering.__file__).parents[1])])
    words = ("run", "internal_ml", "model=first_column", "model.k_max=4")
    env = {"PYTHONPATH": places}
    assert command_in(fresh_project, "preprocess", env=env).code == 0
    done = command_in(fresh_project, *words, env=env)
    assert done.code == 0, done.err
    (site / "other_family.py").write_text(f"{FAMILY}# changed\n")
    assert "fresh, skipped" in (again := command_in(fresh_project, *words, env=env)).err
    assert "internal/train" in again.err.replace("fresh, skipped", "", 1)
