"""Separate groups or a continuum, in a sentence a merchant can use."""

from __future__ import annotations

from clustering.methods.selection.choose import Score

LOPSIDED = 0.7  # a larger share of the stores in one cluster is explained in the sentence
HOLDS_UP = 0.6  # mean ARI of clusterings fitted on random halves of the stores


ONE_PLAN = "One plan will do: plans by internal cluster meet no more of unseen demand."
CUT = "the clusters cut a gradual change into segments"
CHOSEN_BY = {
    "bic": "lowest BIC",
    "gaps": "BIC and the gaps between clusters",
    "heldout_r2": "what clusters explain of unseen sales",
}


def sentence(
    groups: int,
    has_gaps: bool,
    k: int,
    recommended: int,
    rule: str,
    by_bic: Score | None,
    agreed: float,
    stores: int,
    largest_share: float,
) -> str:
    """Say what kind of structure was found, how k was chosen, and what was recommended where the
    user fixed k. `groups`: the number of groups, 0 for none; `has_gaps`: gaps separate them.
    """
    found = by_bic.k if by_bic else k
    how = CHOSEN_BY[rule if rule == "gaps" else "bic"]
    found = groups if rule == "gaps" else found
    if has_gaps:
        text = (
            f"The {stores} stores form {found} separate groups ({how}; clusterings of random "
            f"halves of the stores agree with ARI {agreed:.2f})."
        )
    elif groups:
        text = (
            f"A continuum: {found} clusters fit best ({how}) and come back in random halves "
            f"of the stores (ARI {agreed:.2f}), but there is no gap between them (dip test)."
        )
    elif found > 1 and agreed < HOLDS_UP:
        text = (
            f"A continuum: {found} groups would have the lowest BIC, but do not come back in "
            f"random halves of the stores (ARI {agreed:.2f}); {CUT}."
        )
    else:
        text = "A continuum: no separate groups" + (f"; {CUT}." if k > 1 else ".")
    text += f" k = {recommended} by {CHOSEN_BY.get(rule, rule)}."
    if k > 1 and largest_share > LOPSIDED:
        text += (
            f" One cluster holds {largest_share:.0%} of the stores: most are alike, the others few "
            "and different."
        )
    return text if k == recommended else f"{text} k = {k} was fixed by model.k."
