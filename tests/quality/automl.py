"""PyCaret as a rival: tables go to an interpreter that has it, labels and seconds come back."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import numpy as np

RECIPE = Path(__file__).with_name("pycaret_recipe.py")
Key = TypeVar("Key")
Found = tuple[np.ndarray, float]


def run_pycaret(python: str, tables: Mapping[Key, np.ndarray]) -> dict[Key, Found]:
    """Labels (n_stores,) and seconds for each table of sales (n_stores, n_need_states); `python` is
    the interpreter.
    """
    with tempfile.TemporaryDirectory() as folder:
        for number, sales in enumerate(tables.values()):
            np.save(Path(folder) / f"{number:04d}.npy", sales)
        one_thread = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        subprocess.run(
            [python, str(RECIPE), folder],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=folder,
            env=one_thread,
        )
        found = [_read(Path(folder) / f"{number:04d}") for number in range(len(tables))]
    return dict(zip(tables, found, strict=True))


def _read(stem: Path) -> Found:
    return np.load(stem.with_suffix(".labels.npy")), float(
        np.load(stem.with_suffix(".seconds.npy"))
    )
