from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import adjusted_rand_score

from clustering.results.comparison.agreement import agreement, agreements


def _partition(labels: dict[str, np.ndarray]) -> pl.DataFrame:
    return pl.concat(
        pl.DataFrame(
            {"category": name, "store_nbr": [str(n) for n in range(len(own))], "cluster": own}
        )
        for name, own in labels.items()
    )


def test_agreement_is_the_adjusted_rand_index_weighted_by_stores() -> None:
    rng = np.random.default_rng(0)
    one = {name: rng.integers(1, 5, size) for name, size in (("a", 40), ("b", 90))}
    other = {
        name: np.where(rng.random(len(own)) < 0.3, rng.integers(1, 4, len(own)), own)
        for name, own in one.items()
    }
    expected = (
        sum(len(one[name]) * adjusted_rand_score(one[name], other[name]) for name in one) / 130
    )
    assert agreement(_partition(one), _partition(other)) == pytest.approx(expected, abs=1e-12)


def test_one_cluster_in_both_is_full_agreement_and_in_one_none() -> None:
    single, split = np.ones(20, dtype=int), np.arange(20) % 2 + 1
    assert agreement(_partition({"a": single}), _partition({"a": single})) == 1
    assert agreement(_partition({"a": single}), _partition({"a": split})) == pytest.approx(0)


def test_only_stores_of_both_runs_count() -> None:
    labels = np.arange(30) % 3 + 1
    one = _partition({"a": labels, "only here": labels})
    assert agreement(one, _partition({"a": labels}).head(20)) == 1
    assert agreement(one, _partition({"elsewhere": labels})) is None
    assert agreements([one, None]) == [[1.0, None], [None, None]]
