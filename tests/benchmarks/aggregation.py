"""Sales rows to sums per category, store and need state, as whole processes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.measure import Row, clustering, cost, python
from tests.benchmarks.sales_rows import write_rows

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
RIVALS = {"DuckDB": DUCKDB, "Polars": POLARS}


def aggregation(folder: Path, sizes: list[int], keys: list[str]) -> Iterator[Row]:
    """Whole `clustering preprocess`, validation, halves and manifest included, against SQL and
    against plain Polars.
    """
    for rows in sizes:
        for kind in keys:
            shutil.rmtree(folder / "data", ignore_errors=True)
            write_rows(folder / "data", rows, text_keys=kind == "text")
            ours = cost(
                clustering("preprocess", "source.sales=data/raw/sales/*.parquet", "--force"), folder
            )
            for name, code in RIVALS.items():
                yield Row(
                    "aggregation",
                    f"{rows:,} rows, {kind} keys",
                    ours,
                    name,
                    cost(python(code), folder),
                    rows,
                )
