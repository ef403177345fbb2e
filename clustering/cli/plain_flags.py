"""Typer commands whose usage errors are one line, and that start without pydantic.

Typer imports pydantic to check what it was given, an eighth of the time of a short command. Words
are text already, and flags that Typer leaves at None, such as --help, are False.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

from typer import TyperException
from typer.core import TyperCommand, TyperGroup

from clustering.cli.typed_words import HYDRA_FLAGS
from clustering.errors import ConfigError, did_you_mean
from clustering.registry import JOBS


class Command(TyperCommand):
    """A command."""

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """Flags, Hydra's included; jobs and settings where no argument of Typer's takes them."""
        found = super().shell_complete(ctx, incomplete)
        if not self.context_settings.get("allow_extra_args"):
            return found
        if incomplete.startswith("-"):
            names = [flag for flag in HYDRA_FLAGS if flag.startswith(max(incomplete, "--"))]
        else:
            from clustering.cli.completion import candidates

            kinds = ("jobs", "settings") if ctx.info_name == "run" else ("settings",)
            names = candidates(ctx, incomplete, kinds)
        own = [item.value for item in found]
        more = [name for name in names if name not in (*own, "--shell-completion")]
        return [*found, *(SimpleNamespace(value=name, type="plain", help=None) for name in more)]

    def get_params(self, ctx: Any) -> list[Any]:
        return _unchecked(super().get_params(ctx))


class Group(TyperGroup):
    """The group of all commands."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[Any, Any, list[str]]:
        name = args[0]
        if name not in self.commands and not name.startswith("-") and not ctx.resilient_parsing:
            raise ConfigError(f"{name}: no such command{_meant(name, self.commands)}")
        return super().resolve_command(ctx, args)

    def get_params(self, ctx: Any) -> list[Any]:
        return _unchecked(super().get_params(ctx))


class _Words:
    """Takes words as they were typed, in place of Typer's check of their type."""

    def coerce(self, value: Any, **_context: Any) -> Any:
        return list(value) if isinstance(value, tuple) else value


def _unchecked(parameters: list[Any]) -> list[Any]:
    for parameter in parameters:
        if getattr(parameter, "is_flag", False) and parameter.default is None:
            parameter.default = False
        if parameter.type_descriptor.annotation in (str, list[str]):
            parameter._runtime_param = _Words()
    return parameters


def _meant(name: str, commands: Iterable[str]) -> str:
    if "=" in name or name.removesuffix("_job") in JOBS:
        return f", did you mean 'clustering run {name}'?"
    return did_you_mean(name, commands)


def usage_error(error: TyperException) -> ConfigError:
    """What Typer found wrong with the words of a command, as one line."""
    context: Any = getattr(error, "ctx", None)
    flag: str = getattr(error, "option_name", "")
    if context is None:
        return ConfigError(f"{flag} needs a value" if flag else error.format_message())
    if hasattr(error, "possibilities"):
        known = [name for option in context.command.params for name in option.opts]
        return ConfigError(f"{flag}: no such option{did_you_mean(flag, known)}")
    told = error.format_message().rstrip(".")
    command = "" if context.parent is None else f"{context.info_name}: "
    return ConfigError(f"{command}{told}; see: {context.command_path} --help")
