"""PostgreSQL as source and sink: five million rows, reruns, and servers that go away in the
middle.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest

from clustering.io.databases import DatabaseError, open_database
from clustering.sample.write import write_sample
from tests.conftest import PATIENCE, clean_environment, command_in
from tests.e2e.snapshot import tables
from tests.services.conftest import fill, rows_of, sample_tables
from tests.services.servers import PostgresServer

MILLIONS = 5_000_000
COPIES = 6
RUN = ("run", "source=postgres", "sink=postgres", "executor.workers=1")
PUBLISHED = ("runs", "assignments", "metrics")


@pytest.fixture(scope="module")
def many_rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose sales have more than five million rows."""
    folder = tmp_path_factory.mktemp("many")
    list(write_sample(folder / "data", stores=800, categories=8, clusters=4, weeks=160, seed=5))
    path = folder / "data/raw/sales.parquet"
    sales = pl.read_parquet(path)
    pl.concat(
        sales.with_columns(pl.col("WEEK") + 160 * copy) for copy in range(COPIES)
    ).write_parquet(path)
    return folder


def _words(server: PostgresServer, *more: str) -> list[str]:
    address = f"'{server.uri_of_variables}'"
    return [*RUN, f"source.uri={address}", f"sink.uri={address}", *more]


def _start(folder: Path, words: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "clustering", *words],
        cwd=folder,
        env=clean_environment(),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def _published(server: PostgresServer) -> dict[str, pl.DataFrame]:
    uri = server.uri_of_variables
    return {
        name: rows_of(uri, f"SELECT * FROM clustering_{name}").sort(pl.all()) for name in PUBLISHED
    }


def _until(server: PostgresServer, process: subprocess.Popen[str], query: str) -> None:
    """Wait until the server says that the process does what the query looks for."""
    while rows_of(server.uri_of_variables, query).item(0, 0) == 0:
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)


@contextmanager
def _killed(server: PostgresServer, process: subprocess.Popen[str], query: str) -> Iterator[None]:
    try:
        _until(server, process, query)
        server.kill()
        yield
    finally:
        process.kill()
        server.start()


def test_five_million_rows_give_the_clusters_of_the_parquet_file(
    many_rows: Path, shop: PostgresServer, tmp_path: Path
) -> None:
    inputs = sample_tables(many_rows)
    assert inputs["sales"].height > MILLIONS
    fill(shop.uri_of_variables, inputs)
    (tmp_path / "project").mkdir()

    from_files = command_in(many_rows, "run", "executor.workers=1")
    assert from_files.code == 0, from_files.err
    from_database = command_in(tmp_path / "project", *_words(shop))
    assert from_database.code == 0, from_database.err
    merged = pl.read_parquet(tmp_path / "project/data/dev/merged/assignments.parquet")
    internal = "data/dev/internal/assign/assignments.parquet"
    assert (tmp_path / "project" / internal).read_bytes() == (many_rows / internal).read_bytes()
    assert merged.equals(pl.read_parquet(many_rows / "data/dev/merged/assignments.parquet"))
    first = _published(shop)
    columns = ["category", "store_nbr", "final_cluster"]
    assert (
        first["assignments"]
        .select(columns)
        .sort(columns)
        .equals(merged.select(columns).sort(columns))
    )

    again = command_in(tmp_path / "project", *_words(shop))
    assert again.code == 0, again.err
    assert "fresh, skipped" in again.err
    second = _published(shop)
    assert second["assignments"].equals(first["assignments"])
    assert second["metrics"].equals(first["metrics"])
    assert second["runs"].drop("published_at").equals(first["runs"].drop("published_at"))

    before = tables(tmp_path / "project")
    process = _start(tmp_path / "project", _words(shop))
    reading = (
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE state = 'active' AND query LIKE 'COPY%\"sales\"%'"
    )
    with _killed(shop, process, reading):
        _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 3, err
    assert "sales cannot be read from postgresql://127.0.0.1" in err
    assert "Traceback" not in err
    assert tables(tmp_path / "project") == before
    assert _published(shop)["assignments"].equals(first["assignments"])


