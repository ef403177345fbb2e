"""Short rules that tell a cluster from the others, from a small decision tree, and how faithful
they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Matrix

DEPTH = 3
SMALLEST_LEAF = 0.03  # of the stores


@dataclass(frozen=True)
class TreeRules:
    """Per cluster, in the order of its number: the rule, the share of its stores that meets it
    (coverage), and the share of stores meeting it that are of the cluster (precision). `fidelity`
    is the share of all stores the tree places right.
    """

    rules: list[str]
    coverage: list[float]
    precision: list[float]
    fidelity: float | None


def tree_rules(
    data: Matrix,
    labels: NDArray[np.int64],
    clusters: NDArray[np.int64],
    features: Sequence[str],
    as_percent: bool,
    seed: int,
) -> TreeRules:
    """Fit a tree of depth 3 to data (n_stores, features), where NaN is unknown, and read one rule a
    cluster off its leaves.
    """
    if len(clusters) < 2 or not data.shape[1]:
        return TreeRules(
            ["all stores"] * len(clusters), [1.0] * len(clusters), [1.0] * len(clusters), None
        )
    from sklearn import config_context
    from sklearn.tree import DecisionTreeClassifier

    tree = DecisionTreeClassifier(
        max_depth=DEPTH, min_samples_leaf=max(2, int(SMALLEST_LEAF * len(data))), random_state=seed
    )
    with config_context(skip_parameter_validation=True):
        tree.fit(data, labels)
    leaves = tree.apply(np.asarray(data, dtype=np.float32), check_input=False)
    conditions = _conditions(tree.tree_, features, as_percent)
    rules, coverage, precision = [], [], []
    for cluster in clusters:
        own = leaves[labels == cluster]
        found, counts = np.unique(own, return_counts=True)
        best = max(
            range(len(found)),
            key=lambda n: (counts[n] / (leaves == found[n]).sum() * counts[n], -int(found[n])),
        )
        rules.append(" and ".join(conditions[int(found[best])]) or "all stores")
        coverage.append(float(counts[best] / len(own)))
        precision.append(float(counts[best] / (leaves == found[best]).sum()))
    predicted = tree.classes_[tree.tree_.value[leaves, 0].argmax(axis=1)]
    return TreeRules(rules, coverage, precision, float((predicted == labels).mean()))


def _conditions(tree: Any, features: Sequence[str], as_percent: bool) -> dict[int, list[str]]:
    """The conditions on the way to each leaf; two bounds of one side on a feature become the
    narrower.
    """
    found: dict[int, list[str]] = {}

    def walk(node: int, bounds: dict[tuple[str, str], float]) -> None:
        if tree.children_left[node] < 0:
            found[node] = [
                _text(name, sign, bound, as_percent) for (name, sign), bound in bounds.items()
            ]
            return
        name, threshold = features[tree.feature[node]], float(tree.threshold[node])
        walk(tree.children_left[node], bounds | {(name, "at most"): threshold})
        walk(tree.children_right[node], bounds | {(name, "above"): threshold})

    walk(0, {})
    return found


def _text(feature: str, sign: str, bound: float, as_percent: bool) -> str:
    if as_percent:
        return f"share of {feature} {sign} {100 * bound:.1f} %"
    name, _, level = feature.partition("=")
    if level:
        return f"{name} is {level}" if sign == "above" else f"{name} is not {level}"
    return f"{name} {sign} {bound:.4g}"
