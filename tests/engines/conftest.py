from __future__ import annotations

from pathlib import Path

import pytest

from clustering.sample.write import write_sample
from tests.conftest import command_in


@pytest.fixture(scope="session")
def chain_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough categories for workers to be worthwhile, faulty rows included; do not write here."""
    folder = tmp_path_factory.mktemp("chain")
    list(
        write_sample(
            folder / "data", stores=80, categories=10, clusters=3, weeks=8, seed=3, dirty=True
        )
    )
    return folder


@pytest.fixture(scope="session")
def local_dir(chain_dir: Path) -> Path:
    """The chain after a run on this machine alone."""
    done = command_in(chain_dir, "run")
    assert done.code == 0, done.err
    return chain_dir
