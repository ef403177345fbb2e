"""PyCaret's recipe, run by the interpreter of an environment of its own: `python pycaret_recipe.py
FOLDER`.

PyCaret 3.3.2 needs scikit-learn below 1.5, so it cannot share ours. Every `<name>.npy` in FOLDER
holds sales (n_stores, n_need_states); `<name>.labels.npy` and `<name>.seconds.npy` are written
beside it.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from pycaret.clustering import ClusteringExperiment


def recipe(sales: np.ndarray) -> np.ndarray:
    """Shares in %, robust scaling, 5 % isolation-forest outliers dropped, PCA to 80 %, k-means with
    k by silhouette.
    """
    shares = pd.DataFrame(
        100 * sales / np.maximum(sales.sum(axis=1, keepdims=True), 1e-12)
    ).add_prefix("need_")
    experiment = ClusteringExperiment()
    experiment.setup(
        shares,
        normalize=True,
        normalize_method="robust",
        remove_outliers=True,
        pca=True,
        pca_components=0.8,
        session_id=0,
        verbose=False,
        html=False,
        n_jobs=1,
    )
    models, silhouettes = [], []
    for k in range(2, min(11, len(sales) - 1)):
        models.append(experiment.create_model("kmeans", num_clusters=k, verbose=False))
        silhouettes.append(float(experiment.pull()["Silhouette"].iloc[0]))
    best = models[int(np.argmax(silhouettes))]
    # assign_model and predict_model fail once outliers are removed, so the labels are taken from
    # the model
    kept = pd.Series(best.labels_, index=experiment.train_transformed.index)
    return placed(shares.to_numpy(), kept.reindex(shares.index).to_numpy())


def placed(shares: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Give the outliers, which PyCaret drops (NaN), the cluster of the nearest mean."""
    dropped = np.isnan(labels)
    known = np.unique(labels[~dropped]).astype(int)
    means = np.vstack([shares[labels == cluster].mean(axis=0) for cluster in known])
    nearest = known[((shares[:, None] - means[None]) ** 2).sum(axis=2).argmin(axis=1)]
    return np.where(dropped, nearest, np.nan_to_num(labels)).astype(int)


def main(folder: Path) -> None:
    """Work through the files."""
    paths = sorted(folder.glob("*.npy"))
    recipe(np.load(paths[0]))  # the first call pays for what is loaded late
    for path in paths:
        clock = time.perf_counter()
        labels = recipe(np.load(path))
        np.save(path.with_suffix(".seconds.npy"), time.perf_counter() - clock)
        np.save(path.with_suffix(".labels.npy"), labels)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
