"""The single list of the criteria by which a number of clusters can be judged.

Settings, the schema of `selection`, the charts and docs/settings.md are derived from it. Functions
are named, not imported: the settings are read before anything is computed.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Criterion:
    """One row of the list.

    `function` ("module:name") takes the coordinates (n_stores, n_dimensions) and the clusters of
    the stores (n_stores,) and gives a number, or None where it is undefined. Criteria without one
    need more than that, and are computed in methods/selection/scores.py.
    """

    name: str
    meaning: str
    function: str | None = None
    lower_is_better: bool = False
    is_default: bool = True  # computed for every k unless select.criteria says otherwise
    beside: tuple[str, ...] = ()  # what it gives besides its own number


_OF_LABELS = "clustering.methods.selection.criteria"

CRITERIA = (
    Criterion("bic", "Bayesian information criterion of a mixture", lower_is_better=True),
    Criterion("icl", "integrated completed likelihood of a mixture", lower_is_better=True),
    Criterion(
        "silhouette",
        "how much closer stores are to their own cluster than to the next one, -1 to 1",
        beside=("silhouette_lowest_cluster",),
    ),
    Criterion(
        "calinski_harabasz",
        "variance between clusters over variance within them",
        f"{_OF_LABELS}:calinski_harabasz",
    ),
    Criterion(
        "davies_bouldin",
        "spread of clusters over the distance between them",
        f"{_OF_LABELS}:davies_bouldin",
        lower_is_better=True,
    ),
    Criterion(
        "gap",
        "gap statistic: against clusters of random data",
        is_default=False,
        beside=("gap_se",),
    ),
    Criterion(
        "prediction_strength",
        "pairs of stores that clusters of another sample keep together, 0 to 1",
        is_default=False,
    ),
    Criterion(
        "stability", "agreement of the clusters of bootstrap samples, 0 to 1", is_default=False
    ),
    Criterion(
        "heldout_r2",
        "share of the variance between stores that the clusters explain in sales they were not "
        "fitted to",
        beside=("heldout_r2_se",),
    ),
)
NAMES = tuple(each.name for each in CRITERIA)
DEFAULT = tuple(each.name for each in CRITERIA if each.is_default)
LOWER_IS_BETTER = tuple(each.name for each in CRITERIA if each.lower_is_better)
# the columns of the table `selection`, in order
COLUMNS = tuple(name for each in CRITERIA for name in (each.name, *each.beside))
