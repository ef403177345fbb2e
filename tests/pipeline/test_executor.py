"""Worker processes: prepared while the main one works, with one thread each, and the same results
in order.
"""

from __future__ import annotations

import os
import sys

import pytest

from clustering.config import Executor
from clustering.pipeline.executor import connections, is_worthwhile, prepare, spread


def _seen(number: int) -> tuple[int, int, bool, str | None]:
    return number, os.getpid(), "colorsys" in sys.modules, os.environ.get("POLARS_MAX_THREADS")


def test_prepared_workers_have_loaded_what_they_need() -> None:
    with connections():
        prepare(["colorsys"], Executor(workers=2))
        found = list(spread(_seen, ((n,) for n in range(20)), 20, Executor(workers=2)))
    assert [number for number, *_ in found] == list(range(20))
    assert os.getpid() not in {pid for _, pid, *_ in found}
    assert any(
        is_loaded for *_, is_loaded, _ in found
    )  # in both, unless one was quick enough to do it twice
    assert {threads for *_, threads in found} == {os.environ.get("POLARS_MAX_THREADS", "1")}


def test_environment_of_this_process_is_left_as_it_was() -> None:
    before = dict(os.environ)
    with connections():
        prepare(["colorsys"], Executor(workers=2))
    assert dict(os.environ) == before


def test_one_worker_is_not_prepared() -> None:
    with connections():
        prepare(["colorsys"], Executor(workers=1))
        found = list(spread(_seen, ((n,) for n in range(20)), 20, Executor(workers=1)))
    assert {pid for _, pid, *_ in found} == {os.getpid()}


def _fail() -> None:
    with connections():
        prepare(["colorsys"], Executor(workers=2))
        raise RuntimeError


def test_a_failing_run_leaves_nothing_prepared() -> None:
    with pytest.raises(RuntimeError):
        _fail()
    with connections():
        assert len(list(spread(_seen, ((n,) for n in range(9)), 9, Executor(workers=2)))) == 9


@pytest.mark.parametrize(
    ("categories", "stores", "pays"),
    [
        (1, 1_000_000, False),
        (10, 10 * 2_000, False),
        (10, 10 * 10_000, True),
        (302, 302 * 113, True),
        (5, 5 * 300, False),
    ],
)
def test_processes_are_started_where_they_save_time(
    categories: int, stores: int, pays: bool
) -> None:
    assert is_worthwhile(categories, stores) is pays


def test_a_stage_that_takes_little_time_needs_more_stores() -> None:
    assert not is_worthwhile(302, 302 * 113, effort=0.15)
    assert is_worthwhile(300, 300 * 2_000, effort=0.15)


def test_workers_that_are_asked_for_are_used_however_little_there_is_to_do() -> None:
    with connections():
        found = list(spread(_seen, ((n,) for n in range(2)), 2, Executor(workers=2), several=False))
    assert os.getpid() not in {pid for _, pid, *_ in found}
