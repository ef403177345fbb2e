"""What other systems read: always of the version in force, written when one is published or rolled
back.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from clustering.results.export.tables import Labels, read_labels
from clustering.store.atomic import replacing
from clustering.store.catalog import Catalog

PLANOGRAM = {
    "category": "CATEGORY",
    "store_nbr": "STORE_NBR",
    "final_cluster": "CLUSTER",
    "final_name": "CLUSTER_NAME",
}


def downstream_folder(output_dir: str, env: str) -> Path:
    """Where the files of the version in force are."""
    return Path(output_dir) / "published" / env


def write_downstream(catalog: Catalog, folder: Path, version: int) -> list[Path]:
    """Write planogram.csv (category, store, cluster, name) and stores.parquet (also probability,
    rule, version).
    """
    labels = read_labels(catalog)
    stores = labels.stores.with_columns(pl.lit(version, pl.Int64).alias("version"))
    folder.mkdir(parents=True, exist_ok=True)
    whole = folder / "stores.parquet"
    with replacing(whole) as temporary:
        stores.write_parquet(temporary)
    return [write_planogram(labels, folder), whole]


def write_planogram(labels: Labels, folder: Path) -> Path:
    """Write planogram.csv."""
    path = folder / "planogram.csv"
    with replacing(path) as temporary:
        labels.stores.select(*PLANOGRAM).rename(PLANOGRAM).write_csv(temporary)
    return path
