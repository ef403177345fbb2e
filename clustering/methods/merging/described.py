"""Final clusters of one category in words and numbers: their profiles, and names that hold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.methods.merging.final_names import BETWEEN, Named, name_mixes, name_surroundings
from clustering.methods.merging.mixes import Mix
from clustering.methods.merging.profiles import (
    Attributes,
    Profile,
    attribute_profile,
    mix_profile,
    table,
)

NAMES = {
    "category": pl.String,
    "final_cluster": pl.String,
    "mix_name": pl.String,
    "surroundings_name": pl.String,
    "name": pl.String,
    "named_by": pl.String,
}


@dataclass(frozen=True)
class Described:
    """schemas.FinalProfiles of a category, and NAMES of its final clusters."""

    profiles: pl.DataFrame
    names: pl.DataFrame


def describe(
    category: str,
    stores: pl.Series,
    mixes: NDArray[np.object_],
    finals: NDArray[np.object_],
    mix: Mix | None,
    attributes: Attributes | None,
) -> Described:
    """Describe the clusters of `stores` (n_stores,): the letter of their mix, the code of their
    final cluster.
    """
    letters, of_mix = np.unique(mixes.astype(str), return_inverse=True)
    codes, of_final = np.unique(finals.astype(str), return_inverse=True)
    mix_of = np.array([of_mix[of_final == row][0] for row in range(len(codes))], dtype=np.int64)
    profiles: list[Profile] = []
    mix_names = [Named((), letter) for letter in letters]
    surroundings: list[Named | None] = [None] * len(codes)
    if mix is not None:
        profiles.append(mix_profile(mix, of_final, len(codes)))
        mix_names = name_mixes(mix_profile(mix, of_mix, len(letters)), profiles[-1], mix_of)
    if attributes is not None:
        data = attributes.of(stores)
        profiles.append(attribute_profile(attributes.features, data, of_final, len(codes)))
        for letter in range(len(letters)):
            rows = np.flatnonzero(mix_of == letter)
            if len(rows) > 1:
                own = of_mix == letter
                sisters = attribute_profile(
                    attributes.features, data[own], np.searchsorted(rows, of_final[own]), len(rows)
                )
                for row, name in zip(
                    rows, name_surroundings(sisters, profiles[-1], rows), strict=True
                ):
                    surroundings[row] = name
    named = {
        (code, claim.kind, claim.feature)
        for code, letter, extra in zip(codes, mix_of, surroundings, strict=True)
        for claim in (*mix_names[letter].claims, *(extra.claims if extra else ()))
    }
    rows_ = [
        _names(category, str(code), mix_names[letter], extra)
        for code, letter, extra in zip(codes, mix_of, surroundings, strict=True)
    ]
    return Described(
        table(category, codes.tolist(), profiles, named),
        pl.DataFrame(rows_, schema=NAMES, orient="row"),
    )


def _names(category: str, code: str, mix: Named, extra: Named | None) -> tuple[str | None, ...]:
    text = mix.text if extra is None else f"{mix.text}{BETWEEN}{extra.text}"
    return category, code, mix.text, extra.text if extra else None, text, "members"
