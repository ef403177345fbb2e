"""What is changed after publication is found by every command that reads a version."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest

import clustering
from clustering.errors import DataError
from clustering.store.intact import faults
from tests.conftest import command_in
from tests.faults.commands import Commands

READERS = (
    ("export", "--run", "v1", "--format", "csv"),
    ("diff", "v1"),
    ("predict", "--run", "v1", "--stores", "data/raw/sales.parquet"),
    ("compare", "v1", "current"),
    ("reproduce", "v1"),
    ("verify", "v1"),
    ("verify",),
)


@pytest.fixture(scope="module")
def commands() -> Iterator[Commands]:
    """Commands one after the other in a process that has everything imported."""
    one_after_the_other = Commands()
    yield one_after_the_other
    one_after_the_other.stop()


@pytest.fixture(scope="module")
def published_once(finished_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with two versions of the same run."""
    folder = tmp_path_factory.mktemp("published") / "project"
    shutil.copytree(finished_dir, folder)
    for name in ("Ann", "Bob"):
        done = command_in(folder, "publish", "--approver", name)
        assert done.code == 0, done.err
    return folder


@pytest.fixture
def published(published_once: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    copy = tmp_path / "copy"
    shutil.copytree(published_once, copy, symlinks=True)
    for path in sorted((copy / "outputs" / "versions").rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return copy


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _one_bit_of(name: str) -> Callable[[Path], None]:
    return lambda version: _flip(version / name)


def _delete(name: str) -> Callable[[Path], None]:
    return lambda version: (version / name).unlink()


def _edit_with_its_manifest(version: Path) -> None:
    """Move a store to another final cluster, and let the manifest say that it is right."""
    folder = version / "data" / "dev" / "merged"
    table, record = folder / "assignments.parquet", folder / "manifest.json"
    frame = pl.read_parquet(table)
    frame.with_columns(final_cluster=pl.lit(frame["final_cluster"][0])).write_parquet(table)
    manifest = json.loads(record.read_text())
    manifest["outputs"]["assignments"] |= {
        "sha256": hashlib.sha256(table.read_bytes()).hexdigest(),
        "bytes": table.stat().st_size,
        "mtime_ns": table.stat().st_mtime_ns,
    }
    record.write_text(json.dumps(manifest))


def _edit_with_the_record(version: Path) -> None:
    """As above, and version.json says so, too."""
    _edit_with_its_manifest(version)
    record = json.loads((version / "version.json").read_text())
    record["files"] = {
        name: hashlib.sha256((version / name).read_bytes()).hexdigest() for name in record["files"]
    }
    (version / "version.json").write_text(json.dumps(record, indent=2) + "\n")


def _swap_with_v2(version: Path) -> None:
    other = version.with_name("2")
    version.rename(version.with_name("swap"))
    other.rename(version)
    version.with_name("swap").rename(other)


def _replace_by_link(version: Path) -> None:
    """The same bytes for now, in a place that anybody may change."""
    table = version / TABLE
    table.rename(version.parents[2] / "elsewhere.parquet")
    table.symlink_to(version.parents[2] / "elsewhere.parquet")


def _replace_folder_by_link(version: Path) -> None:
    (version / "data").rename(version.parents[2] / "elsewhere")
    (version / "data").symlink_to(version.parents[2] / "elsewhere")


def _change_through_hard_link(version: Path) -> None:
    other = version.parents[2] / "other-name.parquet"
    other.hardlink_to(version / TABLE)
    _flip(other)


def _change_and_set_times_back(version: Path) -> None:
    before = (version / TABLE).stat()
    _flip(version / TABLE)
    os.utime(version / TABLE, ns=(before.st_atime_ns, before.st_mtime_ns))


def _replace_by_pipe(version: Path) -> None:
    (version / TABLE).unlink()
    os.mkfifo(version / TABLE)


def _exchange_two_files(version: Path) -> None:
    first, second = version / TABLE, version / "data/dev/merged/clusters.parquet"
    first.rename(version / "data/third")
    second.rename(first)
    (version / "data/third").rename(second)


def _claim_another_number(version: Path) -> None:
    """No line of the ledger has it, so none says otherwise."""
    _edit_with_the_record(version)
    record = version / "version.json"
    record.write_text(json.dumps(json.loads(record.read_text()) | {"number": 77}))


def _take_from_another_project(version: Path) -> None:
    """A version that is whole, and was published elsewhere."""
    shutil.rmtree(version)
    shutil.copytree(version.with_name("2"), version)
    record = version / "version.json"
    record.write_text(json.dumps(json.loads(record.read_text()) | {"number": 1, "approver": "Eve"}))


TABLE = "data/dev/merged/assignments.parquet"
ATTACKS = {
    "a bit of a table": _one_bit_of(TABLE),
    "a bit of a manifest": _one_bit_of("data/dev/merged/manifest.json"),
    "a bit of a model": _one_bit_of("models/dev/internal/train.zip"),
    "a bit of the record": _one_bit_of("version.json"),
    "a deleted table": _delete("data/dev/internal/analyze/clusters.parquet"),
    "a deleted manifest": _delete("data/dev/merged/manifest.json"),
    "a deleted model": _delete("models/dev/internal/train.zip"),
    "a deleted record": _delete("version.json"),
    "a deleted folder": shutil.rmtree,
    "deleted results": lambda version: shutil.rmtree(version / "data"),
    "an added file": lambda version: (version / "data/dev/version.json").write_text("{}"),
    "a link to the same file": _replace_by_link,
    "a link to the same folder": _replace_folder_by_link,
    "a file changed through a hard link": _change_through_hard_link,
    "times set back": _change_and_set_times_back,
    "a pipe": _replace_by_pipe,
    "two files exchanged": _exchange_two_files,
    "a record of another number": _claim_another_number,
    "a version of another project": _take_from_another_project,
    "a table edited with its manifest": _edit_with_its_manifest,
    "a table edited with every record in its folder": _edit_with_the_record,
    "folders of two versions exchanged": _swap_with_v2,
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_version_that_was_changed_is_refused_and_named(
    attack: str, published: Path, commands: Commands
) -> None:
    ATTACKS[attack](published / "outputs" / "versions" / "1")
    for command in READERS:
        done = commands.run(published, *command)
        assert done.code == (1 if command[0] in ("reproduce", "verify") else 3), (command, done)
        assert "error: " in done.err, done.err
        assert "bug" not in done.err, done.err
    listed = json.loads(commands.run(published, "versions", "--format", "json").out)
    assert listed["versions"][0]["faults"]
    with pytest.raises(DataError):
        clustering.open(published / "data", published / "outputs", run="v1")


def test_one_bit_of_any_file_is_found(published: Path) -> None:
    version = published / "outputs" / "versions" / "1"
    files = [path for path in version.rglob("*") if path.is_file()]
    assert len(files) > 40
    for path in files:
        _flip(path)
        name = path.relative_to(version).as_posix()
        assert name in faults(version)[0].replace(str(version) + "/", ""), name
        with pytest.raises(DataError):
            clustering.open(published / "data", published / "outputs", run="v1")
        _flip(path)
    assert faults(version) == []


def test_a_version_that_nobody_published_is_refused(published: Path, commands: Commands) -> None:
    versions = published / "outputs" / "versions"
    shutil.copytree(versions / "1", versions / "7")
    record = versions / "7" / "version.json"
    record.write_text(json.dumps(json.loads(record.read_text()) | {"number": 7}))
    for command in (("diff", "v7"), ("verify", "v7"), ("reproduce", "v7")):
        done = commands.run(published, *command)
        assert done.code in (1, 3), (command, done)
        assert "nobody published it" in done.err
    record.unlink()
    for path in versions.glob("ledger.*"):
        path.unlink()
    assert commands.run(published, "export", "--run", "v7", "--format", "csv").code == 3


@pytest.mark.parametrize("line", [0, 1])
def test_a_ledger_that_was_changed_is_refused(line: int, published: Path) -> None:
    path = published / "outputs" / "versions" / "ledger.jsonl"
    lines = path.read_text().splitlines()
    event = json.loads(lines[line])
    lines[line] = json.dumps(event | {"note": "quite another"}, sort_keys=True)
    path.write_text("\n".join(lines) + "\n")
    for command in (*READERS, ("versions",), ("publish", "--approver", "Eve")):
        done = command_in(published, *command)
        assert done.code in (1, 3), (command, done)
        assert f"ledger.jsonl, line {line + 1} is not as it was written" in done.err


def test_with_a_key_nobody_else_can_write_the_ledger(project: Path) -> None:
    key = {"CLUSTERING_SIGNING_KEY": "correct horse battery"}
    assert command_in(project, "publish", "--approver", "Ann", env=key).code == 0
    assert command_in(project, "verify", env=key).code == 0
    done = command_in(project, "verify", env={"CLUSTERING_SIGNING_KEY": "a forger's key"})
    assert "line 1 is not as it was written" in done.err


def test_a_record_of_a_newer_tool_says_so(published: Path) -> None:
    path = published / "outputs" / "versions" / "1" / "version.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 99, "novelty": 1}))
    done = command_in(published, "diff", "v1")
    assert done.code == 3
    assert "was written by a newer clustering (record format 99" in done.err


def test_files_for_other_systems_follow_the_version_in_force(published: Path) -> None:
    """As after a cut-off: the next command that looks finishes the publication."""
    folder = published / "outputs" / "published" / "dev"
    for spoil in (
        lambda: shutil.rmtree(folder.resolve()),
        lambda: (folder / "planogram.csv").write_text("CATEGORY,STORE_NBR\n"),
        folder.unlink,
    ):
        spoil()
        assert command_in(published, "versions").code == 0
        record = json.loads((folder / "version.json").read_text())
        assert record["version"] == 2
        assert pl.read_parquet(folder / "stores.parquet")["version"].unique().to_list() == [2]
        assert pl.read_csv(folder / "planogram.csv").height > 0


def _edit_planogram(folder: Path) -> None:
    path = folder / "planogram.csv"
    first, *rows = path.read_text().splitlines()
    path.write_text("\n".join([first, *(row.replace(",A", ",B") for row in rows)]) + "\n")


def _edit_stores(folder: Path) -> None:
    path = folder / "stores.parquet"
    stores = pl.read_parquet(path)
    stores.with_columns(pl.lit(stores["final_cluster"][0]).alias("final_cluster")).write_parquet(
        path
    )


@pytest.mark.parametrize("fits", [False, True], ids=["alone", "with its record"])
@pytest.mark.parametrize("edit", [_edit_planogram, _edit_stores])
def test_edited_files_for_other_systems_are_named_and_replaced(
    edit: Callable[[Path], None], fits: bool, published: Path, commands: Commands
) -> None:
    folder = published / "outputs" / "published" / "dev"
    before = [path.read_bytes() for path in sorted(folder.iterdir())]
    assert commands.run(published, "verify").code == 0
    edit(folder)
    if fits:
        record = json.loads((folder / "version.json").read_text())
        record["files"] = {
            name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
            for name in record["files"]
        }
        (folder / "version.json").write_text(json.dumps(record))
    done = commands.run(published, "verify")
    assert done.code == 1, done
    assert "outputs/published/dev" in done.err
    done = commands.run(published, "versions")
    assert "was not that of the version in effect; it is now" in done.err
    assert [path.read_bytes() for path in sorted(folder.iterdir())] == before
    assert commands.run(published, "verify").code == 0


def test_a_publication_cut_off_before_the_ledger_is_no_version(published: Path) -> None:
    folder = published / "outputs" / "versions"
    shutil.copytree(folder / "2", folder / "3")
    record = folder / "3" / "version.json"
    record.write_text(json.dumps(json.loads(record.read_text()) | {"number": 3}))
    shutil.copytree(folder / "2", folder / ".publishing-dev")
    listed = json.loads(command_in(published, "versions", "--format", "json").out)
    assert len(listed["versions"]) == 2
    done = command_in(published, "publish", "--approver", "Ann")
    assert done.code == 0, done.err
    assert "v3 of env=dev is published" in done.out
    assert command_in(published, "verify").code == 0
    assert not (folder / ".publishing-dev").exists()


def test_old_final_clusters_are_not_shown_beside_new_internal_ones(published: Path) -> None:
    done = command_in(published, "run", "internal_ml", "internal.model.k=3")
    assert done.code == 0, done.err
    for command in (("export", "--format", "csv"), ("report",), ("diff", "v1")):
        done = command_in(published, *command)
        assert done.code == 3, (command, done)
        assert "merged was not made from the present internal/" in done.err


def _cut_last_line(versions: Path) -> None:
    path = versions / "ledger.jsonl"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))


def _unseal_head(versions: Path) -> None:
    _cut_last_line(versions)
    lines = (versions / "ledger.jsonl").read_bytes().splitlines()
    head = {"events": 1, "last": hashlib.sha256(lines[0]).hexdigest(), "signed": False}
    (versions / "ledger.head").write_text(json.dumps(head))


def _spoil_encoding(versions: Path) -> None:
    path = versions / "ledger.jsonl"
    path.write_bytes(path.read_bytes().replace(b"Ann", b"\xff\xfe\xfd"))


LOSSES = {
    "deleted": lambda versions: (versions / "ledger.jsonl").unlink(),
    "deleted with its head": lambda versions: [path.unlink() for path in versions.glob("ledger.*")],
    "emptied": lambda versions: (versions / "ledger.jsonl").write_text(""),
    "without its last line": _cut_last_line,
    "without its head": lambda versions: (versions / "ledger.head").unlink(),
    "with a head without a seal": _unseal_head,
    "no longer UTF-8": _spoil_encoding,
    "nested too deeply": lambda versions: (versions / "ledger.jsonl").write_text("[" * 100_000),
    "with a head nested too deeply": lambda versions: (versions / "ledger.head").write_text(
        "[" * 100_000
    ),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_a_ledger_that_lost_something_is_refused_and_no_version_is_removed(
    loss: str, published: Path
) -> None:
    versions = published / "outputs" / "versions"
    LOSSES[loss](versions)
    for command in (("verify",), ("versions",), ("publish", "--approver", "Eve")):
        done = command_in(published, *command)
        assert done.code == 3, (command, done)
        assert "ledger.jsonl" in done.err, done.err
    assert {path.name for path in versions.iterdir() if path.is_dir()} == {"1", "2"}


def test_a_numbered_folder_that_no_publication_left_is_not_removed(published: Path) -> None:
    versions = published / "outputs" / "versions"
    shutil.copytree(versions / "1", versions / "3")
    done = command_in(published, "publish", "--approver", "Ann")
    assert done.code == 3, done
    assert "versions/3 is not in " in done.err
    assert (versions / "3" / "version.json").exists()


def test_a_line_that_came_before_its_head_is_no_loss(published: Path) -> None:
    """As after a kill between the two: the next publication goes on."""
    head = published / "outputs" / "versions" / "ledger.head"
    before = head.read_text()
    assert command_in(published, "rollback", "--who", "Ann").code == 0
    head.write_text(before)
    listed = json.loads(command_in(published, "versions", "--format", "json").out)
    assert [row["state"] for row in listed["versions"]] == ["in effect", "withdrawn"]
    assert command_in(published, "publish", "--approver", "Ann").code == 0
    assert json.loads(head.read_text())["events"] == 4


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda record: record | {"format": 99}, "was written by a newer clustering"),
        (
            lambda record: {name: record[name] for name in record if name != "format"},
            "was written by an older clustering (record format 1)",
        ),
    ],
)
def test_a_record_of_another_tool_version_is_not_called_changed(
    change: Callable[[dict], dict], told: str, published: Path
) -> None:
    path = published / "outputs" / "versions" / "1" / "version.json"
    path.write_text(json.dumps(change(json.loads(path.read_text()))))
    done = command_in(published, "versions", env={"COLUMNS": "200"})
    assert done.code == 0, done.err
    assert told in done.out
    assert "changed" not in done.out


