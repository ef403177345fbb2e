"""What was decided as the tables selection and verdicts (see schemas)."""

from __future__ import annotations

import numpy as np
import polars as pl

from clustering.config import Select
from clustering.criteria import COLUMNS
from clustering.methods.selection.choose import votes
from clustering.methods.selection.decision import Choice
from clustering.methods.selection.one_plan import GainOfPlans
from clustering.methods.selection.verdict import ONE_PLAN


def selection_table(category: str, chosen: Choice, select: Select) -> pl.DataFrame:
    """One row for each candidate, with every criterion and what was chosen."""
    counted = votes(chosen.scores, list(select.criteria))
    rows = [
        {"category": category, "k": s.k}
        | {name: _finite(s.values.get(name)) for name in COLUMNS}
        | {
            "smallest_cluster": s.smallest,
            "votes": counted[s.k],
            "recommended": s.k == chosen.recommended,
            "runner_up": s.k == chosen.runner_up and s.k != chosen.recommended,
            "chosen": s.k == chosen.k,
        }
        for s in chosen.scores
    ]
    kinds = dict.fromkeys(COLUMNS, pl.Float64) | {"smallest_cluster": pl.Int64, "votes": pl.Int64}
    return pl.DataFrame(rows, schema_overrides=kinds)


def verdicts_table(category: str, chosen: Choice, plans: GainOfPlans | None = None) -> pl.DataFrame:
    """One row: k, the rule that chose it, the verdict and its sentence, the gain of `plans`."""
    told = [chosen.sentence] + ([ONE_PLAN] if plans and plans.one_plan_will_do else [])
    return pl.DataFrame(
        {
            "category": [category],
            "k": [chosen.k],
            "recommended_k": [chosen.recommended],
            "rule": [chosen.rule],
            "verdict": [chosen.verdict],
            "sentence": [" ".join(told)],
            "limits": [", ".join(chosen.limits) or None],
            "one_plan_will_do": [plans.one_plan_will_do if plans else None],
            "plan_gain": [plans.gain if plans else None],
            "plan_gain_se": [plans.standard_error if plans else None],
        },
        schema_overrides={
            "limits": pl.String,
            "one_plan_will_do": pl.Boolean,
            "plan_gain": pl.Float64,
            "plan_gain_se": pl.Float64,
        },
    )


def _finite(value: float | None) -> float | None:
    return float(value) if value is not None and np.isfinite(value) else None
