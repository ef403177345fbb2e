"""Separate groups or a continuum, in a sentence a merchant can use."""

from __future__ import annotations

from clustering.methods.selection.choose import Score

LOPSIDED = 0.7  # a larger share of the stores in one cluster is explained in the sentence
HOLDS_UP = 0.6  # mean ARI of clusterings fitted on random halves of the stores


def sentence(
    verdict: str,
    k: int,
    recommended: int,
    rule: str,
    by_bic: Score | None,
    agreed: float,
    stores: int,
    largest_share: float,
) -> str:
    """Say what kind of structure was found, how k was chosen, and what was recommended where the
    user fixed k.
    """
    if verdict == "groups":
        text = (
            f"The {stores} stores form {by_bic.k if by_bic else k} separate groups (lowest BIC; "
            "clusterings of random "
            f"halves of the stores agree with ARI {agreed:.2f})."
        )
    elif agreed >= HOLDS_UP:
        text = (
            "A continuum: there are groups, but plain segments explain clearly more of the sales "
            "they have not seen; "
            "the clusters cut a gradual change into segments."
        )
    elif by_bic is not None and by_bic.k > 1 and agreed == agreed:
        text = (
            f"A continuum: {by_bic.k} groups would have the lowest BIC, but they do not hold up "
            "when the stores are "
            f"halved (ARI {agreed:.2f}); the clusters cut a gradual change into segments."
        )
    else:
        text = "A continuum: no separate groups (BIC prefers one); the clusters cut a gradual change into segments."  # noqa: E501
    chosen_by = {
        "bic": "lowest BIC",
        "heldout_r2": "what clusters explain on sales they have not seen",
    }.get(rule, rule)
    text += f" k = {recommended} by {chosen_by}."
    if largest_share > LOPSIDED:
        text += f" One cluster holds {largest_share:.0%} of the stores: most are alike, the others few and different."  # noqa: E501
    return text if k == recommended else f"{text} k = {k} was fixed by model.k."