def test_a_record_nested_too_deeply_is_one_line(published: Path) -> None:
    path = published / "outputs" / "versions" / "1" / "version.json"
    path.write_text("[" * 100_000)
    done = command_in(published, "diff", "v1")
    assert done.code == 3, done
    assert "is not a valid record of a version" in done.err
    (published / "data/dev/merged/manifest.json").write_text("[" * 100_000)
    assert command_in(published, "status").code == 0


@pytest.mark.parametrize(
    ("obstacle", "command"),
    [
        ("outputs/versions/.lock", ("publish", "--approver", "Ann")),
        ("outputs/versions/.lock", ("rollback", "--who", "Ann")),
        ("outputs/versions/.writing-ledger.jsonl", ("rollback", "--who", "Ann")),
        ("outputs/versions/.writing-ledger.jsonl", ("publish", "--approver", "Ann")),
        ("data/.lock", ("run", "--force")),
        ("data/.writing-.lock-holder.json", ("run", "--force")),
    ],
)
def test_what_is_in_the_way_is_named(
    obstacle: str, command: tuple[str, ...], published: Path
) -> None:
    place = published / obstacle
    place.unlink(missing_ok=True)
    place.mkdir()
    done = command_in(published, *command)
    assert done.code == 4, done
    assert obstacle in done.err
    assert "bug" not in done.err


