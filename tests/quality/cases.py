"""Planted cases: one set to develop on, one with other seeds and parameters that is only ever
scored.
"""

from __future__ import annotations

from dataclasses import dataclass

from clustering.sample.planted import Recipe, Surroundings


@dataclass(frozen=True)
class Case:
    name: str
    recipe: Recipe
    seeds: tuple[int, ...]


def _cases(recipes: dict[str, Recipe], seeds: tuple[int, ...]) -> list[Case]:
    return [Case(name, recipe, seeds) for name, recipe in recipes.items()]


DEVELOPMENT = _cases(
    {
        "ordinary": Recipe(),
        "two clusters": Recipe(clusters=2),
        "seven clusters": Recipe(clusters=7, stores=1200),
        "close": Recipe(separation=0.35),
        "well separated": Recipe(separation=1.0),
        "few stores": Recipe(stores=90, clusters=3, need_states=8),
        "a few dozen units": Recipe(median_units=60, spread=1.0, separation=0.8),
        "sparse": Recipe(need_states=50, median_units=300, richness=0.4, separation=0.9),
        "10 % outliers": Recipe(outlier_share=0.1),
        "one group": Recipe(clusters=1),
        "uneven": Recipe(evenness=1.2, clusters=5, stores=1500),
        "4 need states": Recipe(need_states=4, clusters=3, separation=0.9),
        "noisy": Recipe(concentration=50, separation=0.7),
        "wide sizes": Recipe(spread=1.5, median_units=150, separation=0.8),
    },
    (1, 2),
)
SCORED_ONLY = _cases(
    {
        "ordinary": Recipe(stores=700, need_states=14, separation=0.55, concentration=120),
        "three clusters": Recipe(stores=400, clusters=3, need_states=10),
        "eight clusters": Recipe(clusters=8, stores=1600, need_states=18),
        "close": Recipe(separation=0.4, need_states=16),
        "80 stores": Recipe(stores=80, clusters=2, need_states=6, separation=0.8),
        "a few dozen units": Recipe(median_units=45, spread=0.9, separation=0.9, stores=900),
        "sparse, 60 need states": Recipe(
            need_states=60, median_units=400, richness=0.5, separation=0.9
        ),
        "10 % outliers": Recipe(outlier_share=0.1, clusters=3, need_states=9),
        "one group": Recipe(clusters=1, stores=500, need_states=7),
        "uneven": Recipe(evenness=1.5, clusters=6, stores=1300, need_states=15),
        "4 need states": Recipe(need_states=4, clusters=2, separation=0.8),
        "5,000 stores": Recipe(stores=5000, clusters=5, need_states=20),
        "wide sizes": Recipe(spread=1.4, median_units=200, separation=0.7, clusters=3),
        "noisy": Recipe(concentration=60, separation=0.75, clusters=5),
    },
    (131, 132),
)
EXTERNAL_SEEDS = (231, 232)
EXTERNAL = {
    "ordinary": Surroundings(stores=700, clusters=5),
    "close": Surroundings(separation=2.2, clusters=3),
    "20 irrelevant": Surroundings(irrelevant=20, stores=900),
    "skewed": Surroundings(skewed=0.8, clusters=3),
    "many gaps": Surroundings(gaps=0.15),
    "numbers only": Surroundings(categorical=0, clusters=6, stores=1000, separation=4.0),
    "5 categorical": Surroundings(categorical=5, clusters=3),
    "one group": Surroundings(clusters=1),
}
