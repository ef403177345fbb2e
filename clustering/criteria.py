"""The single list of the criteria by which a number of clusters can be judged.

Settings, the schema of `selection`, the charts and docs/settings.md are derived from it. Functions
are named, not imported: the settings are read before anything is computed.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Criterion:
    """One row of the list.

    `function` ("module:name") takes the coordinates (n_stores, n_dimensions) and the clusters of
    the stores (n_stores,) and gives a number, or None where it is undefined. Criteria without one
    need more than that, and are computed in methods/selection/scores.py.
    """

    name: str
    title: str  # in tables for people
    meaning: str
    function: str | None = None
    lower_is_better: bool = False
    is_default: bool = True  # computed for every k unless select.criteria says otherwise
    # what it gives besides its own number, with titles
    beside: dict[str, str] = field(default_factory=dict)


_OF_LABELS = "clustering.methods.selection.criteria"

CRITERIA = (
    Criterion(
        "bic",
        "Bayesian information criterion (BIC), lowest is best",
        "Bayesian information criterion of a mixture",
        lower_is_better=True,
    ),
    Criterion(
        "icl",
        "Completed likelihood (ICL), lowest is best",
        "integrated completed likelihood of a mixture",
        lower_is_better=True,
    ),
    Criterion(
        "silhouette",
        "Silhouette",
        "how much closer stores are to their own cluster than to the next one, -1 to 1",
        beside={"silhouette_lowest_cluster": "Silhouette of the least clear mix"},
    ),
    Criterion(
        "calinski_harabasz",
        "Variance between over within (Calinski and Harabasz)",
        "variance between clusters over variance within them",
        f"{_OF_LABELS}:calinski_harabasz",
    ),
    Criterion(
        "davies_bouldin",
        "Spread over distance (Davies and Bouldin), lowest is best",
        "spread of clusters over the distance between them",
        f"{_OF_LABELS}:davies_bouldin",
        lower_is_better=True,
    ),
    Criterion(
        "gap",
        "Gap against random data",
        "gap statistic: against clusters of random data",
        is_default=False,
        beside={"gap_se": "Standard error of the gap"},
    ),
    Criterion(
        "prediction_strength",
        "Pairs another sample keeps together",
        "pairs of stores that clusters of another sample keep together, 0 to 1",
        is_default=False,
    ),
    Criterion(
        "stability",
        "Agreement of bootstrap samples",
        "agreement of the clusters of bootstrap samples, 0 to 1",
        is_default=False,
    ),
    Criterion(
        "heldout_r2",
        "Explained of unseen sales (held-out R2)",
        "share of the variance between stores that the clusters explain in sales they were not "
        "fitted to",
        beside={"heldout_r2_se": "Standard error of the held-out R2"},
    ),
)
NAMES = tuple(each.name for each in CRITERIA)
DEFAULT = tuple(each.name for each in CRITERIA if each.is_default)
LOWER_IS_BETTER = tuple(each.name for each in CRITERIA if each.lower_is_better)
# the columns of the table `selection` with their titles, in order
COLUMNS = {
    name: title
    for each in CRITERIA
    for name, title in {each.name: each.title, **each.beside}.items()
}
