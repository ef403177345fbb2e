"""Print how fast we are beside rivals, in one run: start-up, selection of k, aggregation of sales."""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np

from tests.benchmarks.measure import Cost, clustering, cost, line, python
from tests.benchmarks.sales_rows import write_rows

HEADER = f"{'':<44}{'ours':>10}{'rival':>11}{'faster':>10}{'our peak':>13}{'its peak':>13}"
TYPER = """
import sys, typer
app = typer.Typer()
@app.command()
def one(): pass
@app.command()
def two(): pass
sys.argv = ['x', '--help']
app()
"""
DUCKDB = """
import duckdb
db = duckdb.connect()
db.execute('''copy (
    select s.CATEGORY, s.STORE_NBR, m.NEED_STATE, sum(s.TOTAL_SALES / n.m) as sales
    from read_parquet('data/raw/sales/*.parquet') s
    join (select SKU_NBR, NEED_STATE from read_csv('data/raw/need_states.csv')) m using (SKU_NBR)
    join (select SKU_NBR, count(*) as m from read_csv('data/raw/need_states.csv') group by 1) n using (SKU_NBR)
    where s.TOTAL_SALES >= 0 and isfinite(s.TOTAL_SALES) and s.STORE_NBR is not null
    group by all order by all) to 'duckdb.parquet' (format parquet)''')
"""
POLARS = """
import polars as pl
kind = pl.scan_parquet('data/raw/sales/*.parquet').collect_schema()['SKU_NBR']
need = pl.scan_csv('data/raw/need_states.csv').select(pl.col('SKU_NBR').cast(kind), 'NEED_STATE')
(pl.scan_parquet('data/raw/sales/*.parquet')
 .filter((pl.col('TOTAL_SALES') >= 0) & pl.col('TOTAL_SALES').is_finite() & pl.col('STORE_NBR').is_not_null())
 .join(need, on='SKU_NBR').group_by('CATEGORY', 'STORE_NBR', 'NEED_STATE').agg(pl.col('TOTAL_SALES').sum())
 .sort('CATEGORY', 'STORE_NBR', 'NEED_STATE').collect(engine='streaming').write_parquet('polars.parquet'))
"""


def bench_start_up(folder: Path) -> None:
    """`--help` against a bare Typer program; a run in which all is fresh against importing Hydra and Polars."""
    print(line("clustering --help / bare Typer --help", cost(clustering("--help"), runs=7), cost(python(TYPER), runs=7)))
    cost(clustering("sample", "data", "--stores", "60", "--categories", "2"), folder, runs=1)
    fresh = cost(clustering("run"), folder, runs=7)
    print(line("run, all fresh / import hydra, polars", fresh, cost(python("import hydra, polars"), runs=7)))


def bench_selection(stores: int) -> None:
    """Silhouette, Calinski-Harabasz and Davies-Bouldin of k = 2..10 against scikit-learn's loop, in this process."""
    from sklearn import metrics

    from clustering.fitting.space import Space
    from clustering.selection import criteria

    rng = np.random.default_rng(1)
    X = rng.normal(size=(stores, 8)) + rng.integers(0, 4, stores)[:, None]
    space = Space(X, np.full(stores, np.nan))
    labelings = [space.start(k) for k in range(2, 11)]
    clock = time.perf_counter()
    ours = criteria.silhouettes(X, labelings).values
    others = [(criteria.calinski_harabasz(X, labels), criteria.davies_bouldin(X, labels)) for labels in labelings]
    our_seconds, clock = time.perf_counter() - clock, time.perf_counter()
    theirs = [metrics.silhouette_samples(X, labels) for labels in labelings]
    rivals = [(metrics.calinski_harabasz_score(X, labels), metrics.davies_bouldin_score(X, labels)) for labels in labelings]
    their_seconds = time.perf_counter() - clock
    print(line(f"criteria of k = 2..10, {stores:,} stores / scikit-learn", Cost(our_seconds, 0), Cost(their_seconds, 0)))
    worst = max(float(np.abs(a - b).max()) for a, b in zip(ours, theirs, strict=True))
    relative = float(np.abs(np.array(others) / rivals - 1).max())
    print(f"{'':<4}largest difference: silhouettes {worst:.1e}, others {relative:.1e} (relative)")


def bench_aggregation(folder: Path, rows: int, text_keys: bool) -> None:
    """Whole `clustering preprocess`, validation, halves and manifest included, against SQL and against plain Polars."""
    shutil.rmtree(folder / "data", ignore_errors=True)
    write_rows(folder / "data", rows, text_keys=text_keys)
    words = ("preprocess", "source.sales=data/raw/sales/*.parquet", "--force")
    ours = cost(clustering(*words), folder, runs=3)
    kind = "text" if text_keys else "integer"
    for name, code in (("DuckDB", DUCKDB), ("Polars", POLARS)):
        print(line(f"{rows:,} rows, {kind} keys / {name}", ours, cost(python(code), folder, runs=3)))


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="*", default=[1_000_000, 10_000_000], help="sizes of the sales table")
    parser.add_argument("--stores", type=int, default=5_000, help="stores of the selection benchmark")
    parser.add_argument("--part", choices=["start_up", "selection", "aggregation"], action="append")
    asked = parser.parse_args()
    parts = asked.part or ["start_up", "selection", "aggregation"]
    print(HEADER)
    with tempfile.TemporaryDirectory() as name:
        if "start_up" in parts:
            bench_start_up(Path(name))
        if "selection" in parts:
            bench_selection(asked.stores)
        for rows in asked.rows if "aggregation" in parts else ():
            for text_keys in (False, True):
                bench_aggregation(Path(name), rows, text_keys)


if __name__ == "__main__":
    main()