def test_server_killed_while_results_are_written_leaves_the_old_ones(
    sample_dir: Path, shop: PostgresServer, project: Path
) -> None:
    fill(shop.uri_of_variables, sample_tables(sample_dir))
    done = command_in(project, *_words(shop))
    assert done.code == 0, done.err
    first = _published(shop)

    with (  # noqa: PT012
        pytest.raises(DatabaseError),
        open_database("test", shop.uri_of_variables).transaction() as other,
    ):
        # holds up the sink when its assignments are in and its metrics are not; gone with the
        # server, as it is
        other.execute("LOCK TABLE clustering_metrics IN ACCESS EXCLUSIVE MODE")
        process = _start(project, _words(shop, "merge.min_cluster_size=5"))
        with _killed(shop, process, "SELECT count(*) FROM pg_locks WHERE NOT granted"):
            _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 4, err
    assert "could not store the results" in err
    assert "Traceback" not in err
    after = _published(shop)
    assert all(after[name].equals(first[name]) for name in PUBLISHED)

    done = command_in(project, *_words(shop, "merge.min_cluster_size=5"))
    assert done.code == 0, done.err
    assert _published(shop)["runs"].height == 2


def _shuffled(sales: pl.DataFrame) -> pl.DataFrame:
    return sales.sample(fraction=1.0, shuffle=True, seed=3)


@pytest.mark.parametrize(
    ("change", "made"),
    [(_shuffled, False), (lambda sales: sales.with_columns(pl.col("TOTAL_SALES") * 2), True)],
    ids=["order_of_rows", "amounts"],
)
def test_content_decides_what_is_fresh(
    change: Callable[[pl.DataFrame], pl.DataFrame],
    made: bool,
    sample_dir: Path,
    shop: PostgresServer,
    tmp_path: Path,
) -> None:
    inputs = sample_tables(sample_dir)
    fill(shop.uri_of_variables, inputs)
    words = ["preprocess", "source=postgres", f"source.uri='{shop.uri_of_variables}'"]
    assert command_in(tmp_path, *words).code == 0
    fill(shop.uri_of_variables, {"sales": change(inputs["sales"])})
    again = command_in(tmp_path, *words)
    assert again.code == 0, again.err
    assert ("fresh, skipped" not in again.err) == made


def test_query_with_numeric_amounts(sample_dir: Path, shop: PostgresServer, tmp_path: Path) -> None:
    fill(shop.uri_of_variables, sample_tables(sample_dir))
    query = (
        'SELECT \\"STORE_NBR\\", \\"SKU_NBR\\", \\"WEEK\\", '
        '\\"TOTAL_SALES\\"::numeric(12,2) AS total_sales FROM sales'
    )
    words = ["preprocess", "source=postgres", f"source.uri='{shop.uri_of_variables}'"]
    done = command_in(tmp_path, *words, f'source.sales="{query}"')
    assert done.code == 0, done.err
    shutil.copytree(sample_dir / "data/raw", tmp_path / "files/data/raw")
    assert command_in(tmp_path / "files", "preprocess").code == 0
    values = "data/dev/internal/preprocess/values.parquet"
    assert pl.read_parquet(tmp_path / values).equals(pl.read_parquet(tmp_path / "files" / values))


@pytest.mark.parametrize(
    ("locked", "told"),
    [
        ("sales", "source.sales: sales cannot be read"),
        ("clustering_metrics", "could not store the results"),
    ],
)
def test_a_locked_table_ends_the_wait_with_4(
    locked: str, told: str, sample_dir: Path, shop: PostgresServer, project: Path
) -> None:
    fill(shop.uri_of_variables, sample_tables(sample_dir))
    assert command_in(project, *_words(shop)).code == 0
    with open_database("test", shop.uri_of_variables).transaction() as other:
        other.execute(f"LOCK TABLE {locked} IN ACCESS EXCLUSIVE MODE")
        words = _words(shop, "merge.min_cluster_size=5")
        done = command_in(project, *words, env={"PGOPTIONS": "-c lock_timeout=1s"})
    assert done.code == 4, done.err
    assert told in done.err
    assert "a table is locked" in done.err


def test_the_wait_for_a_lock_is_limited_unless_the_user_says_otherwise(
    shop: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = "SELECT current_setting('lock_timeout') AS timeout"
    assert rows_of(shop.uri_of_variables, asked).item() == "1min"
    monkeypatch.setenv("PGOPTIONS", "-c lock_timeout=5s")
    assert rows_of(shop.uri_of_variables, asked).item() == "5s"
