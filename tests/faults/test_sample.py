"""A few file operations of two commands are broken; `nox -s faults` breaks every one of all
commands.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.breaker import FAIL, KILL
from tests.faults.commands import Commands
from tests.faults.worlds import Case, sample

A_MODE = 3


@pytest.fixture(scope="module")
def commands() -> Iterator[Commands]:
    one_after_the_other = Commands()
    yield one_after_the_other
    one_after_the_other.stop()


@pytest.mark.parametrize("name", ["run", "publish"])
def test_readers_tell_the_truth_and_one_more_command_repairs(
    name: str, commands: Commands, tmp_path: Path
) -> None:
    case = Case(name, tmp_path, commands)
    for mode in (KILL, FAIL):
        operations = case.operations(mode)
        kinds = sample(operations)
        assert len(kinds) > A_MODE
        for at in kinds[:: -(-len(kinds) // A_MODE)]:
            assert list(case.faults(mode, at)) == [], (mode, at, operations[at - 1])
