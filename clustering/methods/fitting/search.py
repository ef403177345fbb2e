"""The mixture with the lowest BIC for every k: over dimensions, starts, and volumes of clusters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from clustering.arrays import Matrix
from clustering.methods.fitting.batch import StoreArrays
from clustering.methods.fitting.candidate import Candidate
from clustering.methods.fitting.dimension import axis_bics, dimensions
from clustering.methods.fitting.mixture import TiedMixture, fit_from_labels, fit_tied_mixtures
from clustering.methods.fitting.small_clusters import LEAST_SHARE, is_too_small
from clustering.methods.fitting.space import Labels, Space
from clustering.methods.fitting.variable_selection import (
    AttributeMixture,
    bic_of_factors,
    continued_selected,
    fit_selected,
)
from clustering.methods.fitting.volume import Volumes, fit_volumes


@dataclass(frozen=True)
class Freedom:
    """What is chosen by BIC besides k, and whether strays may stand apart while fitting."""

    dimensions: bool = True
    volumes: bool = True
    strays: bool = True
    variable_selection: bool = True


@dataclass(frozen=True)
class _Found:
    """A fit in `space`, the leading axes of all; `bic` includes the other axes."""

    space: Space
    fit: TiedMixture | Volumes | AttributeMixture
    bic: float

    def may_win(self) -> bool:
        """Whether no cluster is rather a handful of strays."""
        placement = self.fit.placement(self.space.blocks)
        return not is_too_small(placement, self.space, self.fit.labels, LEAST_SHARE)

    def candidate(self, blocks: tuple[tuple[int, int], ...]) -> Candidate:
        """`blocks` are those of the space that stores will be placed in."""
        r = np.maximum(self.fit.responsibilities, 1e-300)
        # ICL: BIC plus twice the entropy (Biernacki, Celeux and Govaert 2000)
        icl = self.bic - 2 * float((r * np.log(r)).sum())
        return Candidate(
            self.fit.placement(blocks),
            self.fit.labels,
            self.bic,
            icl,
            selected=self.fit.selected if isinstance(self.fit, AttributeMixture) else None,
        )


def fit_mixtures(
    space: Space, ks: Sequence[int], noise: float, freedom: Freedom
) -> dict[int, Candidate]:
    """Give the mixture with the lowest BIC for each of `ks`; `noise` is the factor a, 0 to leave
    noise out.

    Of many stores a part decides on dimensions, start and volumes.
    """
    part = space.sample()
    found = _searched(part, ks, noise, freedom)
    if part is not space:
        found = _continued(space, found, noise, freedom)
    return {k: one.candidate(space.blocks) for k, one in found.items()}


def _searched(space: Space, ks: Sequence[int], noise: float, freedom: Freedom) -> dict[int, _Found]:
    """Mixtures that differ along leading axes, or in some attributes: whichever have the lower BIC.

    The rotation to the axes was fitted, too, which their BIC does not count. Clusters in attributes
    must also beat common factors without clusters: either makes attributes vary together.
    """
    if space.loadings is None or not freedom.variable_selection or space.axes is not None:
        return _search(space, ks, noise, freedom)
    by_attributes = _by_attributes(space, ks)
    if space.selected is not None:
        return by_attributes
    by_axes = _search(space, ks, noise, freedom)
    best = _best(by_axes)
    p, d = space.numeric, best.space.numeric
    rotation = (p * (p - 1) - d * (d - 1)) / 2 * np.log(len(space.X))
    bic = _best(by_attributes).bic
    wins = bic < best.bic + rotation and bic < bic_of_factors(space)
    return by_attributes if wins else by_axes


def _best(found: dict[int, _Found]) -> _Found:
    """The lowest BIC, of mixtures without a cluster of strays where there are any."""
    return min(found.values(), key=lambda one: (not one.may_win(), one.bic))


def _by_attributes(space: Space, ks: Sequence[int]) -> dict[int, _Found]:
    return {
        k: _best({place: _Found(space, fit, fit.bic) for place, fit in enumerate(fits)})
        for k, fits in fit_selected(space, ks).items()
    }


def _search(space: Space, ks: Sequence[int], noise: float, freedom: Freedom) -> dict[int, _Found]:
    outside = axis_bics(space, noise)
    found: dict[int, _Found] = {}
    for d in _tried(space, freedom):
        rest = float(outside[d:].sum())
        for part in _starts(space.leading(d)):
            best = min((one.bic for one in found.values()), default=np.inf)
            fits = fit_tied_mixtures(part, ks, noise, freedom.strays, best - rest)
            for k, fit in fits.items():
                if k not in found or fit.bic + rest < found[k].bic:
                    found[k] = _Found(part, fit, fit.bic + rest)
    if freedom.volumes and space.numeric and space.has_volumes is not False:
        found |= _with_volumes(found, noise, outside)
    _merge(found, noise, outside, freedom.volumes)
    return {k: found[k] for k in ks}


def _tried(space: Space, freedom: Freedom) -> list[int]:
    """The numbers of leading axes to fit on."""
    if space.axes is not None:
        return [min(space.axes, space.numeric)]
    return dimensions(space.numeric) if freedom.dimensions else [space.numeric]


def _starts(space: Space) -> list[Space]:
    """The space itself, and for attributes one whose tree starts along axes of unit variance.

    Attributes have no common unit, so groups may differ where the variance is small (Scrucca and
    Raftery 2015).
    """
    if space.has_noise or space.numeric < 2:
        return [space]
    return [space, replace(space, is_sphered=True)]


def _with_volumes(found: dict[int, _Found], noise: float, outside: Matrix) -> dict[int, _Found]:
    """Mixtures whose clusters differ in volume, for each k up to the best one where BIC prefers
    them: unequal volumes look like more clusters.

    Fitted on the axes of the best mixture, and only where it has more than one cluster.
    """
    large = {k: one for k, one in found.items() if one.may_win()}
    best = min(large, key=lambda k: (large[k].bic, k), default=1)
    space, better = found[best].space if large else None, {}
    if space is None or best == 1:
        return {}
    stores, rest = StoreArrays.of(space, noise > 0), float(outside[space.numeric :].sum())
    has_strays = found[best].fit.stray > 0
    for k in [k for k in found if 1 < k <= best]:
        fit = fit_volumes(stores, space.start(k), k, noise, has_strays)
        one = _Found(space, fit, fit.bic + rest)
        if one.bic < found[k].bic and one.may_win():
            better[k] = one
    return better


def _merge(found: dict[int, _Found], noise: float, outside: Matrix, with_volumes: bool) -> None:
    """Start from the best mixture with its two nearest clusters joined, as long as BIC falls: a
    tree that cuts a large cluster before it finds a small one misses the best start.
    """
    while True:
        may_win = {k: one for k, one in found.items() if one.may_win()}
        best = min(may_win, key=lambda k: (may_win[k].bic, k), default=1)
        if best < 3 or best - 1 not in found:
            return
        one, k = may_win[best], best - 1
        labels, has_strays = _joined(one), one.fit.stray > 0
        rest = float(outside[one.space.numeric :].sum())
        tied = fit_from_labels(one.space, labels, k, noise, has_strays)
        fits: list[TiedMixture | Volumes] = [tied] if tied else []
        if with_volumes and one.space.numeric:
            stores = StoreArrays.of(one.space, noise > 0)
            fits.append(fit_volumes(stores, labels, k, noise, has_strays))
        tried = [_Found(one.space, fit, fit.bic + rest) for fit in fits]
        lower = [other for other in tried if other.bic < one.bic and other.may_win()]
        if not lower:
            return
        found[k] = min(lower, key=lambda other: other.bic)


def _joined(found: _Found) -> Labels:
    """The labels of a mixture of k clusters with the nearest two joined, in 0..k-2."""
    placement = found.fit.placement(found.space.blocks)
    inverse = np.linalg.inv(placement.covariances.mean(axis=0))
    gaps = placement.means[:, None] - placement.means[None]
    distance = np.einsum("abd,de,abe->ab", gaps, inverse, gaps)
    distance[np.tril_indices(len(distance))] = np.inf
    keep, gone = np.unravel_index(int(distance.argmin()), distance.shape)
    labels = np.where(found.fit.labels == gone, keep, found.fit.labels)
    return np.asarray(labels - (labels > gone))


def _continued(
    space: Space, found: dict[int, _Found], noise: float, freedom: Freedom
) -> dict[int, _Found]:
    """The same choices for all stores, from where the fits to a part ended."""
    best = min(found.values(), key=lambda one: one.bic).space
    by_attributes = {
        k: one.fit for k, one in found.items() if isinstance(one.fit, AttributeMixture)
    }
    if by_attributes:
        fits = {k: continued_selected(space, fit, k) for k, fit in by_attributes.items()}
        return {k: _Found(space, fit, fit.bic) for k, fit in fits.items()}
    whole = replace(space.leading(best.numeric), is_sphered=best.is_sphered)
    rest = float(axis_bics(space, noise)[best.numeric :].sum())
    result = {}
    for k, tied in fit_tied_mixtures(whole, list(found), noise, freedom.strays).items():
        fit: TiedMixture | Volumes = tied
        if isinstance(found[k].fit, Volumes):
            own = found[k].fit.placement(space.blocks)
            labels = own.responsibilities(space.X, space.information).argmax(axis=1)
            fit = fit_volumes(
                StoreArrays.of(whole, noise > 0), labels, k, noise, found[k].fit.stray > 0
            )
        result[k] = _Found(whole, fit, fit.bic + rest)
    return result
