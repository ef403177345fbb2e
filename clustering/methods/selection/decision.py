"""The decision for one category: separate groups or a continuum, and how many clusters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from clustering.config import Features, Model, Select
from clustering.errors import StageError
from clustering.methods.fitting.candidate import Candidate, of_selected
from clustering.methods.fitting.placement import GaussianPlacement
from clustering.methods.fitting.small_clusters import is_too_small
from clustering.methods.fitting.space import Space
from clustering.methods.models import FamilyModule, SegmentingFamily
from clustering.methods.selection.choose import Score, best_by, best_by_vote
from clustering.methods.selection.continuum import Segmenter
from clustering.methods.selection.gaps import gaps
from clustering.methods.selection.number_of_groups import STRONG, number_of_groups
from clustering.methods.selection.resampling import Fit, split_half_agreement
from clustering.methods.selection.scores import Refit, add_heldout, heldout, score
from clustering.methods.selection.verdict import HOLDS_UP, sentence
from clustering.methods.transforms.fitted import FittedFeatures
from clustering.methods.transforms.halves import Halves

Allowed = Callable[[int], bool]
FEWEST_IN_A_SEGMENT = 3  # stores


@dataclass
class Choice:
    """The candidates by k, their scores, and what was decided; `refit` fits again."""

    candidates: dict[int, Candidate]
    scores: list[Score]
    k: int
    recommended: int
    runner_up: int
    rule: str
    verdict: str
    sentence: str
    refit: Refit | None = None
    limits: tuple[str, ...] = ()  # bounds that shaped the choice, see limits.py
    is_cut: bool = False  # clusters are segments cut for k, not the groups of a mixture


def decide(
    space: Space,
    everyone: Space,
    halves: Halves | None,
    transformers: FittedFeatures,
    features: Features,
    family: FamilyModule,
    model: Model,
    select: Select,
    allowed: Allowed,
    largest: int,
    rng: np.random.Generator,
    seed: int,
    was_cut: bool = False,
) -> Choice:
    """Fit every k up to `largest` and choose one; Choice has all that was found on the way.

    A continuum that the baseline has cut, `was_cut`, is cut again unless gaps divide it now:
    clusters of a mixture would lie elsewhere.
    """
    fit: Fit = partial(_fit, family, model, seed)
    candidates = fit(space, range(1, largest + 1))
    noise = space.noise if space.noise is not None else _noise_factor(candidates)
    space, fit = replace(space, noise=noise, is_part=True), partial(_fit_to_sample, fit)
    large = {
        k: one
        for k, one in candidates.items()
        if not is_too_small(one.placement, space, one.labels, select.min_group_share)
    }
    groups, agreed = _groups(space, large, fit, rng)
    has_gaps = bool(groups) and _has_gaps(space, candidates[groups])
    if was_cut and not has_gaps:
        groups = 0
    refit: Refit
    is_segmented = False
    if not groups and select.rule == "auto" and isinstance(family, SegmentingFamily):
        is_segmented = True
        segmenter = Segmenter(family, replace(everyone, noise=noise), transformers)
        candidates, refit = segmenter.candidates(space, candidates), segmenter.refit
    else:
        known = replace(space, **_known(candidates[groups])) if groups else space
        refit = partial(_refit, fit, known)
    criteria = _criteria(select)
    scores = score(space, candidates, fit, criteria, select.bootstrap, rng)
    if "heldout_r2" in criteria and halves is not None:
        several, carried = [one.k for one in scores if one.k > 1], transformers.carried
        found = heldout(halves, features, carried, seed, refit, several, both_ways=is_segmented)
        add_heldout(scores, found)
    fewest = min(FEWEST_IN_A_SEGMENT, scores[0].smallest)
    for one in scores:
        too_few = one.smallest_share < select.min_share or one.smallest < fewest
        one.is_small = one.k not in large if groups else too_few
    eligible = _eligible(scores, model, allowed)
    rule, recommended, runner_up = _pick(eligible, select, groups, has_gaps)
    k = model.k or recommended
    if k not in candidates:
        raise StageError(
            f"model={model.name} finds the number of clusters itself (here {recommended}); remove "
            f"model.k={k}"
        )
    share = float(np.bincount(candidates[k].labels).max() / len(space.X))
    by_bic = best_by(eligible, "bic")
    return Choice(
        candidates,
        scores,
        k,
        recommended,
        runner_up,
        rule,
        verdict="groups" if has_gaps else "continuum",
        sentence=sentence(
            groups, has_gaps, k, recommended, rule, by_bic, agreed, len(space.X), share
        ),
        refit=refit,
        is_cut=not groups,
    )


def _criteria(select: Select) -> set[str]:
    """The criteria to compute: those asked for, and the one that decides."""
    decisive = {"auto": {"bic"}, "vote": set[str]()}.get(select.rule, {select.rule})
    return set(select.criteria) | decisive


def _fit(
    family: FamilyModule, model: Model, seed: int, space: Space, ks: Sequence[int]
) -> dict[int, Candidate]:
    return family.fit(space, model, list(ks), seed)


def _fit_to_sample(fit: Fit, space: Space, ks: Sequence[int]) -> dict[int, Candidate]:
    """What a fit to some of many stores says of all of them: enough to judge by."""
    part = space.sample()
    if part is space:
        return fit(space, ks)
    return {
        k: replace(
            one,
            labels=one.placement.responsibilities(space.X, space.information).argmax(axis=1),
            strays=None,
        )
        for k, one in fit(part, ks).items()
    }


def _has_gaps(space: Space, candidate: Candidate) -> bool:
    return gaps(of_selected(space, candidate), candidate.labels).separate > 1


def _groups(
    space: Space, candidates: dict[int, Candidate], fit: Fit, rng: np.random.Generator
) -> tuple[int, float]:
    """The number of separate groups (0 where there are none), and how far clusterings of random
    halves of the stores agree.

    Candidates with a cluster of nearly no stores are not among `candidates`: they have found strays
    or heavy tails, not groups.
    """
    best = number_of_groups(space, candidates)
    if best < 2 or len(space.X) < 4 * best:
        return 0, float("nan")
    known_space = replace(space, **_known(candidates[best]))
    agreed = split_half_agreement(known_space, fit, best, rng, splits=2)
    return (best if agreed >= HOLDS_UP else 0), agreed


def _noise_factor(candidates: dict[int, Candidate]) -> float | None:
    """The factor the models were fitted with; None where the family knows no noise."""
    placement = next(iter(candidates.values())).placement
    return placement.noise if isinstance(placement, GaussianPlacement) else None


def _known(candidate: Candidate) -> dict[str, Any]:
    """What fits to parts of the category need not find again: axes and whether volumes differ."""
    placement = candidate.placement
    if not isinstance(placement, GaussianPlacement):
        return {}
    if candidate.selected is not None:
        return {"selected": candidate.selected}
    return {
        "axes": placement.means.shape[1],
        "has_volumes": candidate.k > 1 and len(placement.covariances) > 1,
    }


def _refit(
    fit: Fit, known: Space, transformers: FittedFeatures, space: Space, ks: Sequence[int]
) -> dict[int, Candidate]:
    """Fit to other sales of the stores of `known`, from which is taken what is known."""
    part = replace(
        space,
        blocks=tuple(transformers.blocks),
        noise=known.noise,
        axes=known.axes,
        has_volumes=known.has_volumes,
        is_part=True,
        loadings=transformers.loadings,
    )
    if known.selected is not None and len(known.selected) == part.number_of_attributes:
        part = replace(part, selected=known.selected)
    return fit(part, ks)


def _eligible(scores: list[Score], model: Model, allowed: Allowed) -> list[Score]:
    """Candidates within the caps and k_min..k_max without a cluster that is too small for the
    verdict, where there are any.

    Caps come first: where they leave no k in k_min..k_max they decide, and where they leave none at
    all they are ignored here and named by assign.
    """
    possible = [s for s in scores if allowed(s.k)] or scores
    within = [s for s in possible if model.k_min <= s.k <= model.k_max] or possible[-1:]
    return [s for s in within if not s.is_small] or within


def _pick(
    eligible: list[Score], select: Select, groups: int, has_gaps: bool
) -> tuple[str, int, int]:
    """The rule that applied, the recommended k and the runner-up."""
    wanted = select.rule
    if wanted == "auto":
        by_bic = best_by(eligible, "bic")
        if by_bic and by_bic.k > 1 and not has_gaps and _one_is_nearly_as_good(eligible, by_bic):
            return "gaps", 1, by_bic.k
        if groups and by_bic and by_bic.k != groups and any(s.k == groups for s in eligible):
            return "gaps", groups, by_bic.k
        # model.k_min=1 says that one cluster is an answer
        one_will_do = by_bic is not None and by_bic.k == 1
        wanted = "bic" if groups or one_will_do else "heldout_r2"
    order = [wanted, "silhouette", "bic"]
    for rule in order:
        first = _by(eligible, rule, select)
        if first is not None:
            others = [score for score in eligible if score.k != first.k]
            second = _by(others, rule, select) if others else None
            return rule, first.k, (second or first).k
    return "only candidate", eligible[0].k, eligible[0].k


def _one_is_nearly_as_good(eligible: list[Score], best: Score) -> bool:
    """Whether one cluster is an answer (model.k_min=1), and the evidence for more is not strong."""
    return any(one.k == 1 and one.values["bic"] - best.values["bic"] < STRONG for one in eligible)


def _by(scores: list[Score], rule: str, select: Select) -> Score | None:
    return best_by_vote(scores, list(select.criteria)) if rule == "vote" else best_by(scores, rule)
