"""The step of Fisher scoring for the shared covariance and the noise factor (docs/method.md)."""

from __future__ import annotations

import numpy as np

from clustering.arrays import Matrix
from clustering.methods.fitting.batch import SMALLEST, Expected, Parameters, StoreArrays

# variances that differ relatively by less count as equal where they would be divided by their
# difference
CLOSE = 1e-4
LARGEST_STEP = 0.9  # of a variance, downwards


def scoring_step(
    means: Matrix,
    precisions: Matrix,
    r: Matrix,
    member: Matrix,
    expected: Expected,
    inverse: Matrix | None,
) -> tuple[Matrix, Matrix]:
    """The changes of W (m, d, d) in its eigenbasis and of the noise factor (m,) by one step of
    Fisher scoring.

    EM would take W for data that are missing, which is slow where most of what is seen is noise;
    without noise both take the same step.
    """
    variance, d = expected.variance, expected.variance.shape[1]
    scaled, precision = expected.weighed[:, :d], expected.weighed[:, d:]
    square = precision**2
    place = (means.transpose(0, 2, 1) @ r) * precision
    crossed = scaled @ place.transpose(0, 2, 1)
    gradient = (
        (scaled * member[:, None]) @ scaled.transpose(0, 2, 1)
        - crossed
        - crossed.transpose(0, 2, 1)
    )
    squares = r @ square.transpose(0, 2, 1)
    of_means, root = (means * precisions).transpose(0, 2, 1) @ means, means * np.sqrt(squares)
    gradient += _of_products(
        variance, of_means - of_means.transpose(0, 2, 1), root.transpose(0, 2, 1) @ root
    )
    all_, of_squares = (
        np.add.reduce(precisions, axis=1),
        np.maximum(np.add.reduce(squares, axis=1), SMALLEST),
    )
    root = np.sqrt(of_squares)
    information = _of_products(
        variance, all_[:, :, None] - all_[:, None], root[:, :, None] * root[:, None]
    )
    diagonal = np.einsum("mdd->md", gradient)
    diagonal -= all_
    if inverse is None:
        gradient /= information
        return gradient, np.zeros(len(variance))
    known = (inverse * member)[:, :, None]
    left = (scaled**2 - precision) @ known - 2 * (scaled * place) @ inverse[:, None]
    slope = left.sum(axis=(1, 2)) + (means**2 * ((r * inverse) @ square.transpose(0, 2, 1))).sum(
        axis=(1, 2)
    )
    both, own = (square @ known)[:, :, 0], (square @ (inverse[:, None] * known)).sum(axis=(1, 2))
    rest = own - (both**2 / of_squares).sum(axis=1)
    change = (slope - (both * diagonal / of_squares).sum(axis=1)) / np.maximum(rest, 1e-9 * own)
    diagonal -= both * change[:, None]
    gradient /= information
    return gradient, change


def bounded(step: Matrix, variance: Matrix) -> Matrix:
    """The step of W (m, d, d) in its eigenbasis, such that no direction loses more than
    LARGEST_STEP of its variance.

    Bounded along the eigenvectors of the step relative to W: those of W are arbitrary where its
    variances are equal, as at their floor, and would let rounding decide.
    """
    scale = np.sqrt(variance)
    both = scale[:, :, None] * scale[:, None]
    relative = step / both
    far = np.sqrt((relative**2).sum(axis=(1, 2))) > LARGEST_STEP
    if not far.any():
        return step
    values, vectors = np.linalg.eigh((relative[far] + relative[far].transpose(0, 2, 1)) / 2)
    kept = np.maximum(values, -LARGEST_STEP)[:, None]
    step[far] = (vectors * kept) @ vectors.transpose(0, 2, 1) * both[far]
    return step


def noise_error(stores: StoreArrays, parameters: Parameters) -> float:
    """Standard error of the noise factor of the first mixture, W being unknown, too; infinite where
    all stores are equally large.

    From Fisher's information of variances in the eigenbasis of W: along an axis, half the sum over
    stores of p^2 for W, of p^2 / n for both, of p^2 / n^2 for the factor.
    """
    variance = np.maximum(np.linalg.eigvalsh(parameters.covariance[0]), 1e-12)
    square = (variance[:, None] + parameters.noise[0] * stores.inverse) ** -2.0
    both, own = square @ stores.inverse, (square @ stores.inverse**2).sum()
    left = own - (both**2 / square.sum(axis=1)).sum()
    return float(np.sqrt(2 / left)) if left > 1e-9 * own else np.inf


def _of_products(variance: Matrix, difference: Matrix, near: Matrix) -> Matrix:
    """Sums of p_a p_b over stores (m, d, d), from the `difference` of those of p_a and p_b; `near`
    where v_a and v_b are.
    """
    gap = variance[:, None] - variance[:, :, None]
    is_close = np.abs(gap) <= CLOSE * (variance[:, None] + variance[:, :, None])
    gap[is_close] = 1.0
    return np.where(is_close, near, difference / gap)
