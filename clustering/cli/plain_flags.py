"""Typer commands whose flags default to False.

Typer leaves some of its own, such as --help, at None, and imports pydantic to turn None into a
flag: a tenth of the time of a short command.
"""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand, TyperGroup


class Command(TyperCommand):
    """A command."""

    def get_params(self, ctx: Any) -> list[Any]:
        return _with_default(super().get_params(ctx))


class Group(TyperGroup):
    """The group of all commands."""

    def get_params(self, ctx: Any) -> list[Any]:
        return _with_default(super().get_params(ctx))


def _with_default(parameters: list[Any]) -> list[Any]:
    for parameter in parameters:
        if getattr(parameter, "is_flag", False) and parameter.default is None:
            parameter.default = False
    return parameters
