"""Splits by surroundings are tested against random ones, halves against each other."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from clustering.config import Caps, Merge, Overrides
from clustering.methods.merging.explained import adjusted_r2, explained
from clustering.methods.merging.plans import PlannedMix, gains_too_little, plan
from clustering.stages.merge import merge

FEATURES = ("BEANS", "PODS", "DECAF")


def _tables(
    mixes: np.ndarray, internal: np.ndarray, external: np.ndarray
) -> dict[str, pl.DataFrame]:
    """One category whose stores have these expected `mixes` (n, 3), both halves drawn from them."""
    rng = np.random.default_rng(7)
    n = len(mixes)
    names = [f"{number:03d}" for number in range(n)]
    halves = [np.array([rng.multinomial(400, row) for row in mixes], dtype=float) for _ in "ab"]
    total = halves[0] + halves[1]
    values = pl.DataFrame(
        {
            "category": "TEA",
            "store_nbr": np.repeat(names, 3),
            "feature": FEATURES * n,
            "value": total.ravel(),
            "level": None,
            "half_a": halves[0].ravel(),
            "half_b": halves[1].ravel(),
        },
        schema_overrides={"level": pl.String},
    )
    stores = pl.DataFrame(
        {
            "category": "TEA",
            "store_nbr": names,
            "sales": total.sum(axis=1),
            "sales_rows": 800,
            "history": "enough",
        }
    )
    points = {
        "internal": (np.sqrt(total / total.sum(axis=1, keepdims=True)), internal, "TEA"),
        "external": (external[:, None] + rng.normal(0, 0.1, (n, 1)), external, "ALL"),
    }
    tables = {"values": values, "stores": stores}
    for track, (X, labels, category) in points.items():
        key = {"category": [category] * n, "store_nbr": names}
        tables[track] = pl.DataFrame(key | {"cluster": labels + 1})
        tables[f"{track}_matrix"] = pl.DataFrame(key | {"components": X.tolist()})
    return tables


def _merged(
    mixes: np.ndarray, internal: np.ndarray, external: np.ndarray, **settings: object
) -> dict[str, pl.DataFrame]:
    rule = Merge(**settings)  # type: ignore[arg-type]
    tables = _tables(mixes, internal, external)
    return merge(**tables, merge=rule, caps=Caps(), overrides=Overrides(), seed=3)


N = 80
INTERNAL = np.repeat([0, 1], N // 2)
EXTERNAL = np.tile([0, 1], N // 2)
GROUPS = np.array([[0.6, 0.3, 0.1], [0.2, 0.6, 0.2]])[INTERNAL]
IN_PLACES = GROUPS + np.array([[0.08, -0.08, 0.0], [-0.08, 0.08, 0.0]])[EXTERNAL]


def test_a_split_that_changes_what_sells_carries() -> None:
    result = _merged(IN_PLACES, INTERNAL, EXTERNAL)
    assert result["splits"]["carries"].all()
    assert (result["splits"]["gain_mix"] > 0.3).all()
    plans = result["plans"].row(0, named=True)
    assert plans["plans"] == 4
    assert plans["sentence"] == "4 plans, one per cluster (surroundings change what sells)."
    assert plans["sureness"] == "sure"


def test_a_split_that_changes_nothing_does_not_carry() -> None:
    result = _merged(GROUPS, INTERNAL, EXTERNAL)
    splits = result["splits"]
    assert not splits["carries"].any()
    assert (splits["gain_attributes"] > 0.9).all()
    assert result["plans"]["sentence"][0] == "2 plans, one per mix (surroundings add nothing)."


def test_the_final_label_can_do_without_splits_that_carry_nothing() -> None:
    mixes = np.where(INTERNAL[:, None] == 0, IN_PLACES, GROUPS)
    result = _merged(mixes, INTERNAL, EXTERNAL, split="tested")
    assert sorted(result["clusters"]["final_cluster"]) == ["A1", "A2", "B"]
    assert result["splits"].height == 2
    by_gain = _merged(mixes, INTERNAL, EXTERNAL, min_gain=0.1)
    assert by_gain["clusters"].height == 3


def test_random_splits_are_the_same_in_every_run_and_order() -> None:
    tables = _tables(GROUPS, INTERNAL, EXTERNAL)
    shuffled = {
        name: table.sample(fraction=1, shuffle=True, seed=1) for name, table in tables.items()
    }
    shuffled["values"] = tables["values"]
    found = [
        merge(**one, merge=Merge(), caps=Caps(), overrides=Overrides(), seed=3)["splits"]
        for one in (tables, shuffled)
    ]
    assert found[0].equals(found[1])


def test_mixes_that_do_not_repeat_are_unsure_and_one_plan_will_do() -> None:
    rng = np.random.default_rng(1)
    result = _merged(np.tile([0.5, 0.3, 0.2], (N, 1)), rng.integers(0, 2, N), EXTERNAL)
    plans = result["plans"].row(0, named=True)
    assert plans["sureness"] == "unsure"
    assert plans["plans"] == 1
    assert plans["sentence"].startswith("One plan will do: the mixes do not repeat")
    stores = result["assignments"]
    assert plans["stores_to_look_at"] == (~stores["same_in_halves"]).sum()
    pointed_at = set(stores["other_cluster"].drop_nulls())
    assert pointed_at <= set(result["clusters"]["final_cluster"])


def test_plans_gain_too_little_where_training_or_the_final_clusters_say_so() -> None:
    verdicts = pl.DataFrame(
        {"category": ["TEA", "SOUP", "RICE"], "one_plan_will_do": [True, False, False]}
    )
    worth = pl.DataFrame(
        {
            "category": ["TEA", "TEA", "SOUP", "SOUP", "SOUP", "RICE", "RICE"],
            "plans": [2, 1, 3, 2, 1, 2, 1],
            "gain": [0.03, 0.0, -0.005, 0.002, 0.0, 0.0021, 0.0],
        }
    )
    assert gains_too_little(verdicts, worth, ()) == {"TEA": 0.03, "SOUP": -0.005}
    assert gains_too_little(verdicts, worth, ["TEA", "SOUP"]) == {"SOUP": -0.005}
    assert gains_too_little(None, worth, ()) == {"SOUP": -0.005}


def test_a_piece_with_hardly_any_sales_is_no_cluster() -> None:
    tables = _tables(GROUPS, INTERNAL, EXTERNAL)
    poor = pl.col("store_nbr").cast(pl.Int64) % 2 == 1
    tables["stores"] = tables["stores"].with_columns(
        pl.when(poor).then(0.5).otherwise("sales").alias("sales")
    )
    found = [
        merge(
            **tables, merge=Merge(min_sales_share=share), caps=Caps(), overrides=Overrides(), seed=3
        )["clusters"].height
        for share in (0.02, 0.0)
    ]
    assert found == [2, 4]


@pytest.mark.parametrize(
    ("mixes", "word", "expected"),
    [
        ([("A", [1.0])], None, (1, "One plan will do: the stores sell much the same mix.")),
        (
            [("A", [0.97]), ("B", [0.015]), ("C", [0.015])],
            "sure",
            (1, "One plan will do: it covers 97 % of the sales."),
        ),
        ([("A", [0.6]), ("B", [0.4])], "sure", (2, "2 plans, one per mix.")),
        (
            [("A", [0.6]), ("B", [0.39]), ("C", [0.01])],
            "rather unsure",
            (2, "2 plans, one per mix, on trial; they cover 99 % of the sales."),
        ),
        (
            [("A", [0.6]), ("B", [0.4])],
            "unsure",
            (
                1,
                "One plan will do: the mixes do not repeat (58 % of the stores in both halves of "
                "their sales, 46 % by luck).",
            ),
        ),
    ],
)
def test_plans_are_counted_and_told(
    mixes: list[tuple[str, list[float]]], word: str | None, expected: tuple[int, str]
) -> None:
    planned = [PlannedMix(letter, shares, False) for letter, shares in mixes]
    assert plan(planned, word, 0.58, 0.46) == expected


def test_plans_that_gain_hardly_anything_are_one() -> None:
    mixes = [PlannedMix("A", [0.6], False), PlannedMix("B", [0.2, 0.2], False)]
    expected = (
        "One plan will do: more plans meet 0.1 % more of the demand in unseen sales, too little to "
        "count on."
    )
    assert plan(mixes, "sure", 0.9, 0.5, 0.001) == (1, expected)
    split = [mixes[0], PlannedMix("B", [0.2, 0.2], True)]
    assert plan(split, "sure", 0.9, 0.5, 0.001) == (1, expected)
    assert plan(split, "sure", 0.9, 0.5)[0] == 3


def test_explained_is_r2_and_what_mates_predict() -> None:
    X, labels = np.array([[0.0], [2.0], [8.0], [10.0]]), np.array([0, 0, 1, 1])
    found = explained(X, np.ones(4), labels)
    assert found.r2 == pytest.approx(1 - 4 / 68)
    # each store is predicted by its one mate, 2 away; by all others it is off by 20/3, 4, 4, 20/3
    assert found.by_mates == pytest.approx(1 - 16 / (2 * (20 / 3) ** 2 + 2 * 4**2))
    assert explained(X * 0, np.ones(4), labels).r2 is None


def test_adjusted_r2_is_nought_by_chance() -> None:
    rng = np.random.default_rng(0)
    found = [
        adjusted_r2(rng.normal(size=(40, 2)), rng.permutation(np.repeat([0, 1], 20)))
        for _ in range(200)
    ]
    assert abs(float(np.mean(found))) < 0.01  # type: ignore[arg-type]
