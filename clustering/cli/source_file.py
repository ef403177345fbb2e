"""conf/source/mine.yaml: the user's files and columns as they were recognised, ready to edit."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

from clustering.errors import ConfigError

if TYPE_CHECKING:
    from clustering.io.sources.recognise import Recognised

HEAD = """# Your files, as `clustering init --from` recognised them. Edit what is wrong and run
# `clustering check`. Every key: docs/settings.md, section source.
name: files
"""
NO_MAP = """# No file names the need states of SKUs, so every SKU is a need state of its own.
# Better: a map (need_states: FILE), or product columns: need_state_from: [SIZE, FLAVOUR]
need_states: null
need_state_from: sku
"""
WORDS = {"need_states": "need-state map", "external": "attributes", "like_stores": "like stores"}


def source_file(files: Sequence[str], directory: Path, labels: Path) -> tuple[str, str, list[str]]:
    """Give the text of the file, that of a table of labels (for the file `labels`), and a line for
    each of `files` that says what it was taken for.

    Raises ConfigError where a file is missing, DataError where one is none of the inputs.
    """
    missing = [path for path in files if not Path(path).is_file()]
    if missing:
        raise ConfigError(f"--from {missing[0]}: there is no such file")
    from clustering.io.sources.recognise import recognise
    from clustering.methods.explanation.labels import KINDS, label_table

    found = recognise([str(Path(path).absolute()) for path in files])
    text = HEAD + "".join(f"{line}\n" for line in _lines(found, directory.resolve()))
    text += f"labels: {_quoted(labels.as_posix())}  # readable names: edit its column label\n"
    names = {kind: [name for one in found for name in one.names.get(kind, ())] for kind in KINDS}
    return (
        text,
        label_table(names).write_csv(),
        [
            f"{Path(one.path).name}  {WORDS.get(one.name, one.name)}: {_columns(one)}"
            for one in found
        ],
    )


def _lines(found: list[Recognised], directory: Path) -> Iterator[str]:
    by_name = {
        name: [one for one in found if one.name == name]
        for name in ("sales", "need_states", "external", "like_stores")
    }
    yield from _one("sales", by_name["sales"], directory)
    if by_name["need_states"]:
        yield from _one("need_states", by_name["need_states"], directory)
    else:
        yield NO_MAP.rstrip()
    if by_name["external"]:
        yield "external:"
        for one in by_name["external"]:
            yield f"  - {_quoted(_place(one.path, directory))}  # {one.how}"
    else:
        yield "external: null  # no file of store attributes: clusters are made of the sales alone"
    if by_name["like_stores"]:
        yield from _one("like_stores", by_name["like_stores"], directory)
    yield from _column_lines(by_name)


def _one(name: str, files: list[Recognised], directory: Path) -> Iterator[str]:
    if not files:
        yield f"{name}: null  # none of the files has both store and SKU"
        return
    place = _place(files[0].path, directory) if len(files) == 1 else _glob(files, directory)
    yield f"{name}: {_quoted(place)}  # {files[0].how}"


def _glob(files: list[Recognised], directory: Path) -> str:
    """A pattern that several files of one input match, and no other file."""
    from clustering.io.sources.places import matches

    paths = [one.path for one in files]
    ends = {Path(path).suffix for path in paths}
    pattern = f"{_common_start(paths)}*{ends.pop() if len(ends) == 1 else ''}"
    if set(matches(pattern)) != set(paths):
        names = ", ".join(Path(path).name for path in paths)
        raise ConfigError(
            f"{names} are all {WORDS.get(files[0].name, files[0].name)}, but no pattern matches "
            "only these files; put them into a folder of their own"
        )
    return _place(pattern, directory)


def _common_start(paths: Sequence[str]) -> str:
    equal = takewhile(lambda letters: len(set(letters)) == 1, zip(*paths, strict=False))
    return "".join(letters[0] for letters in equal)


def _column_lines(by_name: dict[str, list[Recognised]]) -> Iterator[str]:
    """Names that no setting would find: of an input, or of single files where they differ."""
    lines: list[str] = []
    of_files: list[str] = []
    for name, files in by_name.items():
        named = [one.to_name for one in files]
        if not any(named):
            continue
        if all(roles == named[0] for roles in named):
            lines += [f"  {name}:", *(f"    {line}" for line in _names(files[0]))]
        else:
            for one in files:
                if one.to_name:
                    of_files += [f"    {_quoted(Path(one.path).name)}:"]
                    of_files += [f"      {line}" for line in _names(one)]
    if of_files:
        lines += ["  files:", *of_files]
    if lines:
        yield "columns:"
        yield from lines


def _names(one: Recognised) -> Iterator[str]:
    for role, column in one.to_name.items():
        example = f"  # such as {one.examples[role]}" if role in one.examples else ""
        yield f"{role}: {_quoted(column)}{example}"


def _columns(one: Recognised) -> str:
    return ", ".join(f"{role} = {column}" for role, column in one.roles.items())


def _place(path: str, directory: Path) -> str:
    """Relative to the project where the file is in it."""
    inside = Path(path).is_relative_to(directory)
    return str(Path(path).relative_to(directory)) if inside else path


def _quoted(text: str) -> str:
    """As YAML and OmegaConf read it back."""
    return json.dumps(text.replace("${", "\\${"), ensure_ascii=False)
