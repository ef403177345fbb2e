"""Categories in parallel: the one place that knows how work is spread over processes.

Executors are joblib's backends, so a function and its tables reach all of them in the same way:
processes of this machine (loky), a Dask cluster, a Ray cluster. Results come back in the order of
the work, and every process uses one BLAS thread. So neither the executor nor the number of workers
shows in a result.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from functools import lru_cache
from importlib import import_module
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

from clustering.config import Executor
from clustering.errors import ConfigError, StageError, is_dead_worker, is_panic, missing_extra

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

# below this many stores of all categories together the start of worker processes costs more than
# they save; a category takes some time of its own, as much as so many stores
WORTHWHILE, STORES_A_CATEGORY = 55_000, 330
# work is split into this many batches per worker, so that no worker is idle for long at the end
BATCHES = 50
Work = Iterable[tuple[Any, ...]]
Result = TypeVar("Result")


def workers(executor: Executor) -> int:
    """The number of worker processes on this machine: as configured, else one per usable core."""
    from joblib import cpu_count  # knows the limits of containers, too

    return executor.workers or int(cpu_count())


def is_worthwhile(categories: int, stores: int, effort: float = 1.0) -> bool:
    """Whether worker processes would save time; `stores` counts those of every category, `effort`
    is the time a category takes, compared with training.
    """
    work = effort * (stores + STORES_A_CATEGORY * categories)
    return categories > 1 and work >= WORTHWHILE


def spread(
    function: Callable[..., Result],
    work: Work,
    count: int,
    executor: Executor,
    several: bool = True,
) -> Iterator[Result]:
    """Yield function(*arguments) for each of the `count` items of `work`, in order, computed by the
    executor.

    On this machine, several processes are used if workers were configured, or if `several` are
    worthwhile. Raises ConfigError if the cluster is not installed or cannot be reached,
    StageError where its workers die.
    """
    if in_processes(count, executor, several):
        yield from _in_processes(function, work, count, workers(executor))
    elif count > 1 and executor.name != "local":
        yield from _on_cluster(function, work, executor)
    else:
        yield from (on_one_thread(function, *arguments) for arguments in work)


def in_processes(count: int, executor: Executor, several: bool = True) -> bool:
    """Whether `spread` uses worker processes of this machine."""
    return (
        count > 1
        and executor.name == "local"
        and bool(several or executor.workers)
        and workers(executor) > 1
    )


def on_one_thread(function: Callable[..., Result], *arguments: Any) -> Result:
    """Call with one BLAS thread: sums in another order would show in the last digits, and small
    products would be slow.
    """
    with _threads(len(sys.modules)).limit(limits=1):
        return function(*arguments)


@lru_cache(maxsize=1)
def _threads(modules: int) -> ThreadpoolController:  # noqa: ARG001
    """The libraries with threads that are loaded now. Looking for them takes 2 ms, as much as a
    small category, and only a module that is imported can bring one.
    """
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def _in_processes(
    function: Callable[..., Result], work: Work, items: int, count: int
) -> Iterator[Result]:
    list(_preparing.pop(count, ()))  # waits for it
    yield from _submitted(function, work, count, max(1, items // (count * BATCHES)))


def _submitted(
    function: Callable[..., Result], work: Work, count: int, batch_size: int = 1
) -> Generator[Result]:
    """Results in order, as a generator that begins to work at once and not when it is first
    asked.
    """
    from joblib import Parallel, delayed, parallel_config

    with (
        parallel_config(backend="loky", n_jobs=count, inner_max_num_threads=1),
        _one_polars_thread(),
    ):
        submitted: Generator[Result] = Parallel(
            return_as="generator", batch_size=batch_size, pre_dispatch="4*n_jobs"
        )(delayed(function)(*arguments) for arguments in work)
        return submitted


@contextmanager
def _one_polars_thread() -> Iterator[None]:
    """In the environment that worker processes begin with: they are as many as there are cores."""
    before = os.environ.get("POLARS_MAX_THREADS")
    os.environ["POLARS_MAX_THREADS"] = before or "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["POLARS_MAX_THREADS"]


_preparing: dict[int, Generator[None]] = {}  # by number of workers


def prepare(modules: Sequence[str], executor: Executor) -> None:
    """Have the worker processes of this machine import `modules` while this process goes on with
    what only it can do.
    """
    count = workers(executor)
    if executor.name == "local" and count > 1 and count not in _preparing:
        _preparing[count] = _submitted(_load, ((modules,) for _ in range(count)), count)


def load_meanwhile(modules: Sequence[str]) -> None:
    """Import `modules` while this process waits for its workers."""
    if modules:
        Thread(target=_load, args=(modules,)).start()


def _load(modules: Sequence[str]) -> None:
    for module in modules:
        import_module(module)


# --- clusters


_connections = ExitStack()
_connected: dict[str, dict[str, Any]] = {}


@contextmanager
def connections() -> Iterator[None]:
    """Keep the connection to a cluster, once it is needed, until the end of a run: all stages use
    one.
    """
    try:
        yield
    except BaseException as error:
        if is_panic(error) or (error.__cause__ and is_panic(error.__cause__)):
            # no thread could be started: neither will the workers, so nobody waits for them
            with suppress(Exception), warnings.catch_warnings(action="ignore"):
                while _preparing:
                    _preparing.popitem()[1].close()
        raise
    finally:
        while _preparing:
            with suppress(Exception):  # the run may have failed because its workers are gone
                list(_preparing.popitem()[1])
        _connected.clear()
        _connections.close()


def _on_cluster(
    function: Callable[..., Result], work: Work, executor: Executor
) -> Iterator[Result]:
    """All results at once: joblib's backends for clusters give none before the last."""
    from joblib import Parallel, delayed, parallel_config

    if executor.name not in _connected:
        _connected[executor.name] = _connections.enter_context(CLUSTERS[executor.name](executor))
    with parallel_config(**_connected[executor.name]):
        try:
            yield from Parallel()(
                delayed(on_one_thread)(function, *arguments) for arguments in work
            )
        except Exception as cause:
            if is_dead_worker(cause):
                raise StageError(
                    f"executor={executor.name}: workers died repeatedly, probably out of memory"
                ) from cause
            raise


