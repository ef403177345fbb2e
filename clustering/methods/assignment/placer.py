"""The ladder of rules: what places a store, from the model down to a guess.

A placer is made from the stores of a run and places them; the same placer, saved, places any store
later.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Matrix
from clustering.methods.assignment.discriminant import Attributes, Discriminant
from clustering.methods.fitting.placement import Placement
from clustering.methods.fitting.space import Labels, means_by_label
from clustering.methods.transforms.fitted import FittedFeatures

GUESS = "most_central"  # where nothing is known of a store
LADDER = ("model", "external_attributes", "like_stores", GUESS, "largest")
OVERRULING = ("baseline", "caps")
RULES = (*LADDER, *OVERRULING)  # all that may have decided


@dataclass(frozen=True)
class Evidence:
    """What is known of n stores; rows of NaN where nothing is.

    Coordinates X (n, d) of the track with their `information` (n,); `attributes` (n, p); `like` (n,
    k), the shares of each store's like stores in the clusters; `by_model` (n, k), the model's
    probabilities, where they are at hand.
    """

    X: Matrix
    information: Matrix
    attributes: Matrix
    like: Matrix
    by_model: Matrix | None = None

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which stores the model can place."""
        return np.asarray(np.isfinite(self.X).all(axis=1))


@dataclass(frozen=True)
class Placed:
    """Probabilities (n, k), the cluster each store goes to (0..k-1), and the place in RULES of what
    decided.
    """

    probabilities: Matrix
    labels: Labels
    assigned_by: NDArray[np.int64]


@dataclass
class Placer:
    """Clusters are numbered by `order`: published cluster c is the model's cluster order[c]."""

    placement: Placement
    order: NDArray[np.int64]
    sizes: NDArray[np.int64]  # (k,) stores the model placed in each published cluster
    central: int  # the published cluster (0..k-1) whose mean is nearest to that of all stores
    discriminant: Discriminant | None = None
    numbers: NDArray[np.int64] | None = (
        None  # (k,) of the clusters where a baseline gave them; else 1..k
    )
    attributes: FittedFeatures | None = (
        None  # what turns a store's attributes into the discriminant's columns
    )

    @property
    def k(self) -> int:
        return len(self.order)

    @property
    def published(self) -> NDArray[np.int64]:
        """The numbers (k,) users know the clusters by."""
        return np.arange(1, self.k + 1) if self.numbers is None else self.numbers

    def labels_of(self, published: NDArray[np.int64]) -> Labels:
        """The clusters 0..k-1 that have these numbers; -1 where none has."""
        own, order = np.sort(self.published), np.argsort(self.published)
        place = np.minimum(np.searchsorted(own, published), self.k - 1)
        return np.where(own[place] == published, order[place], -1)

    def by_model(self, X: Matrix, information: Matrix) -> Matrix:
        """Probabilities (n, k) of the published clusters for stores with coordinates."""
        return self.placement.responsibilities(X, information)[:, self.order]

    def place(self, evidence: Evidence, ladder: list[str]) -> Placed:
        """Place every store by the first rule of `ladder` that can say something about it.

        A store of which nothing is known goes to the most central cluster: of all fixed choices
        this one is the least wrong on stores that were left out (docs/quality.md).
        """
        n = len(evidence.X)
        shares = (self.sizes + 1) / (self.sizes + 1).sum()  # what is probable when nothing is known
        probabilities = np.tile(shares, (n, 1))
        labels = np.full(n, self.central, dtype=np.int64)
        assigned_by = np.full(n, RULES.index(GUESS))
        left = np.arange(n)
        for rule in ladder:
            applies = self._applies(rule, evidence, left)
            rows, left = left[applies], left[~applies]
            if rows.size:
                probabilities[rows], labels[rows] = self._by(rule, evidence, rows, shares)
                assigned_by[rows] = RULES.index(rule)
        return Placed(probabilities, labels, assigned_by)

    def _applies(self, rule: str, evidence: Evidence, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        if rule == "model":
            return evidence.known[rows]
        if rule == "external_attributes":
            usable = (
                self.discriminant is not None
                and self.discriminant.is_better
                and evidence.attributes.shape[1]
            )
            return np.asarray(np.isfinite(evidence.attributes[rows]).all(axis=1)) & bool(usable)
        if rule == "like_stores":
            return np.asarray(np.isfinite(evidence.like[rows]).all(axis=1))
        return np.ones(len(rows), dtype=bool)

    def _by(
        self, rule: str, evidence: Evidence, rows: NDArray[np.int64], shares: Matrix
    ) -> tuple[Matrix, Labels]:
        if rule == "model" and evidence.by_model is not None:
            found = evidence.by_model[rows]
        elif rule == "model":
            found = self.by_model(evidence.X[rows], evidence.information[rows])
        elif rule == "external_attributes" and self.discriminant is not None:
            found = self.discriminant.probabilities(evidence.attributes[rows])
        elif rule == "like_stores":
            found = evidence.like[rows]
        else:
            target = self.central if rule == GUESS else int(self.sizes.argmax())
            return np.tile(shares, (len(rows), 1)), np.full(len(rows), target, dtype=np.int64)
        return found, found.argmax(axis=1)


def gather_evidence(
    stores: list[str], X: Matrix, information: Matrix, attributes: Attributes | None, like: Matrix
) -> Evidence:
    """What is known of `stores`: X (m, d) and information (m,) of the first m of them, nothing of
    the track for the others.
    """
    others = len(stores) - len(X)
    return Evidence(
        np.vstack([X, np.full((others, X.shape[1]), np.nan)]),
        np.append(information, np.full(others, np.nan)),
        attributes.of(stores) if attributes else np.zeros((len(stores), 0)),
        like,
    )


def numbered_by_size(placement: Placement, X: Matrix, labels: Labels) -> Placer:
    """A placer whose clusters are numbered by how many of the stores X (n, d) the model puts in
    each, largest first.

    `labels` (n,) are the model's own clusters of these. Of equally large ones the one with the
    smaller coordinates comes first; empty clusters come last.
    """
    sizes = np.bincount(labels, minlength=placement.k)
    centres = np.round(means_by_label(X, labels, placement.k), 9)
    order = np.lexsort((*centres.T[::-1], -sizes))
    return Placer(placement, order, sizes[order], _central(centres[order], X, sizes[order]))


def _central(centres: Matrix, X: Matrix, sizes: NDArray[np.int64]) -> int:
    """The cluster whose centre (k, d) is nearest to the mean of X (n, d); of equals the largest."""
    if len(X) == 0:
        return 0
    distances = ((centres - X.mean(axis=0)) ** 2).sum(axis=1)
    return int(np.where(sizes > 0, np.round(distances, 9), np.inf).argmin())


def shares_of_like_stores(
    stores: list[str], pairs: list[tuple[str, str, float]], cluster_of: dict[str, int], k: int
) -> Matrix:
    """For each store the weights of its like stores by cluster (n, k), each row summing to 1; NaN
    where it has none.

    `pairs` are (store, like store, weight); a like store that is not in `cluster_of` (0..k-1) does
    not count.
    """
    if not pairs:
        return np.full((len(stores), k), np.nan)
    weights = np.zeros((len(stores), k))
    row_of = {name: row for row, name in enumerate(stores)}
    for store, like, weight in pairs:
        if store in row_of and like in cluster_of:
            weights[row_of[store], cluster_of[like]] += weight
    total = weights.sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total > 0, weights / total, np.nan)
