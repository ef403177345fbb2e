"""What the TAB key proposes: jobs, settings and their values, runs, versions, categories.

Typer's completion calls `candidates`. Names of settings come from Hydra's own query for completion,
which takes a second; they are kept in a file of the user's cache until a config or the code of the
settings changes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, MutableMapping, Sequence
from contextlib import redirect_stdout, suppress
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from clustering.cli.name_cache import kept
from clustering.registry import JOBS, MERGED, TRACKS

if TYPE_CHECKING:
    import typer

JOINED = "_CLUSTERING_JOINED"  # what of the word Bash keeps: it replaces what follows a "="
HIDDEN = ("hydra", "invocation")
FILES = ("sales", "need_states", "external", "labels", "like_stores", "overrides")
SPECIAL = re.compile(r"([\s\"'\\()&;|<>$`*?!#\[\]{}])")


def join_words(environment: MutableMapping[str, str]) -> None:
    """Put the words together that Bash splits at "=", as the other shells have them."""
    if "COMP_WORDS" not in environment:
        return
    words, place = environment["COMP_WORDS"].split("\n"), int(environment["COMP_CWORD"])
    joined: list[str] = []
    for number, word in enumerate(words):
        is_rest = number > 1 and (word.startswith("=") or words[number - 1].endswith("="))
        before = joined.pop() if is_rest else ""
        joined.append(before + word)
        if number == place:
            environment["COMP_CWORD"] = str(len(joined) - 1)
            environment[JOINED] = before + "=" * word.startswith("=")
    environment["COMP_WORDS"] = "\n".join(joined)


def candidates(context: typer.Context, incomplete: str, kinds: Sequence[str]) -> list[str]:
    """The words of `kinds` that begin like the incomplete one, as the shell wants them."""
    from clustering.cli.hydra_bridge import read_dotenv

    read_dotenv()
    typed = [*(context.params.get("overrides") or ()), *context.args]
    found: list[str] = []
    for kind in kinds:
        names = SOURCES[kind](incomplete, [word for word in typed if "=" in word])
        found += [name for name in names if name.startswith(incomplete)]
    return [_for_shell(name) for name in dict.fromkeys(found)]


def _for_shell(name: str) -> str:
    """Bash takes only what follows the last "=", and what it takes must be quoted for it."""
    if "COMP_WORDS" not in os.environ:
        return name
    rest = name.removeprefix(os.environ.get(JOINED, ""))
    word = os.environ["COMP_WORDS"].split("\n")[int(os.environ["COMP_CWORD"])]
    return rest if word.startswith(("'", '"')) else SPECIAL.sub(r"\\\1", rest)


# --- settings


def _settings(incomplete: str, typed: list[str]) -> list[str]:
    """Keys one part further, or values; a single key is followed until there is a choice, because
    shells put a space after a single word.
    """
    match = re.fullmatch(rf"((?:\+\+?|~)?(?:(?:{'|'.join(TRACKS)})\.)?)(.*)", incomplete)
    before, rest = match.groups() if match else ("", incomplete)
    choices = sorted(word for word in typed if "." not in word.partition("=")[0])
    names = _next(rest, choices)
    while len(names) == 1 and names[0].endswith((".", "=")) and names[0] != rest:
        rest, further = names[0], _next(names[0], choices)
        is_leaf = rest.endswith("=") and len(further) < 2
        names = [rest, *(further or [f"{rest}..."])] if is_leaf else further
    of_tracks = [] if before else [f"{track}." for track in TRACKS]
    return [*(before + name for name in names), *of_tracks]


def _next(rest: str, choices: list[str]) -> list[str]:
    key, sign, _ = rest.partition("=")
    parent = key + sign if sign else rest[: rest.rfind(".") + 1]
    names = _names_below(parent, choices)
    return [
        name
        for name in names
        if name.startswith(rest) and (rest.startswith(HIDDEN) or not name.startswith(HIDDEN))
    ]


def _names_below(parent: str, choices: list[str]) -> list[str]:
    from clustering.cli.hydra_bridge import conf_dir

    key = parent.removesuffix("=")
    if key.startswith("source.") and key.rpartition(".")[2] in FILES and parent != key:
        return []  # the shell completes file names
    here = conf_dir()
    return kept(f"{here} {choices} {parent}", _state_of(here), lambda: _asked(parent, choices))


def _state_of(conf: Path) -> list[float]:
    """Changes when a config or the code of the settings does."""
    code = Path(__file__).parents[1]
    folders = (conf, code / "config", code / "methods" / "models")
    paths = [path for folder in folders for path in folder.rglob("*") if path.suffix != ".pyc"]
    times = sorted(path.stat().st_mtime for path in paths)
    return [len(times), times[-1] if times else 0, sum(times)]


def _asked(parent: str, choices: list[str]) -> list[str]:
    """Hydra's answer, and the values of a setting that are listed beside it."""
    import hydra

    from clustering.cli.hydra_bridge import HYDRA_VERSION_BASE, conf_dir, lent_argv, prepare
    from clustering.cli.known_settings import values

    if parent.endswith("=") and (known := values(parent[:-1])):
        return [parent + value for value in known]
    prepare(choices)
    os.environ["COMP_LINE"] = " ".join(["clustering", *choices, parent])
    told = StringIO()
    with lent_argv(["--shell-completion", "query=bash"]), redirect_stdout(told):
        main = hydra.main(
            version_base=HYDRA_VERSION_BASE, config_path=str(conf_dir()), config_name="config"
        )
        main(lambda _: None)()
    return told.getvalue().split()


# --- runs and categories


def _output_dir() -> Path:
    return Path(os.environ.get("CLUSTERING_OUTPUT_DIR", "outputs"))


def _versions(_: str, __: list[str]) -> list[str]:
    from clustering.store.versions import published

    return [f"v{number}" for number in published(_output_dir())]


def _runs(_: str, __: list[str]) -> list[str]:
    from clustering.errors import ConfigError
    from clustering.results.sweeps.record import records
    from clustering.store.runs import CURRENT, PUBLISHED, newest_sweep

    versions, scenarios = _versions("", []), []
    with suppress(ConfigError):
        scenarios = [folder.name for folder in records(newest_sweep(_output_dir()))]
    return [CURRENT, *([PUBLISHED] if versions else []), *versions, *scenarios]


def _categories(_: str, typed: list[str]) -> list[str]:
    env = next((word[4:] for word in typed if word.startswith("env=")), "dev")
    data = Path(os.environ.get("CLUSTERING_DATA_DIR", "data"))
    path = (data / env / MERGED / "summary.parquet").absolute()

    def read() -> list[str]:
        import polars as pl

        return pl.read_parquet(path, columns=["category"])["category"].sort().to_list()

    return kept(str(path), [path.stat().st_mtime], read) if path.exists() else []


SOURCES: dict[str, Callable[[str, list[str]], Iterable[str]]] = {
    "settings": _settings,
    "jobs": lambda _, __: JOBS,
    "runs": _runs,
    "versions": _versions,
    "categories": _categories,
}
