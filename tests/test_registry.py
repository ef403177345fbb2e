"""Each row of the list of stages fits the function it names."""

from __future__ import annotations

from inspect import Parameter, signature

import pytest

from clustering.registry import STAGES, Stage


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.key)
def test_a_stage_is_called_with_what_its_function_takes(stage: Stage) -> None:
    parameters = signature(stage.load()).parameters
    needed = {name for name, one in parameters.items() if one.default is Parameter.empty}
    always = {*stage.reads, *stage.sections, "seed"}
    assert needed - always <= set(stage.optional)
    assert {*always, *stage.optional} <= set(parameters)