@contextmanager
def _dask(executor: Executor) -> Iterator[dict[str, Any]]:
    try:
        from distributed import Client, LocalCluster
    except ImportError as cause:
        raise missing_extra("executor=dask", "dask") from cause
    logging.getLogger("distributed").setLevel(logging.ERROR)
    if executor.address:
        try:
            client = Client(executor.address, timeout="10s")
        except (OSError, ValueError) as cause:
            raise ConfigError(
                f"executor.address={executor.address}: no Dask scheduler answers ({cause})"
            ) from cause
        with client:
            yield {"backend": "dask", "n_jobs": -1}
        return
    with (
        LocalCluster(
            n_workers=workers(executor),
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            silence_logs=50,
        ) as cluster,
        Client(cluster),
    ):
        yield {"backend": "dask", "n_jobs": -1}


@contextmanager
def _ray(executor: Executor) -> Iterator[dict[str, Any]]:
    try:
        import ray
        from ray.util.joblib import register_ray
    except ImportError as cause:
        raise missing_extra("executor=ray", "ray") from cause
    quiet: dict[str, Any] = {
        "log_to_driver": False,
        "logging_level": "error",
        "configure_logging": True,
    }
    own = {
        "num_cpus": workers(executor),
        "include_dashboard": False,
        "_node_ip_address": "127.0.0.1",
    }
    try:
        ray.init(address=executor.address, **quiet) if executor.address else ray.init(
            **own, **quiet
        )
    except (ConnectionError, RuntimeError, ValueError) as cause:
        raise ConfigError(
            f"executor.address={executor.address}: no Ray cluster answers ({cause})"
        ) from cause
    try:
        register_ray()
        yield {
            "backend": "ray",
            "n_jobs": executor.workers or int(ray.cluster_resources().get("CPU", 1)),
        }
    finally:
        ray.shutdown()


CLUSTERS: dict[str, Callable[[Executor], AbstractContextManager[dict[str, Any]]]] = {
    "dask": _dask,
    "ray": _ray,
}
