"""Bootstrap trust: high for clusters that are there, low for a cut through a cloud."""

from __future__ import annotations

import numpy as np
import pytest

from clustering.config import Select
from clustering.methods.selection.trust import _most_alike, band
from clustering.sample.planted import Recipe, draw_mixes
from tests.stages.test_train import tables_of, trained

TWENTY = Select(trust_replicates=20)


def test_planted_clusters_come_back_and_cuts_through_one_cloud_do_not() -> None:
    real = trained(
        *tables_of(draw_mixes(Recipe(stores=200, need_states=8, clusters=3, separation=0.9), 5)),
        select=TWENTY,
    )
    cut = trained(
        *tables_of(draw_mixes(Recipe(stores=200, need_states=8, clusters=1, outlier_share=0), 5)),
        select=TWENTY,
    )
    assert real["trust"]["trust"].to_list() == ["highly stable"] * 3
    assert cut["trust"]["jaccard"].min() < 0.75


def test_trust_is_left_out_unless_asked_for() -> None:
    assert trained(*tables_of(draw_mixes(Recipe(stores=80, clusters=2), 5)))["trust"].is_empty()


def test_similarity_is_that_of_the_most_alike_cluster_and_of_stores_that_were_drawn() -> None:
    found = _most_alike(np.array([0, 0, 0, 1, 1]), np.array([1, 1, 0, 0, 0]), 3)
    assert found[:2].tolist() == [pytest.approx(2 / 3), pytest.approx(2 / 3)]
    assert np.isnan(found[2])


@pytest.mark.parametrize(
    ("jaccard", "name"),
    [
        (1.0, "highly stable"),
        (0.85, "highly stable"),
        (0.8, "stable"),
        (0.6, "doubtful"),
        (0.59, "do not trust"),
        (0.0, "do not trust"),
    ],
)
def test_bands_are_those_of_clusterboot(jaccard: float, name: str) -> None:
    assert band(jaccard) == name
