"""R's mclust as a rival, where R and the package are installed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import numpy as np

from clustering.arrays import Matrix

SCRIPT = """
suppressMessages(library(mclust))
given <- commandArgs(trailingOnly = TRUE)
fit <- Mclust(as.matrix(read.csv(given[1], header = FALSE)), G = 1:as.integer(given[2]),
              verbose = FALSE)
write.table(fit$classification, given[3], row.names = FALSE, col.names = FALSE)
"""


@cache
def has_mclust() -> bool:
    """Whether Rscript finds mclust here."""
    if not shutil.which("Rscript"):
        return False
    asked = ["Rscript", "-e", "stopifnot(requireNamespace('mclust'))"]
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0


def mclust(X: Matrix, k_max: int) -> np.ndarray:
    """Labels (n_stores,) of mclust's best model of coordinates X (n_stores, d), k by BIC."""
    with tempfile.TemporaryDirectory() as folder:
        table, labels = Path(folder) / "X.csv", Path(folder) / "labels.txt"
        np.savetxt(table, X, delimiter=",")
        script = Path(folder) / "fit.R"
        script.write_text(SCRIPT)
        subprocess.run(
            ["Rscript", str(script), str(table), str(k_max), str(labels)],
            check=True,
            capture_output=True,
        )
        return np.loadtxt(labels, dtype=np.int64) - 1
