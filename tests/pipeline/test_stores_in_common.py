"""A run stops where sales and attributes know no store in common."""

from __future__ import annotations

import polars as pl
import pytest

from clustering.errors import DataError
from clustering.pipeline.stores_in_common import require_stores_in_common


def test_stores_that_never_meet_are_named() -> None:
    sold, known = pl.Series(["00001", "00002", "00001"]), pl.Series(["A1", "B2", "C3"])
    with pytest.raises(DataError, match=r"none of the 2 stores .* 3 stores .*'00001' here, 'A1'"):
        require_stores_in_common(sold, known)
    require_stores_in_common(sold, pl.Series(["A1", "00002"]))
    require_stores_in_common(sold, pl.Series([], dtype=pl.String))
