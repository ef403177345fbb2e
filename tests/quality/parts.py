"""The parts of the quality report: what each measures, in words, and the function that does."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass

from tests.quality.calibration import score_attribute_rule, score_calibration, score_movers
from tests.quality.cases import DEVELOPMENT, SCORED_ONLY
from tests.quality.families import print_families
from tests.quality.hard import score_continua, score_external_worlds, score_hard, score_pairs
from tests.quality.merging import score_merging
from tests.quality.orange_juice import score_orange_juice
from tests.quality.panel import score_panel
from tests.quality.planted import score_external, score_mixes
from tests.quality.significance import score_significance
from tests.quality.speed import print_seconds
from tests.quality.worth import score_worth


@dataclass(frozen=True)
class Part:
    """`heading` and `text` are the section of docs/quality.md; `run` prints the figures."""

    heading: str
    text: str
    run: Callable[[Namespace], None]


def _development(asked: Namespace) -> None:
    score_mixes("development set", DEVELOPMENT, asked.quick, asked.pycaret)


def _scored(asked: Namespace) -> None:
    score_mixes("scored-only set", SCORED_ONLY, asked.quick, asked.pycaret)


def _calibration(asked: Namespace) -> None:
    score_calibration(asked.seeds, asked.quick)
    score_attribute_rule(asked.seeds, asked.quick)


def _external(asked: Namespace) -> None:
    score_external(asked.quick)
    score_external_worlds(asked.seeds, asked.quick)


PARTS: dict[str, Part] = {
    "development": Part(
        "Planted categories, development set",
        "Planted categories that rules and limits were chosen on.",
        _development,
    ),
    "scored": Part(
        "Planted categories, scored only",
        "Other seeds and parameters than the development set: 80 to 5,000 stores, 4 to 60 need "
        "states, 1 to 8 clusters, close and uneven ones, up to 10 % outlier stores, stores with a "
        "few dozen units, sparse tables. Mixes vary by a Dirichlet distribution, units are "
        "multinomial. Scores leave planted outlier stores out. The limit is a linear discriminant "
        "that is given the true labels, cross-validated. `no weeks`: one row per store and SKU, so "
        "that preprocessing has to divide the sales itself.",
        _scored,
    ),
    "hard": Part(
        "Hard worlds",
        "Each kind breaks an assumption of the model (tests/quality/worlds.py). Every seed draws "
        "another number of stores, need states and groups.",
        lambda asked: score_hard(asked.seeds, asked.quick, asked.pycaret),
    ),
    "continua": Part(
        "Continua",
        "Categories without groups, in ten shapes. Of our default it counts how often the verdict "
        "says groups, of rivals how often they prefer more than one cluster.",
        lambda asked: score_continua(asked.seeds, asked.quick),
    ),
    "pairs": Part(
        "Two groups at a distance",
        "400 stores; the distance is in standard deviations of a store of median size, sampling "
        "noise included. Found: the verdict says groups and k is 2; of rivals: k is 2.",
        lambda asked: score_pairs(asked.seeds, asked.quick),
    ),
    "calibration": Part(
        "Probabilities",
        "Clusters are made of half a year of sales. `again` is the share of stores that the other "
        "half of the year places in the same cluster by the same model; `true` the share that is "
        "in the cluster of its true group. ECE is the expected calibration error, ten bins.",
        _calibration,
    ),
    "movers": Part(
        "Movers",
        "The share of stores that move where nothing changed but the sample of sales: clusters of "
        "the odd periods are the baseline of those of the even ones. First with a refit, then with "
        "the model of the odd periods.",
        lambda asked: score_movers(asked.seeds, asked.quick),
    ),
    "significance": Part(
        "Significance of profiles",
        "The share of profile cells (cluster by need state) with q <= 0.05 where all stores have "
        "one mix, and where groups are true.",
        lambda asked: score_significance(asked.seeds, asked.quick),
    ),
    "external": Part(
        "Attributes",
        "Planted attributes: numeric, skewed, categorical, with gaps, irrelevant ones; then ten "
        "columns of one factor where groups differ in directions of little variance, and five "
        "informative columns among a hundred of noise. Of few stores: two to five groups of "
        "unequal size in three to six columns beside columns of noise, and one group with a common "
        "factor.",
        _external,
    ),
    "panel": Part(
        "Real panel",
        "Clusters of weeks 1-26 of a public grocery panel, scored on the sales of weeks 27-52, of "
        "stores with 1,000 sales rows. Both scores are sales-weighted shares of the store-to-store "
        "variance of the mix: what lies between clusters, which grows with k by chance, and what "
        "the mix of a store's cluster mates predicts, which does not.",
        lambda asked: score_panel(asked.quick),
    ),
    "merge": Part(
        "Merge",
        "What final clusters keep on the public panel, beside other ways to merge: the R2 of "
        "shares of sales, weighted by sales, and its ratio to that of internal clusters joined to "
        "the floor; the R2 of the external coordinates, and its ratio to external clusters. "
        "Column `one` counts categories with a single cluster.",
        lambda asked: score_merging(asked.quick),
    ),
    "worth": Part(
        "Worth",
        "How much more of unseen demand final clusters meet than one plan for the chain "
        "([worth.md](worth.md)): clusters, random clusters of the same sizes, and every store its "
        "own plan. The error of a mean is that of the categories' differences. Stores of one mix "
        "differ by sampling noise alone; a continuum has no groups, but stores that differ. Truth: "
        "what the same clusters gain if the mixes of the stores are known without noise.",
        lambda asked: score_worth(asked.seeds, asked.quick, asked.orange_juice),
    ),
    "orange_juice": Part(
        "Dominick's orange juice",
        "83 stores of one chain, 11 brands, 121 weeks. Mixes: the letters of the final codes, with "
        "the adjusted Rand index between them and the internal clusters; kept: the R2 of final "
        "clusters over that of internal ones; worth: as above. Random surroundings, three columns "
        "of noise, must cost no internal cluster.",
        lambda asked: score_orange_juice(asked.orange_juice),
    ),
    "speed": Part(
        "Seconds",
        "One category on one core: features, every k, the verdict.",
        lambda asked: print_seconds(asked.pycaret),
    ),
    "models": Part(
        "Model families",
        "Every family with its defaults on one data set; see also [models.md](models.md).",
        lambda asked: print_families(),
    ),
}
