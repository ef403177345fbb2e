"""Mixtures of Gaussians with one shared covariance that know the sampling noise of every store, for
every k at once.

In square-root space the sampling variance of a share is about 1/(4n) whatever the share, so the
covariance of store i around its cluster's mean is W + (a / n_i) I with `a` unknown (extreme
deconvolution: Bovy, Hogg and Roweis 2011). A uniform component takes stores that belong to no
cluster while fitting (Banfield and Raftery 1993); it is left out when placing.

Levels of categorical attributes are multinomial and independent within a cluster, as in a latent
class model (mixed-mode mixtures: Everitt 1988; Hunt and Jorgensen 1999); taken as numbers, their
lumps would be mistaken for clusters.

Of many stores a sample is fitted first, and all of them from where that ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Matrix
from clustering.methods.fitting.batch import Expected, Parameters, StoreArrays
from clustering.methods.fitting.em import MOST_STRAYS, expect, improve, start
from clustering.methods.fitting.placement import GaussianPlacement
from clustering.methods.fitting.scoring import noise_error
from clustering.methods.fitting.space import Labels, Space

ITERATIONS = 100
TOLERANCE, COARSE = 1e-5, 1e-4  # of the mean log likelihood per store
CLEARLY = 2.0  # standard errors
# iterations before the gains tell where a fit is going; half of them where it goes on from a
# sample's
SETTLED = 5
HALVINGS = 4  # of a step that went too far
AT_ONCE = 400_000  # coordinates of all fits that go side by side: more would not stay in the caches


@dataclass(frozen=True)
class TiedMixture:
    """A fitted mixture: responsibilities (n_stores, k), the log likelihood of all stores, and BIC,
    lower is better.
    """

    parameters: Parameters  # of this mixture alone
    responsibilities: Matrix
    log_likelihood: float
    bic: float

    @property
    def noise(self) -> float:
        """The noise factor a: 0 without noise."""
        return float(self.parameters.noise[0])

    @property
    def stray(self) -> float:
        """The weight of the uniform component."""
        return float(self.parameters.stray[0])

    @property
    def labels(self) -> Labels:
        """The most probable cluster of every store (n_stores,)."""
        return np.asarray(self.responsibilities.argmax(axis=1))

    def placement(self, blocks: tuple[tuple[int, int], ...]) -> GaussianPlacement:
        """`blocks` are those of the space that stores will be placed in."""
        own = self.parameters
        logs = [one[0] for one in own.level_logs]
        return GaussianPlacement(
            own.weights[0], own.means[0], own.covariance, self.noise, list(blocks), logs
        )


def fit_tied_mixtures(
    space: Space,
    ks: Sequence[int],
    noise: float = 0.0,
    with_strays: bool = True,
    bound: float = np.inf,
) -> dict[int, TiedMixture]:
    """Fit a mixture for each of `ks` by EM from the Ward tree of the space, at most ITERATIONS
    iterations.

    `noise` is the factor a, 0 to leave noise out. A fit ends early where it is on its way to a
    higher BIC than another has, or than `bound`: what cannot win need not converge.
    """
    return _fit(space, ks, noise, with_strays, bound)


def fit_from_labels(
    space: Space, labels: Labels, k: int, noise: float, with_strays: bool
) -> TiedMixture | None:
    """Fit k clusters by EM from `labels` (n_stores,) in 0..k-1; None where strays would swallow
    them.
    """
    stores = StoreArrays.of(space, noise > 0)
    search = _Search(stores, COARSE if space.is_part else TOLERANCE, False, SETTLED)
    search.run([k], start(stores, [labels], noise, with_strays))
    return search.found.get(k)


def estimate_noise(space: Space, k: int, with_strays: bool) -> float:
    """The noise factor a, estimated along with a mixture of k clusters; 0 where it cannot be told
    from other spread.

    All that tells it is that small stores vary more than large ones. It counts as known where it is
    at least CLEARLY standard errors (the inverse of Fisher's information) above 0. The factor
    belongs to the category, not to k: estimated once at the finest k it is held for every other,
    where an underfitted mixture would mistake the distance between clusters for noise.
    """
    if not space.has_noise or np.ptp(space.information) == 0:
        return 0.0
    part = space.sample()
    mixture = _fit(part, [k], None, with_strays, np.inf)[k]
    error = noise_error(StoreArrays.of(part, True), mixture.parameters)
    return mixture.noise if mixture.noise > CLEARLY * error else 0.0


def _fit(
    space: Space, ks: Sequence[int], noise: float | None, with_strays: bool, bound: float
) -> dict[int, TiedMixture]:
    """`noise` None estimates it along with each mixture."""
    tolerance = COARSE if noise is None or space.is_part else TOLERANCE
    part, has_noise = space.sample(), noise is None or noise > 0
    few = StoreArrays.of(part, has_noise)
    search = _Search(few, tolerance, noise is None, SETTLED, len(space.X) / len(part.X), bound)
    at_once = max(1, AT_ONCE // max(few.X.size, 1))
    for i in range(0, len(ks), at_once):
        some = ks[i : i + at_once]
        search.run(some, start(few, part.starts(some), noise, with_strays))
    if part is not space:
        every = _Search(StoreArrays.of(space, has_noise), tolerance, noise is None, SETTLED // 2)
        for k in sorted(search.found, key=lambda k: search.found[k].bic):
            every.run([k], search.found[k].parameters)
        every.swallowed += search.swallowed
        search = every
    found = search.found
    if search.swallowed:
        # a handful of stores on nearly one point: strays would swallow the clusters
        found |= _fit(space, search.swallowed, noise, False, bound)
    return {k: found[k] for k in ks}


@dataclass
class _Search:
    """Fits to the same stores: those `found` so far, by k, and the k of those whose strays
    swallowed the clusters.

    The stores are a part of `worth` times as many, to which log likelihoods are scaled up; a BIC
    above `bound` is of no interest.
    """

    stores: StoreArrays
    tolerance: float
    free_noise: bool
    settled: int
    worth: float = 1.0
    bound: float = np.inf
    found: dict[int, TiedMixture] = field(default_factory=dict)
    swallowed: list[int] = field(default_factory=list)

    def run(self, ks: Sequence[int], begun: Parameters) -> None:
        """Iterate the fits of `ks`, which begin at `begun`, side by side until each has ended."""
        fits = _Fits.at(ks, begun)
        for iteration in range(ITERATIONS):
            expected = expect(self.stores, fits.parameters)
            goes_on = self._going_on(fits, expected, iteration)
            if not goes_on.any():
                return
            fits, expected = fits.rows(goes_on), expected.rows(goes_on)
            fits = fits.moved(
                improve(self.stores, fits.parameters, expected, self.free_noise),
                expected.log_likelihood,
            )

    def _going_on(self, fits: _Fits, expected: Expected, iteration: int) -> NDArray[np.bool_]:
        """Which fits need another iteration; the others are put where they belong."""
        n, too_far = self.stores.X.shape[1], fits.went_too_far(expected.log_likelihood)
        gained, bic = expected.log_likelihood - fits.previous, self._bic(fits, expected)
        ended = gained < self.tolerance * n
        if iteration >= self.settled:
            best = min([self.bound, *(one.bic for one in self.found.values()), *bic])
            ended |= bic - 2 * self.worth * _still_to_come(gained, fits.gain) > best
        ended = (ended & ~too_far) | (iteration == ITERATIONS - 1)
        strays = np.add.reduce(expected.shares[:, -1], axis=1)
        swallowed = (strays > MOST_STRAYS * n) & (fits.parameters.stray > 0) & ~ended & ~too_far
        self.swallowed += fits.ks[swallowed].tolist()
        for place in np.flatnonzero(ended):
            k = int(fits.ks[place])
            self.found[k] = TiedMixture(
                fits.parameters.one(int(place), k),
                expected.shares[place, :k].T.copy(),
                float(expected.log_likelihood[place]),
                float(bic[place]),
            )
        return np.asarray(~ended & ~swallowed)

    def _bic(self, fits: _Fits, expected: Expected) -> Matrix:
        """Schwarz' criterion, with weights, means, W, level probabilities, stray weight and noise
        factor as parameters.
        """
        d, n = self.stores.X.shape
        each = 1 + d + sum(len(level) - 1 for level in self.stores.levels)
        free = (
            fits.ks * each
            - 1
            + d * (d + 1) // 2
            + (fits.parameters.stray > 0)
            + (fits.parameters.noise > 0)
        )
        return np.asarray(-2 * self.worth * expected.log_likelihood + free * np.log(self.worth * n))


def _still_to_come(gained: Matrix, before: Matrix) -> Matrix:
    """What the log likelihood will yet gain, if every gain is to the last as that is to the one
    before (Aitken 1926).

    Twice as much is allowed for, since the ratio grows as EM goes on.
    """
    slower = gained / before
    is_slowing = (slower > 0) & (slower < 1)
    return np.where(is_slowing, 2 * gained * slower / np.where(is_slowing, 1 - slower, 1.0), np.inf)


@dataclass(frozen=True)
class _Fits:
    """Fits under way: the numbers of clusters `ks` (m,), where they are and were, the log
    likelihood there (m,), what the last iteration gained (m,), and how often its step was halved
    (m,).
    """

    ks: NDArray[np.int64]
    parameters: Parameters
    before: Parameters
    previous: Matrix
    gain: Matrix
    halvings: NDArray[np.int64]

    @classmethod
    def at(cls, ks: Sequence[int], begun: Parameters) -> _Fits:
        m = len(ks)
        return cls(
            np.array(ks),
            begun,
            begun,
            np.full(m, -np.inf),
            np.full(m, np.inf),
            np.zeros(m, dtype=np.int64),
        )

    def rows(self, chosen: NDArray[np.bool_]) -> _Fits:
        if chosen.all():
            return self
        return _Fits(
            self.ks[chosen],
            self.parameters.rows(chosen),
            self.before.rows(chosen),
            self.previous[chosen],
            self.gain[chosen],
            self.halvings[chosen],
        )

    def went_too_far(self, log_likelihood: Matrix) -> NDArray[np.bool_]:
        """Scoring may overshoot, where EM could not."""
        return np.asarray((log_likelihood < self.previous) & (self.halvings < HALVINGS))

    def moved(self, improved: Parameters, log_likelihood: Matrix) -> _Fits:
        """Go on to the improved parameters; where the last step went too far, half the way back."""
        too_far = self.went_too_far(log_likelihood)
        if not too_far.any():
            return _Fits(
                self.ks,
                improved,
                self.parameters,
                log_likelihood,
                log_likelihood - self.previous,
                np.zeros_like(self.halvings),
            )
        return _Fits(
            self.ks,
            self.parameters.halfway(self.before, too_far).where(too_far, improved),
            self.before.where(too_far, self.parameters),
            np.where(too_far, self.previous, log_likelihood),
            np.where(too_far, self.gain, log_likelihood - self.previous),
            np.where(too_far, self.halvings + 1, 0),
        )
