"""What can be typed: the arguments, options and help of every command, and the one way to start it.

Nothing heavy is imported here: `--help`, completion and a misspelt command answer at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from clustering.errors import ConfigError, did_you_mean

SETTINGS = (
    "\n\nSETTINGS are Hydra overrides such as [cyan]model.k_max=8[/cyan] or "
    "[cyan]env=prod[/cyan]. Put Hydra's flags first: [cyan]-m[/cyan] sweeps over "
    "comma-separated values, [cyan]--cfg job[/cyan] prints the settings, "
    "[cyan]--config-dir DIR[/cyan] adds your own settings, [cyan]--info[/cyan] shows where "
    "each setting comes from."
)


def proposing(*kinds: str) -> Callable[[typer.Context, str], list[str]]:
    """What completes a word: the kinds of cli.completion.SOURCES."""

    def complete(ctx: typer.Context, incomplete: str) -> list[str]:
        from clustering.cli.completion import candidates

        return candidates(ctx, incomplete, kinds)

    return complete


Overrides = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="SETTINGS",
        help="Hydra overrides: KEY=VALUE ...",
        show_default=False,
        autocompletion=proposing("settings"),
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Also run stages that are fresh.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
RunOption = Annotated[
    str,
    typer.Option(
        "--run",
        help="current, v3, the number of a scenario, or a run's folder.",
        autocompletion=proposing("runs"),
    ),
]
Categories = Annotated[
    list[str] | None,
    typer.Option(
        "--category",
        help="Only this category; repeat for more.",
        autocompletion=proposing("categories"),
    ),
]


def among(*names: str) -> Callable[[str], list[str]]:
    """What completes one of `names`."""
    return lambda incomplete: [name for name in names if name.startswith(incomplete)]


def formats(*names: str, note: str = "", flag: str = "--format") -> Any:
    """The option `--format`, or another `flag`, which accepts one of `names`."""

    def check(ctx: typer.Context, value: str) -> str:
        if value not in names and not ctx.resilient_parsing:
            from clustering.cli.boundary import boundary

            with boundary(debug=False):
                raise ConfigError(
                    f"{flag} {value} is not one of {', '.join(names)}{did_you_mean(value, names)}"
                )
        return value

    text = f"{', '.join(names[:-1])} or {names[-1]}.{note}"
    return typer.Option(flag, callback=check, autocompletion=among(*names), help=text)


def start(
    context: typer.Context, overrides: Sequence[str] | None, debug: bool, **options: Any
) -> None:
    """Run the command of `context` under `overrides`; `options` go to the command as they are."""
    from clustering.cli.boundary import boundary
    from clustering.cli.hydra_bridge import launch
    from clustering.cli.typed_words import refuse_split_lists, refuse_unknown_flags

    words = [*(overrides or ()), *context.args]
    wants_debug = debug or bool(context.obj)
    with boundary(wants_debug):
        own = [name for option in context.command.params for name in option.opts]
        refuse_unknown_flags(words, own)
        refuse_split_lists(words)
    launch(str(context.info_name), words, debug=wants_debug, **options)


def split_runs(overrides: Sequence[str] | None, context: typer.Context) -> tuple[list[str], ...]:
    """Give the names of runs, and the words for Hydra."""
    from clustering.cli.hydra_bridge import split_flags

    flags, words = split_flags([*(overrides or ()), *context.args])
    context.args = []
    return [word for word in words if not is_setting(word)], [*flags, *filter(is_setting, words)]


def is_setting(word: str) -> bool:
    """Whether a word without a dash is an override of Hydra's."""
    return "=" in word or word.startswith("~")
