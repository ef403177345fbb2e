"""Segments of a continuum: who is cut, in which space, and how a segment is scored on sales it has
not seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from clustering.methods.fitting.candidate import Candidate
from clustering.methods.fitting.placement import SegmentPlacement
from clustering.methods.fitting.space import Space
from clustering.methods.models import SegmentingFamily
from clustering.methods.transforms.fitted import FittedFeatures
from clustering.methods.transforms.reduce import Components


@dataclass(frozen=True)
class Segmenter:
    """Segments `everyone`, outliers included: in a continuum far-off stores are its ends, not
    strays.
    """

    family: SegmentingFamily
    everyone: Space
    transformers: FittedFeatures

    def candidates(self, space: Space, mixtures: dict[int, Candidate]) -> dict[int, Candidate]:
        """Replace the candidates of more than one cluster by segments, keeping their information
        criteria.
        """
        placements = self.family.segment(
            self.everyone, components_of_mix(self.transformers), [k for k in mixtures if k > 1]
        )
        return mixtures | {
            k: replace(_candidate(space, placement), bic=mixtures[k].bic, icl=mixtures[k].icl)
            for k, placement in placements.items()
        }

    def refit(
        self, transformers: FittedFeatures, space: Space, ks: Sequence[int]
    ) -> dict[int, Candidate]:
        """Segment another space that `transformers` made."""
        space = replace(space, noise=self.everyone.noise)
        placements = self.family.segment(space, components_of_mix(transformers), list(ks))
        return {k: _candidate(space, placement) for k, placement in placements.items()}


def _candidate(space: Space, placement: SegmentPlacement) -> Candidate:
    """Segments have no likelihood, and none is computed for them."""
    labels = placement.nearest(space.X, space.information)
    return Candidate(placement, labels, float("nan"), float("nan"))


def components_of_mix(transformers: FittedFeatures) -> Components | None:
    """The components, where they lead from Hellinger coordinates back to shares."""
    components = transformers.components
    is_mix_alone = transformers.is_mix and transformers.performance is None
    undoable = (
        is_mix_alone and transformers.transform_name == "hellinger" and transformers.scaler is None
    )
    return components if undoable and isinstance(components, Components) else None
