"""Every model family on one data set, as a Markdown table; docs/models.md holds its output."""

from __future__ import annotations

import time

import numpy as np
from sklearn.metrics import adjusted_rand_score

from clustering.methods import models
from clustering.sample.planted import Recipe, Surroundings, draw_attributes, draw_mixes
from tests.quality.planted_tables import ATTRIBUTES, MIX, of_attributes, of_mixes, through_stages

MIXES = Recipe(stores=400, need_states=12, clusters=4, separation=0.6)
SURROUNDINGS = Surroundings(stores=400, clusters=4)


def print_families() -> None:
    """Print k, agreement with the planted clusters, stores placed, strays and seconds of each
    family with its defaults.
    """
    mixes, attributes = draw_mixes(MIXES, [1]), draw_attributes(SURROUNDINGS, [1])
    print(
        f"{len(mixes.labels)} stores, 4 planted clusters; mix: 12 need states, attributes: "
        "numbers with gaps and levels\n"
    )
    print(
        "| `model=` | mix: k | ARI | placed | flagged | seconds | attributes: k | ARI | placed | "
        "flagged | seconds |"
    )
    print("| --- |" + " ---: |" * 10)
    for name in models.names():
        settings = models.family(name).Settings(k_min=1)
        cells = [f"`{name}`"]
        for data, planted, features in (
            (of_mixes(mixes), mixes, MIX),
            (of_attributes(attributes), attributes, ATTRIBUTES),
        ):
            clock = time.perf_counter()
            placed, _ = through_stages(*data, features, settings)
            seconds = time.perf_counter() - clock
            labels, inside = placed["cluster"].to_numpy(), planted.labels >= 0
            ari = adjusted_rand_score(planted.labels[inside], labels[inside])
            cells += [
                str(len(np.unique(labels))),
                f"{ari:.2f}",
                str(placed["cluster"].is_not_null().sum()),
                str(placed["is_outlier"].sum()),
                f"{seconds:.2f}",
            ]
        print(f"| {' | '.join(cells)} |")
