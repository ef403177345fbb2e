"""Settings and flags typed wrong: one line with the right suggestion, exit code 2."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import command_in


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("train", "+model.kk=3"), "model.kk: no such setting, did you mean 'model.k'"),
        (("train", "++model.kmax=3"), "did you mean 'model.k_max'"),
        (("train", "--multrun"), "--multrun: no such option, did you mean '--multirun'"),
        (("status", "--formt", "json"), "did you mean '--format'"),
        (("run", "--forse"), "did you mean '--force'"),
        (("train", "source.sales=a(b).csv"), """'source.sales="a(b).csv"'"""),
        (("train", "source.sales=a=b.csv"), """'source.sales="a=b.csv"'"""),
        (("train", "source.sales=a#b.csv"), """'source.sales="a#b.csv"'"""),
    ],
)
def test_the_line_says_what_was_meant(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    done = command_in(tmp_path, *words)
    assert done.code == 2, done.err
    assert done.err.startswith("error: ")
    assert said in done.err
