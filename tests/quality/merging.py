"""What final clusters keep of both tracks on the public panel, beside other ways to merge."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from clustering.arrays import Matrix
from clustering.config import Caps, Merge, Overrides
from clustering.methods.merging.category import merge_category
from clustering.methods.merging.cells import label_cells
from clustering.methods.merging.explained import explained
from clustering.methods.merging.joint_space import JointSpace
from clustering.methods.merging.layout import Layout, lay_out
from clustering.methods.merging.mixes import Mix, mixes, shares
from clustering.registry import BY_KEY
from clustering.stages.merge import merge
from clustering.store.catalog import Catalog

FEWEST_STORES = 60
OLD_FLOOR = 20
Labels = np.ndarray


@dataclass(frozen=True)
class Scored:
    """A category with at least FEWEST_STORES stores and two internal clusters."""

    name: str
    stores: pl.DataFrame
    mix: Mix
    space: JointSpace
    internal: Labels
    external: Labels

    @property
    def counts(self) -> np.ndarray:
        return self.stores["counts"].to_numpy()


Method = Callable[[Scored], Labels]


def score_merging(quick: bool) -> None:
    """Print mean k, R2 of the mix (weighted by sales) and of the external coordinates, and both as
    ratios to what internal clusters joined to the floor, and external clusters, explain.
    """
    with tempfile.TemporaryDirectory() as folder:
        tables = run_of_the_demo(Path(folder))
    layout = lay_out(
        *(tables[name] for name in ("internal", "external", "internal_matrix", "external_matrix")),
        0.5,
        tables["stores"],
    )
    found = list(_scored(layout, mixes(layout.labels, tables["values"])))
    found = found[:20] if quick else found
    rows = {name: _measure(found, method) for name, method in _methods(layout).items()}
    floor, external = rows["internal, joined to the floor"], rows["external"]
    print(f"\nmerge on the public panel: {len(found)} categories with >= {FEWEST_STORES} stores")
    heads = ("mean k", 8), ("one", 5), ("mix", 8), ("of floor", 10), ("external", 10), ("of it", 7)
    print(f"{'clusters':<36}" + "".join(f"{text:>{width}}" for text, width in heads))
    for name, (k, one, of_mix, of_places) in rows.items():
        print(
            f"{name:<36}{k:>8.2f}{one:>5.0f}{of_mix:>8.3f}{of_mix / floor[2]:>10.2f}"
            f"{of_places:>10.3f}{of_places / external[3]:>7.2f}"
        )
    _print_splits(tables)


def run_of_the_demo(folder: Path) -> dict[str, pl.DataFrame]:
    words = ("source=complete_journey", "report.page=false")
    paths = (f"paths.data_dir={folder}/data", f"paths.output_dir={folder}/outputs")
    subprocess.run(
        [sys.executable, "-m", "clustering", "run", *words, *paths], check=True, capture_output=True
    )
    catalog = Catalog(f"{folder}/data", f"{folder}/outputs", "dev")
    places = {
        "internal": ("internal/assign", "assignments"),
        "external": ("external/assign", "assignments"),
        "internal_matrix": ("internal/features", "matrix"),
        "external_matrix": ("external/features", "matrix"),
        "values": ("internal/preprocess", "values"),
        "stores": ("internal/preprocess", "stores"),
        "attributes": ("external/preprocess", "values"),
    }
    return {name: catalog.read(BY_KEY[stage], table) for name, (stage, table) in places.items()}


def _scored(layout: Layout, by_category: dict[str, Mix]) -> Iterator[Scored]:
    """Only stores that sell in a category are judged, as they were clustered."""
    for name, rows in layout.rows.items():
        stores = layout.labels[rows]
        labels = label_cells(stores, layout.external_labels)
        if stores["counts"].sum() >= FEWEST_STORES and len(labels.internal) > 1:
            space = layout.space(name, 0.5)
            yield Scored(name, stores, by_category[name], space, labels.row, labels.column)


def _methods(layout: Layout) -> dict[str, Method]:
    def final(**settings: object) -> Method:
        rule = Merge(**settings)  # type: ignore[arg-type]
        return lambda one: merge_category(layout, one.name, rule, Caps()).final

    def joined(one: Scored) -> Labels:
        return merge_category(layout, one.name, Merge(), Caps()).mix

    return {
        "internal": lambda one: one.internal,
        "internal, joined to the floor": joined,
        "external": lambda one: one.external,
        "final (default)": final(),
        "final, no share of sales for splits": final(min_sales_share=0.0),
        "final, external track leads": final(internal_weight=0.4),
        "Ward in the joint space": final(method="joint"),
        "nearest large cell (the old rule)": _nearest_large_cell,
    }


def _nearest_large_cell(one: Scored) -> Labels:
    """Every store of a cell below OLD_FLOOR stores goes to the nearest cell above it; where there
    is none, all are one.
    """
    _, cells = np.unique(np.stack([one.internal, one.external]), axis=1, return_inverse=True)
    cells = cells.ravel()
    sizes = np.bincount(cells, one.counts)
    targets = np.flatnonzero(sizes >= OLD_FLOOR)
    if not targets.size:
        return np.zeros(len(cells), dtype=np.int64)
    place = np.full(len(sizes), -1)
    place[targets] = np.arange(len(targets))
    own = place[cells]
    members = np.where(one.counts, own, -1)
    moved = np.flatnonzero(own < 0)
    own[moved] = one.space.squared_distances(members, len(targets), moved).argmin(axis=1)
    return own


def _measure(found: list[Scored], method: Method) -> Matrix:
    """Means of k, categories with one cluster, R2 of the mix and of the external coordinates."""
    rows = []
    for one in found:
        _, labels = np.unique(method(one).astype(str), return_inverse=True)
        of_mix = explained(shares(one.mix.sales), one.mix.sales.sum(axis=1), labels).r2
        known = (one.space.external_known & one.counts).astype(float)
        places = explained(one.space.external, known, labels).r2
        k = len(np.unique(labels[one.counts]))
        rows.append((k, float(k == 1), of_mix or 0.0, places or 0.0))
    table = np.array(rows)
    return np.array([table[:, 0].mean(), table[:, 1].sum(), *table[:, 2:].mean(axis=0)])


def _print_splits(tables: dict[str, pl.DataFrame]) -> None:
    result = merge(**tables, merge=Merge(), caps=Caps(), overrides=Overrides(), seed=42)
    splits, plans = result["splits"], result["plans"]
    claims = result["profiles"].filter("in_name")["holds_for"]
    words = plans["sureness"].fill_null("one mix").value_counts(sort=True)
    told = ", ".join(f"{count} {word}" for word, count in words.iter_rows())
    print(
        f"{splits.height} splits by surroundings; {splits['carries'].sum()} beat random splits "
        f"(adjusted p <= 0.05)\nhow sure: {told}\nplans in all: {plans['plans'].sum()} for "
        f"{result['clusters'].height} final clusters of {plans.height} categories\nnames: "
        f"{len(claims)} claims, each true of at least {claims.min():.0%} of the cluster's stores"
    )
