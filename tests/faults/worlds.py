"""The commands that are broken, the project each one starts from, and what must hold afterwards."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from clustering.sample.write import write_sample
from tests.faults.commands import Commands, Ended

RUN = ("run", "report.page=false", "executor.workers=1", "internal.model.k_max=3")
OLD, NEW = (*RUN, "internal.model.k=2"), (*RUN, "internal.model.k=3")
PUBLISH = ("publish", "--approver", "Ann")
PREDICT = (
    *("predict", "--stores", "data/raw/sales.parquet", "--format", "csv"),
    *("--external", "data/raw/external/demographics.csv", "--output", "outputs/predicted.csv"),
)
# by name: what was done before, and the command to break
CASES: dict[str, tuple[tuple[tuple[str, ...], ...], tuple[str, ...]]] = {
    "run": ((OLD, PUBLISH), NEW),
    "page": ((NEW,), ("report",)),
    "publish": ((OLD, PUBLISH, NEW), PUBLISH),
    "first-publish": ((OLD,), PUBLISH),
    "rollback": ((OLD, PUBLISH, NEW, PUBLISH), ("rollback", "--who", "Ann")),
    "last-rollback": ((OLD, PUBLISH), ("rollback", "--who", "Ann")),
    "promote": ((OLD, ("run", "-m", *NEW[1:], "seed=1,2")), ("promote", "1")),
    "export-csv": ((OLD, PUBLISH), ("export", "--format", "csv")),
    "export-planogram": ((OLD, PUBLISH), ("export", "--format", "planogram")),
    "export-xlsx": ((OLD,), ("export", "--format", "xlsx")),
    "predict": ((OLD,), PREDICT),
}
READERS = (
    ("status", "--format", "json"),
    ("versions", "--format", "json"),
    ("verify",),
    ("export", "--format", "parquet", "--output", "read"),
)
LEFTOVERS = (".writing-", ".publishing-", ".pointing-")


@dataclass(frozen=True)
class State:
    """A project as its readers see it: the versions, and the hash of every result."""

    versions: list[tuple[int, str]]
    files: dict[str, str]
    leftovers: list[str]


class Case:
    """One command, its project before, and the states before and after it."""

    def __init__(self, name: str, folder: Path, commands: Commands) -> None:
        self.name, self.commands, self.folder = name, commands, folder
        before, self.words = CASES[name]
        self.start, done = folder / "start", folder / "after"
        if not done.exists():
            sample = {"stores": 40, "categories": 1, "clusters": 2, "weeks": 4, "seed": 5}
            list(write_sample(self.start / "data", **sample))
            for words in before:
                _require(commands.run(self.start, *words))
            _require(commands.run(self.fresh(".making"), *self.words))
            (folder / ".making").rename(done)
        self.before, self.after = self.state(self.start), self.state(done)

    def operations(self, mode: str) -> list[str]:
        """What the command does, operation by operation."""
        done = self.commands.run(self.fresh("count"), *self.words, mode=mode)
        _require(done)
        return done.operations

    def fresh(self, name: str) -> Path:
        """A new copy of the project before the command."""
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.start, folder, symlinks=True)
        return folder

    def faults(self, mode: str, at: int) -> Iterator[str]:
        """What is wrong after operation `at` was broken, and after one more command."""
        folder = self.fresh("broken")
        ended = self.commands.run(folder, *self.words, mode=mode, at=at)
        if ended.code not in (None, 0, 4):
            yield f"ended with {ended.code}: {ended.err.strip()[-300:]}"
        if "bug:" in ended.err or "Traceback" in ended.err:
            yield f"not told in our words: {ended.err.strip()[-300:]}"
        yield from self._untrue(folder)
        if ended.code != 0 and self._is_to_be_repeated(folder):
            _require(self.commands.run(folder, *self.words))
        yield from _differences(self.state(folder), self.after)

    def _is_to_be_repeated(self, folder: Path) -> bool:
        """Not where a version was published or withdrawn before the command broke: then it is
        enough to look.
        """
        publishes = self.before.versions != self.after.versions
        return not publishes or self.state(folder).versions != self.after.versions

    def _untrue(self, folder: Path) -> Iterator[str]:
        """What readers say although it is not so."""
        for words in READERS:
            done = self.commands.run(folder, *words)
            if done.code not in ((0, 3) if words[0] == "export" else (0,)):
                yield f"{' '.join(words)} ended with {done.code}: {done.err.strip()[-300:]}"
            if words[0] == "export" and done.code == 0:
                read = _hashes(folder / "read")
                if read not in (self._read(self.start), self._read(self.folder / "after")):
                    yield "export gives neither the results before nor those after"
        state = self.state(folder)
        if state.versions not in (self.before.versions, self.after.versions):
            yield f"versions are {state.versions}"
        known = self.after if state.versions == self.after.versions else self.before
        for name in ("planogram.csv", "stores.parquet"):
            key = f"outputs/published/dev/{name}"
            if state.files.get(key) != known.files.get(key):
                yield f"{key} is not of the version in effect"

    def _read(self, folder: Path) -> dict[str, str]:
        if not (folder / "read").exists():
            _require(self.commands.run(folder, *READERS[-1]))
        return _hashes(folder / "read")

    def state(self, folder: Path) -> State:
        """The project as it is."""
        listed = self.commands.run(folder, "versions", "--format", "json")
        _require(listed)
        rows = json.loads(listed.out)["versions"]
        wrong = [fault for row in rows for fault in row["faults"]]
        if wrong:
            raise AssertionError(f"a version is damaged: {wrong}")
        return State(
            [(row["number"], row["state"]) for row in rows],
            _hashes(folder),
            [
                str(path.relative_to(folder))
                for path in folder.rglob("*")
                if path.name.startswith(LEFTOVERS)
                or (path.name.startswith(".dev-v") and path != path.with_name("dev").resolve())
            ],
        )


def sample(operations: list[str]) -> list[int]:
    """The numbers of one operation of each kind on each kind of file: the last one."""
    last: dict[tuple[str, str], int] = {}
    for number, operation in enumerate(operations, 1):
        kind, *paths = operation.split(" ")
        name = Path(paths[-1]).name
        if name.endswith(".parquet"):
            name = ".parquet" if not name.startswith(".writing-") else ".writing-.parquet"
        last[kind, name] = number
    return sorted(last.values())


def _hashes(folder: Path) -> dict[str, str]:
    """Of every result, without what tells of its making."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for pattern in ("**/*.parquet", "**/*.zip", "**/*.csv", "outputs/published/dev/*")
        for path in folder.glob(pattern)
        if path.suffix != ".json" and not {"read", ".dev"} & _rooms(path.relative_to(folder))
    }


def _rooms(path: Path) -> set[str]:
    """The folders of a path; what the pointer published/dev may mean is one room."""
    return {".dev" if part.startswith(".dev-v") else part for part in path.parts[:-1]}


def _differences(found: State, wanted: State) -> Iterator[str]:
    if found.versions != wanted.versions:
        yield f"afterwards versions are {found.versions}, not {wanted.versions}"
    names = found.files.keys() | wanted.files.keys()
    wrong = sorted(name for name in names if found.files.get(name) != wanted.files.get(name))
    if wrong:
        yield f"afterwards {len(wrong)} files are not as after an undisturbed command: {wrong[:4]}"
    if found.leftovers:
        yield f"afterwards there is still {found.leftovers[:4]}"


def _require(ended: Ended) -> None:
    if ended.code != 0:
        raise AssertionError(f"a command that must work ended with {ended.code}: {ended.err}")
