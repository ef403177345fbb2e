"""Categories in parallel: the one place that knows how work is spread over processes.

The engines are joblib's backends, so a function and its frames travel the same way to every one of them. Results come
back in the order of the work, whatever finished first, so the number of workers never shows in a result.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from clustering.config import Executor

# below this many categories the start of worker processes costs more than they save
WORTHWHILE = 8


def workers(executor: Executor) -> int:
    """The number of worker processes: as configured, else one per core."""
    return executor.workers or len(os.sched_getaffinity(0))


def spread(function: Callable[..., Any], work: Iterable[tuple[Any, ...]], count: int, executor: Executor) -> Iterator[Any]:
    """Yield function(*arguments) for each of the `count` items of `work`, in order, computed by the executor."""
    if workers(executor) == 1 or count < WORTHWHILE:
        yield from _one_by_one(function, work)
    else:
        yield from _in_processes(function, work, workers(executor))


def _one_by_one(function: Callable[..., Any], work: Iterable[tuple[Any, ...]]) -> Iterator[Any]:
    from threadpoolctl import threadpool_limits

    # one BLAS thread, as in the workers: sums in another order would show in the last digits
    with threadpool_limits(limits=1):
        for arguments in work:
            yield function(*arguments)


def _in_processes(function: Callable[..., Any], work: Iterable[tuple[Any, ...]], count: int) -> Iterator[Any]:
    from joblib import Parallel, delayed, parallel_config

    with parallel_config(backend="loky", n_jobs=count, inner_max_num_threads=1):
        yield from Parallel(return_as="generator", batch_size="auto", pre_dispatch="4*n_jobs")(
            delayed(function)(*arguments) for arguments in work
        )