def test_files_for_other_systems_that_are_right_are_not_written_again(published: Path) -> None:
    folder = published / "outputs" / "published" / "dev"

    def state() -> list[tuple[int, int]]:
        return [(path.stat().st_ino, path.stat().st_mtime_ns) for path in sorted(folder.iterdir())]

    before = state()
    done = command_in(published, "publish", "--approver", "Ann", "--from", "2999-01-01")
    assert done.code == 0, done.err
    assert state() == before


def test_damaged_files_for_other_systems_are_replaced_in_one_step(published: Path) -> None:
    folder = published / "outputs" / "published" / "dev"
    (folder / "planogram.csv").write_text("damaged")
    before = folder.resolve()
    opened = (folder / "stores.parquet").open("rb")
    assert command_in(published, "versions").code == 0
    assert folder.resolve() != before
    assert pl.read_parquet(opened.read()).height > 0
    assert sorted(path.name for path in folder.parent.iterdir()) == [".dev-v2-2", "dev"]


def test_a_folder_in_the_place_of_the_pointer_is_replaced(published: Path) -> None:
    folder = published / "outputs" / "published" / "dev"
    folder.unlink()
    (folder / "deep").mkdir(parents=True)
    assert command_in(published, "versions").code == 0
    assert json.loads((folder / "version.json").read_text())["version"] == 2


def test_a_killed_rollback_to_no_version_is_finished(project: Path) -> None:
    assert command_in(project, "publish", "--approver", "Ann").code == 0
    assert command_in(project, "rollback", "--who", "Ann").code == 0
    left = project / "outputs" / "published" / ".dev-v1"
    left.mkdir(parents=True)
    assert command_in(project, "versions").code == 0
    assert not left.exists()


def test_a_head_that_cannot_be_written_is_written_by_the_next_command(published: Path) -> None:
    versions = published / "outputs" / "versions"
    obstacle = versions / ".writing-ledger.head"
    obstacle.mkdir()
    done = command_in(published, "rollback", "--who", "Ann")
    assert done.code == 0, done.err
    assert "v2 is withdrawn" in done.out
    assert "ledger.head cannot be written" in done.err
    done = command_in(published, "versions")
    assert done.code == 0, done.err
    assert "is not finished" in done.err
    obstacle.rmdir()
    assert command_in(published, "versions").code == 0
    assert json.loads((versions / "ledger.head").read_text())["events"] == 3
