"""The whole content of the page: one part for the first screen, blocks for what is opened."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from clustering import __version__
from clustering.registry import MERGE
from clustering.results.page.content.alike import alike
from clustering.results.page.content.data_facts import data_facts
from clustering.results.page.content.evidence import evidence_by_category
from clustering.results.page.content.labels import ReadableLabels
from clustering.results.page.content.placed import clusters_by_code, placed_stores
from clustering.results.page.content.placements import placements, shares_block
from clustering.results.page.content.profiles import profile, told_by_category
from clustering.results.page.content.run_tables import RunTables
from clustering.results.page.content.shares import rows_by_category
from clustering.results.page.content.since import since
from clustering.results.page.content.stores import store_details, stores, surroundings
from clustering.results.page.content.summaries import summaries
from clustering.results.page.content.words import Part, period
from clustering.results.page.content.worth import budget


@dataclass(frozen=True)
class Content:
    """`main` is read at once (Main of types.ts), `blocks` when they are asked for."""

    main: Part
    blocks: dict[str, Any]
    labels: ReadableLabels = field(default_factory=ReadableLabels)


def content_of(run: RunTables, currency: str = "$") -> Content:
    """Lay out the tables of a run as the page reads them."""
    details = store_details(run)
    listed = summaries(run, alike(run))
    clusters = clusters_by_code(listed)
    placed = placed_stores(run, clusters)
    rows, evidence = rows_by_category(run, placed), evidence_by_category(run)
    attributes = {
        attribute["raw"]: attribute | {"place": place}
        for place, attribute in enumerate(details["attributes"])
    }
    told = told_by_category(run.merged["profiles"], clusters, rows, placed)
    profiles: list[Part] = []
    blocks: dict[str, Any] = {"stores": details, "profiles": profiles}
    for place, summary in enumerate(listed):
        key = summary["key"]
        of_category = profile(summary, rows[key], told[key], attributes, run.labels)
        profiles.append(of_category)
        of_stores = placements(of_category, rows[key])
        blocks[f"category-{place}"] = of_stores | {"evidence": evidence[key]}
        blocks[f"shares-{place}"] = shares_block(rows[key])
    main = {
        "run": _run(run, listed, currency),
        "stores": stores(run),
        "surroundings": surroundings(run),
        "categories": listed,
        "budget": budget(run),
        "data": data_facts(run),
        "changes": since(run),
    }
    return Content(main, blocks, run.labels)


def _period(run: RunTables) -> str | None:
    """From when to when sales were counted; None where they have no periods."""
    covers = run.internal["columns"].filter(action="covers") if run.internal else None
    return None if covers is None or covers.is_empty() else period(covers["reason"][0])


def _run(run: RunTables, listed: list[Part], currency: str) -> Part:
    ids = sorted({manifest.run_id for manifest in run.manifests.values()})
    return {
        "env": run.catalog.env,
        "made": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "ids": ", ".join(ids[-2:]),
        "version": __version__,
        "seed": run.manifests[MERGE.key].seed,
        "currency": currency,
        "period": _period(run),
        "baseline": run.baseline,
        "sales": round(sum(summary["sales"] for summary in listed), 2),
        "names": [
            *(["what their shoppers buy"] if run.internal else []),
            *(["their surroundings"] if run.external else []),
        ],
    }
