"""Columns, types and keys of every input and every table that goes through the data directory.

Store and SKU numbers are text throughout, so "0012" stays "0012" and files that disagree on the
type still join. The inputs' rules name the row faults that end in quarantine; the artifacts' rules
are checked on every write.
"""

from __future__ import annotations

import dataframely as dy

from clustering.schemas.clusters import (
    Assignments,
    Clusters,
    ClusterWorth,
    Continuity,
    Descriptions,
    Metrics,
    Positions,
    Profiles,
    Representatives,
    Rules,
    Selection,
    Trust,
    Verdicts,
)
from clustering.schemas.inputs import INPUTS, External, LikeStores, NeedStates, Overrides, Sales
from clustering.schemas.merged import (
    AppliedOverrides,
    Association,
    Cells,
    CrossProfiles,
    FinalClusters,
    FinalContinuity,
    FinalMovers,
    FinalProfiles,
    MergedAssignments,
    MergeSummary,
    Plans,
    SpaceBreaks,
    Splits,
    Worth,
    WorthByPlans,
)
from clustering.schemas.preprocess import (
    ColumnReport,
    FeatureMatrix,
    Findings,
    NotCarried,
    Quarantine,
    Reconciliation,
    Stores,
    Values,
)

__all__ = [
    "ALL",
    "INPUTS",
    "TABLES",
    "AppliedOverrides",
    "Assignments",
    "Association",
    "Cells",
    "ClusterWorth",
    "Clusters",
    "ColumnReport",
    "Continuity",
    "CrossProfiles",
    "Descriptions",
    "External",
    "FeatureMatrix",
    "FinalClusters",
    "FinalContinuity",
    "FinalMovers",
    "FinalProfiles",
    "Findings",
    "LikeStores",
    "MergeSummary",
    "MergedAssignments",
    "Metrics",
    "NeedStates",
    "NotCarried",
    "Overrides",
    "Plans",
    "Positions",
    "Profiles",
    "Quarantine",
    "Reconciliation",
    "Representatives",
    "Rules",
    "Sales",
    "Selection",
    "SpaceBreaks",
    "Splits",
    "Stores",
    "Trust",
    "Values",
    "Verdicts",
    "Worth",
    "WorthByPlans",
]

ALL = "ALL"  # the one pseudo-category of the external track
_PREPROCESSED: dict[str, type[dy.Schema]] = {
    "values": Values,
    "stores": Stores,
    "quarantine": Quarantine,
    "reconciliation": Reconciliation,
    "columns": ColumnReport,
    "findings": Findings,
}
TABLES: dict[str, dict[str, type[dy.Schema]]] = {
    "preprocess": _PREPROCESSED,
    "features": {"matrix": FeatureMatrix, "not_carried": NotCarried},
    "train": {"selection": Selection, "verdicts": Verdicts},
    "assign": {
        "assignments": Assignments,
        "rules": Rules,
        "trust": Trust,
        "continuity": Continuity,
    },
    "analyze": {
        "metrics": Metrics,
        "clusters": Clusters,
        "profiles": Profiles,
        "descriptions": Descriptions,
        "representatives": Representatives,
        "positions": Positions,
        "worth": ClusterWorth,
    },
    "merged": {
        "assignments": MergedAssignments,
        "cells": Cells,
        "clusters": FinalClusters,
        "profiles": FinalProfiles,
        "splits": Splits,
        "plans": Plans,
        "summary": MergeSummary,
        "overrides": AppliedOverrides,
        "association": Association,
        "cross_profiles": CrossProfiles,
        "continuity": FinalContinuity,
        "movers": FinalMovers,
        "worth": Worth,
        "worth_by_plans": WorthByPlans,
        "space_breaks": SpaceBreaks,
    },
}
