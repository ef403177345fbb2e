"""Sales rows to sums per category, store and need state, as whole processes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from multiprocessing import get_context
from pathlib import Path

from tests.benchmarks.commit import checked_out
from tests.benchmarks.measure import Cost, Row, clustering, cost, python
from tests.benchmarks.sales_rows import ENDING, write_rows

# the plainest program that gives the table; {order} and {sort} are empty, or sort it
DUCKDB = """
import duckdb
duckdb.sql('''copy (
    select s.CATEGORY, s.STORE_NBR, m.NEED_STATE, sum(s.TOTAL_SALES) as sales
    from '{sales}' s join 'data/raw/need_states.csv' m using (SKU_NBR)
    group by all {order}) to 'duckdb.parquet' (format parquet)''')
"""
POLARS = """
import polars as pl
sales = pl.scan_{kind}('{sales}')
need = pl.scan_csv('data/raw/need_states.csv').select(
    pl.col('SKU_NBR').cast(sales.collect_schema()['SKU_NBR']), 'NEED_STATE')
(sales.join(need, on='SKU_NBR').group_by('CATEGORY', 'STORE_NBR', 'NEED_STATE')
 .agg(pl.col('TOTAL_SALES').sum()){sort}.collect(engine='streaming').write_parquet('polars.parquet'))
"""
SORT = ".sort('CATEGORY', 'STORE_NBR', 'NEED_STATE')"
RIVALS = {
    "DuckDB": (DUCKDB, "", ""),
    "DuckDB, sorted": (DUCKDB, "order by all", ""),
    "Polars": (POLARS, "", ""),
    "Polars, sorted": (POLARS, "", SORT),
}


def aggregation(
    folder: Path,
    sizes: Sequence[int],
    keys: Sequence[str],
    layouts: Sequence[str],
    runs: int,
    against: str | None,
) -> Iterator[Row]:
    """Whole `clustering preprocess`, checks, halves and manifest included.

    Its rivals are SQL, plain Polars and, where `against` names a commit, the program at that
    commit.
    """
    for rows in sizes:
        for layout in layouts:
            for kind in keys:
                shutil.rmtree(folder / "data", ignore_errors=True)
                _write(folder / "data", rows, kind == "text", layout)
                what = f"{rows:,} rows, {kind} keys, {layout}"
                ours = _ours(folder, layout, runs)
                for name, theirs in _rivals(folder, layout, runs, against):
                    yield Row("aggregation", what, ours, name, theirs, rows)


def _write(folder: Path, rows: int, text_keys: bool, layout: str) -> None:
    """Write the sales in a process of its own: one that is measured counts the memory of the one
    that started it.
    """
    settings = {"text_keys": text_keys, "layout": layout}
    writer = get_context("spawn").Process(target=write_rows, args=(folder, rows), kwargs=settings)
    writer.start()
    writer.join()
    if writer.exitcode:
        raise RuntimeError(f"the sales could not be written: status {writer.exitcode}")


def _rivals(
    folder: Path, layout: str, runs: int, against: str | None
) -> Iterator[tuple[str, Cost]]:
    ending = ENDING[layout]
    for name, (code, order, sort) in RIVALS.items():
        told = code.format(sales=f"data/raw/sales/*.{ending}", kind=ending, order=order, sort=sort)
        yield name, cost(python(told), folder, runs)
    if against:
        with checked_out(against) as root:
            yield f"commit {against[:7]}", _ours(folder, layout, runs, root)


def _ours(folder: Path, layout: str, runs: int, root: Path | None = None) -> Cost:
    """What `clustering preprocess` costs, of the code below `root` if that is given."""
    sales = f"source.sales=data/raw/sales/*.{ENDING[layout]}"
    return cost(clustering("preprocess", sales, "--force"), folder, runs, root=root)
