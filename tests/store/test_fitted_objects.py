"""Fitted objects on disk: equal objects are equal bytes, they come back as they were, and nothing
strange is ever built.
"""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import skops.io
from sklearn.preprocessing import StandardScaler

from clustering.errors import DataError
from clustering.methods.fitting.placement import CentroidPlacement, GaussianPlacement
from clustering.stages.train import TrainedModel
from clustering.store.fitted_objects import dump, load

X = np.random.default_rng(0).normal(size=(20, 3))


def _model(shift: float = 0.0) -> TrainedModel:
    placement = GaussianPlacement(
        np.array([0.25, 0.75]),
        X[:2] + shift,
        np.eye(3)[None],
        0.5,
        [(3, 5)],
        [np.log(np.array([[0.5, 0.5]]))],
    )
    return TrainedModel(placement, np.array([True, False]), None)


def test_equal_objects_are_equal_bytes_however_they_are_shared(tmp_path: Path) -> None:
    model = _model()
    dump({"TEA": model, "MILK": model}, tmp_path / "shared")
    dump(
        {"TEA": _model(), "MILK": replace(_model(), strays=np.array([True, False]))},
        tmp_path / "apart",
    )
    assert (tmp_path / "shared").read_bytes() == (tmp_path / "apart").read_bytes()


def test_estimators_are_equal_bytes_and_come_back(tmp_path: Path) -> None:
    for name in ("one", "two"):
        dump({"TEA": StandardScaler().fit(X), "MILK": StandardScaler().fit(X * 2)}, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    back = load(tmp_path / "one")
    assert (back["MILK"].transform(X) == StandardScaler().fit(X * 2).transform(X)).all()


def test_objects_of_ours_come_back_field_by_field(tmp_path: Path) -> None:
    dump({"TEA": _model(), "MILK": _model(1.0)}, tmp_path / "models")
    tea, milk = load(tmp_path / "models").values()
    assert isinstance(milk.placement, GaussianPlacement)
    assert (milk.placement.means == X[:2] + 1.0).all()
    assert (milk.placement.noise, milk.placement.blocks, milk.jaccard) == (0.5, [(3, 5)], None)
    assert milk.strays.dtype == bool
    assert (tea.placement.means == X[:2]).all()
    assert tea.placement.level_logs[0].shape == (1, 2)


def test_arrays_without_a_number_keep_their_shape(tmp_path: Path) -> None:
    dump({"TEA": CentroidPlacement(np.zeros((1, 0)), 1.0)}, tmp_path / "models")
    assert load(tmp_path / "models")["TEA"].centres.shape == (1, 0)


def test_objects_of_ours_need_no_scikit_learn(tmp_path: Path) -> None:
    dump({"TEA": _model()}, tmp_path / "models")
    code = (
        "import sys, pathlib; from clustering.store.fitted_objects import load; "
        f"load(pathlib.Path({str(tmp_path / 'models')!r}))\n"
        "assert not {'sklearn', 'skops'} & sys.modules.keys()"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_estimator_of_another_type_is_not_loaded(tmp_path: Path) -> None:
    _archive(
        tmp_path / "models",
        [{"estimator": "strange.skops"}],
        {"strange.skops": skops.io.dumps(os.system)},
    )
    with pytest.raises(
        DataError, match=r"types that are not trusted: posix.system; it was not loaded"
    ):
        load(tmp_path / "models")


@pytest.mark.parametrize(
    "kind",
    [
        "os:system",
        "clustering.cli.hydra_bridge:launch",
        "clustering.store.fitted_objects:_Reader",
        "clustering.store.fitted_objects:no",
        "clustering.no:no",
    ],
)
def test_what_is_no_dataclass_of_ours_is_not_built(tmp_path: Path, kind: str) -> None:
    _archive(tmp_path / "models", [{"type": kind, "fields": {}}], {})
    with pytest.raises(DataError, match=f"not trusted: {kind}; it was not loaded"):
        load(tmp_path / "models")


def _archive(path: Path, objects: list[object], files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "objects.json", json.dumps({"categories": {"TEA": {"object": 0}}, "objects": objects})
        )
        archive.writestr("arrays", b"")
        for name, content in files.items():
            archive.writestr(name, content)


def test_a_pickle_is_not_loaded(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(tmp_path / "exploded"),)

    (tmp_path / "models").write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(DataError, match="not a model file"):
        load(tmp_path / "models")
    assert not (tmp_path / "exploded").exists()


def test_a_file_with_a_part_cut_off_is_not_loaded(tmp_path: Path) -> None:
    dump({"TEA": _model()}, tmp_path / "models")
    with zipfile.ZipFile(tmp_path / "models") as archive:
        objects = archive.read("objects.json")
    with zipfile.ZipFile(tmp_path / "cut", "w") as archive:
        archive.writestr("objects.json", objects)
        archive.writestr("arrays", b"\0" * 8)
    with pytest.raises(DataError, match="not a model file"):
        load(tmp_path / "cut")
