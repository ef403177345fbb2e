"""The codes of final clusters: a letter for the mix, a digit for the surroundings within it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustering.methods.merging.cells import Cells
from clustering.methods.merging.lead import Merged


@dataclass(frozen=True)
class Codes:
    """Arrays (n_rows + 1, n_columns + 1) of text, as the cells: "A1", and its letter."""

    final: NDArray[np.object_]
    mix: NDArray[np.object_]


def codes(cells: Cells, merged: Merged) -> Codes:
    """Name the final clusters: A is the group with the most stores, A1 its largest piece, A a group
    that is not split. Of equally large ones the one with more sales, then the first.
    """
    mix = np.empty(merged.group.shape, dtype=object)
    final = np.empty(merged.group.shape, dtype=object)
    for number, group in enumerate(_by_size(cells, merged.group, np.ones(mix.shape, dtype=bool))):
        own = merged.group == group
        mix[own] = letters(number)
        pieces = _by_size(cells, merged.piece, own)
        for place, piece in enumerate(pieces, start=1):
            digit = str(place) if len(pieces) > 1 else ""
            final[own & (merged.piece == piece)] = letters(number) + digit
    return Codes(final, mix)


def _by_size(cells: Cells, numbers: NDArray[np.int64], own: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The numbers in `own` cells, the one with the most stores first."""
    found, place = np.unique(numbers[own], return_inverse=True)
    stores, sales = (np.bincount(place, values[own]) for values in (cells.members, cells.sales))
    return np.asarray(found[np.lexsort((found, -sales, -stores))])


def letters(number: int) -> str:
    """A, B, ..., Z, AA, AB, ... for 0, 1, ..."""
    text = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("A") + rest) + text
    return text
