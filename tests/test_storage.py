"""Fitted objects on disk: equal objects are equal bytes, and nothing strange is ever built."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import numpy as np
import pytest
import skops.io
from sklearn.preprocessing import StandardScaler

from clustering.errors import DataError
from clustering.storage import dump, load


def _fitted() -> dict[str, StandardScaler]:
    X = np.random.default_rng(0).normal(size=(20, 3))
    return {"TEA": StandardScaler().fit(X), "MILK": StandardScaler().fit(X * 2)}


def test_equal_objects_are_equal_bytes_and_come_back(tmp_path: Path) -> None:
    for name in ("one", "two"):
        dump(_fitted(), tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    X = np.ones((1, 3))
    back: dict[str, StandardScaler] = load(tmp_path / "one")
    assert (
        back["MILK"].transform(X) == StandardScaler().fit(np.random.default_rng(0).normal(size=(20, 3)) * 2).transform(X)
    ).all()


def test_a_file_that_asks_for_another_type_is_not_loaded(tmp_path: Path) -> None:
    skops.io.dump({"TEA": os.system}, tmp_path / "models.skops")
    with pytest.raises(DataError, match=r"types that are not trusted: posix.system; it was not loaded"):
        load(tmp_path / "models.skops")


def test_a_pickle_is_not_loaded(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(tmp_path / "exploded"),)

    (tmp_path / "models.skops").write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(DataError, match="not a model file"):
        load(tmp_path / "models.skops")
    assert not (tmp_path / "exploded").exists()
