"""Final results into the tables of a database, in one transaction, versioned by run.

    <prefix>runs          env, run_id, published_at, stores, categories    one row a version
    <prefix>assignments   env, run_id and PUBLISHED of merged/assignments
    <prefix>clusters      env, run_id and the columns of merged/clusters
    <prefix>metrics       env, run_id, track, category, metric, value

A version is the last run that made something of what is published. Publishing a version again
replaces its rows, so a run in which everything was fresh changes nothing.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import polars as pl

from clustering.config import Sink
from clustering.errors import StageError
from clustering.io.databases import Database, DatabaseError, columns_sql, open_database, quoted
from clustering.registry import BY_KEY, MERGE, TRACKS
from clustering.store.catalog import Catalog

log = logging.getLogger(__name__)

QUOTE = "'"
# a table that is there already keeps its columns, so these stay the same from version to version
PUBLISHED = (
    "category",
    "store_nbr",
    "internal_cluster",
    "external_cluster",
    "merged_cluster",
    "final_cluster",
    "reassigned",
    "status",
)
SQL_TYPES = {
    pl.String: "TEXT",
    pl.Float64: "DOUBLE PRECISION",
    pl.Int64: "BIGINT",
    pl.Boolean: "BOOLEAN",
}


def publish(sink: Sink, catalog: Catalog) -> str:
    """Write the environment's final results as the version of their run; give its run id.

    Raises StageError where the database fails; its tables are as they were then.
    """
    tables = results(catalog)
    database = open_database("sink.uri", sink.uri or "")
    run_id = str(tables["runs"]["run_id"][0])
    try:
        _write(
            database,
            sink.prefix,
            {name: _plain(table) for name, table in tables.items()},
            catalog.env,
            run_id,
        )
    except DatabaseError as cause:
        raise StageError(
            f"sink: {database.name} could not store the results: {cause}",
            [
                f"its tables are unchanged; the results are in {catalog.name}; run the same "
                "command to write them again"
            ],
        ) from cause
    log.info("published run %s in %s", run_id, database.name)
    return run_id


def results(catalog: Catalog) -> dict[str, pl.DataFrame]:
    """What is published: `runs` (one row), `assignments`, `clusters` and `metrics`, each led by env
    and run_id.
    """
    assignments = catalog.read(MERGE, "assignments").select(PUBLISHED)
    clusters = catalog.read(MERGE, "clusters")
    producers = [MERGE, *(BY_KEY[f"{track}/analyze"] for track in TRACKS)]
    manifests = [manifest for stage in producers if (manifest := catalog.manifest(stage))]
    version = {
        "env": pl.lit(catalog.env),
        "run_id": pl.lit(max(manifests, key=lambda manifest: manifest.started).run_id),
    }
    metrics = pl.concat(
        catalog.read(BY_KEY[f"{track}/analyze"], "metrics").select(
            pl.lit(track).alias("track"), "category", "metric", pl.col("value").cast(pl.Float64)
        )
        for track in TRACKS
        if catalog.manifest(BY_KEY[f"{track}/analyze"])
    )
    run = pl.select(
        published_at=pl.lit(datetime.now(UTC).isoformat(timespec="seconds")),
        stores=pl.lit(assignments["store_nbr"].n_unique()),
        categories=pl.lit(assignments["category"].n_unique()),
    )
    tables = {"assignments": assignments, "clusters": clusters, "metrics": metrics, "runs": run}
    return {
        name: table.select(*(value.alias(key) for key, value in version.items()), pl.all())
        for name, table in tables.items()
    }


def _write(
    database: Database, prefix: str, tables: dict[str, pl.DataFrame], env: str, run_id: str
) -> None:
    version = " AND ".join(
        f"{key} = '{value.replace(QUOTE, 2 * QUOTE)}'"
        for key, value in (("env", env), ("run_id", run_id))
    )
    with database.transaction() as transaction:
        for name, table in tables.items():
            columns = columns_sql(
                {column: SQL_TYPES[type(kind)] for column, kind in table.schema.items()}
            )
            transaction.execute(f"CREATE TABLE IF NOT EXISTS {quoted(prefix + name)} ({columns})")
            transaction.execute(f"DELETE FROM {quoted(prefix + name)} WHERE {version}")
            transaction.append(prefix + name, table)


def _plain(table: pl.DataFrame) -> pl.DataFrame:
    """The same with the few types every database knows."""
    kinds = {
        name: pl.Int64 if kind.is_integer() else pl.Float64 if kind.is_numeric() else pl.String
        for name, kind in table.schema.items()
        if kind != pl.Boolean
    }
    return table.cast(pl.Schema(kinds))
