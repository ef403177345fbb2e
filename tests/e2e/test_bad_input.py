"""Every bad input and bad command line: its exit code, one line that names the culprit, nothing
lost.
"""

from __future__ import annotations

import errno
import gzip
import resource
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pytest

from clustering.cli.boundary import boundary
from clustering.cli.execution import require_limits
from clustering.errors import StageError
from tests.conftest import clean_environment, command_in
from tests.e2e.snapshot import tables

RAW = Path("data/raw")


@dataclass(frozen=True)
class Bad:
    """`spoil` changes the raw data of a finished project, then `words` are run."""

    name: str
    words: tuple[str, ...]
    code: int
    culprit: tuple[str, ...]
    spoil: Callable[[Path], object] = field(default=lambda folder: None)


def _sales(change: Callable[[pl.DataFrame], pl.DataFrame]) -> Callable[[Path], object]:
    def spoil(folder: Path) -> None:
        path = folder / RAW / "sales.parquet"
        change(pl.read_parquet(path)).write_parquet(path)

    return spoil


def _write(name: str, content: bytes) -> Callable[[Path], object]:
    return lambda folder: (folder / RAW / name).write_bytes(content)


def _remove(name: str) -> Callable[[Path], object]:
    return lambda folder: (folder / RAW / name).unlink()


PREPROCESS = ("preprocess",)
EXTERNAL = ("preprocess", "track=external")
CASES: list[Bad] = [
    # the command line and the configuration
    Bad("unknown_command", ("trian",), 2, ("trian",)),
    Bad("unknown_job", ("run", "internal_lm"), 2, ("internal_lm", "internal_ml")),
    Bad("misspelt_key", ("train", "model.kmax=6"), 2, ("model.kmax", "model.k_max")),
    Bad("misspelt_section", ("train", "modl.k_max=6"), 2, ("modl.k_max", "model.k_max")),
    Bad("wrong_type", ("train", "model.k_max=many"), 2, ("model.k_max", "many")),
    Bad("out_of_range", ("train", "model.k_min=0"), 2, ("model.k_min=0", "1 to 1000")),
    Bad(
        "k_min_above_k_max",
        ("train", "model.k_min=8", "model.k_max=4"),
        2,
        ("model.k_min=8", "model.k_max=4"),
    ),
    Bad(
        "unknown_choice", ("features", "features.transform=helinger"), 2, ("helinger", "hellinger")
    ),
    Bad("unknown_env", ("train", "env=production"), 2, ("production", "prod")),
    Bad("unknown_model", ("train", "model=kmean"), 2, ("kmean", "kmeans")),
    Bad("unknown_track", ("train", "track=both"), 2, ("both", "internal")),
    Bad("broken_override", ("train", "model.k_max=[1,"), 2, ("model.k_max=[1,",)),
    Bad("unknown_flag", ("train", "--frobnicate"), 2, ("--frobnicate",)),
    Bad(
        "setting_of_other_family",
        ("train", "model=kmeans", "model.covariance=full"),
        2,
        ("model.covariance",),
    ),
    Bad("unknown_source", ("preprocess", "source.name=oracle"), 2, ("oracle", "files")),
    Bad(
        "misspelt_criterion",
        ("train", "select.criteria=[bic,silhuette]"),
        2,
        ("silhuette", "silhouette"),
    ),
    Bad(
        "addressed_misspelt_key", ("run", "internal.model.kmax=6"), 2, ("model.kmax", "model.k_max")
    ),
    Bad(
        "holdout_without_time",
        (*PREPROCESS, "preprocess.holdout=time"),
        2,
        ("preprocess.holdout=time", "week"),
        _sales(lambda sales: sales.drop("WEEK")),
    ),
    # the input data
    Bad(
        "missing_sales", PREPROCESS, 3, ("sales.parquet", "source.sales"), _remove("sales.parquet")
    ),
    Bad(
        "missing_map",
        PREPROCESS,
        3,
        ("need_states.csv", "source.need_states"),
        _remove("need_states.csv"),
    ),
    Bad(
        "corrupt_parquet",
        PREPROCESS,
        3,
        ("sales.parquet",),
        _write("sales.parquet", b"PAR1 this is not parquet"),
    ),
    Bad(
        "truncated_gzip",
        (*PREPROCESS, "source.sales=data/raw/sales.csv.gz"),
        3,
        ("sales.csv.gz",),
        _write(
            "sales.csv.gz", gzip.compress(b"STORE_NBR,SKU_NBR,TOTAL_SALES\n1,1,1\n" * 9999)[:40]
        ),
    ),
    Bad(
        "unknown_ending",
        (*PREPROCESS, "source.sales=data/raw/sales.docx"),
        3,
        ("sales.docx", ".parquet"),
        _write("sales.docx", b"x"),
    ),
    Bad(
        "missing_column",
        PREPROCESS,
        3,
        ("sales.parquet", "TOTAL_SALES", "source.columns.sales.total_sales"),
        _sales(lambda sales: sales.drop("TOTAL_SALES")),
    ),
    Bad(
        "sales_as_text",
        PREPROCESS,
        3,
        ("sales.parquet", "TOTAL_SALES", "numbers"),
        _sales(lambda sales: sales.with_columns(TOTAL_SALES=pl.lit("many"))),
    ),
    Bad("no_rows", PREPROCESS, 3, ("sales.parquet", "empty"), _sales(lambda sales: sales.clear())),
    Bad(
        "no_usable_row",
        PREPROCESS,
        3,
        ("no sales row is usable",),
        _sales(lambda sales: sales.with_columns(TOTAL_SALES=pl.lit(-1.0))),
    ),
    Bad(
        "too_many_faulty_rows",
        (*PREPROCESS, "preprocess.max_quarantined_share=0.01"),
        3,
        ("sales", "preprocess.max_quarantined_share=0.01"),
        _sales(
            lambda sales: sales.with_columns(
                TOTAL_SALES=pl.when(pl.int_range(pl.len()) % 10 == 0)
                .then(-1.0)
                .otherwise(pl.col("TOTAL_SALES"))
            )
        ),
    ),
    Bad(
        "ambiguous_column",
        PREPROCESS,
        3,
        ("sku_nbr", "source.columns.sku_nbr"),
        _sales(lambda sales: sales.with_columns(PRODUCT_ID=pl.col("SKU_NBR"))),
    ),
    Bad(
        "external_without_store",
        EXTERNAL,
        3,
        ("foot_traffic.csv", "source.columns.external.store_nbr"),
        _write("external/foot_traffic.csv", b"SHOP,VISITS\n1,2\n3,4\n"),
    ),
    Bad(
        "repeated_csv_column",
        EXTERNAL,
        3,
        ("twice.csv", "visits"),
        _write("external/twice.csv", b"STORE_NBR,visits,visits\n00001,1,2\n00002,3,4\n"),
    ),
    Bad(
        "duplicate_stores_refused",
        (*EXTERNAL, "preprocess.duplicates=error"),
        3,
        ("double.csv", "preprocess.duplicates"),
        _write("external/double.csv", b"STORE_NBR,x\n00001,1\n00001,2\n00002,5\n"),
    ),
    Bad("upstream_missing", ("train", "env=staging"), 3, ("clustering", "track=internal")),
    Bad(
        "artifact_tampered_with",
        ("train", "--force"),
        3,
        ("content hash", "clustering features track=internal"),
        lambda folder: (folder / "data/dev/internal/features/matrix.parquet").write_bytes(
            (folder / "data/dev/internal/preprocess/stores.parquet").read_bytes()
        ),
    ),
    Bad(
        "model_tampered_with",
        ("assign", "--force"),
        3,
        ("content hash", "clustering train track=internal"),
        lambda folder: (folder / "outputs/models/dev/internal/train.zip").write_bytes(b"no model"),
    ),
    # a stage that cannot do its work
    Bad("k_exceeds_stores", ("train", "model.k=4000"), 2, ("model.k=4000",)),
    Bad(
        "k_exceeds_fitted_stores",
        ("train", "model.k=900", "model.strict_k=true"),
        4,
        ("model.k=900", "COFFEE", "use 1-"),
    ),
    Bad(
        "nothing_reaches_floor",
        (
            "merge",
            "merge.min_cluster_size=500",
            "merge.min_cluster_share=null",
            "merge.none_reaches_floor=error",
        ),
        4,
        ("merge.min_cluster_size=500", "COFFEE"),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bad_input_is_named_and_nothing_is_lost(case: Bad, project: Path) -> None:
    case.spoil(project)
    before = tables(project)
    done = command_in(project, *case.words)
    assert done.code == case.code, done.err
    assert "Traceback" not in done.err
    for word in case.culprit:
        assert word in done.err, done.err
    if case.name not in (
        "unknown_command",
        "unknown_flag",
    ):  # Typer and argparse have their own form
        errors = [line for line in done.err.splitlines() if line.startswith("error: ")]
        assert len(errors) == 1, done.err
        assert len(done.err.splitlines()) <= 12, done.err
    assert tables(project) == before


def test_traceback_only_with_debug(project: Path) -> None:
    done = command_in(project, "train", "model.k=900", "model.strict_k=true", "--debug")
    assert done.code == 4
    assert "Traceback" in done.err


def test_next_run_after_a_failure_just_works(project: Path) -> None:
    sales = project / RAW / "sales.parquet"
    good = sales.read_bytes()
    sales.write_bytes(b"broken")
    assert command_in(project, "run").code == 3
    sales.write_bytes(good)
    before = tables(project)
    assert command_in(project, "run").code == 0
    assert tables(project) == before


@pytest.mark.parametrize(
    "words",
    [
        ("run",),
        ("preprocess",),
        ("merge",),
        ("publish", "--approver", "A"),
        ("rollback", "--who", "A"),
    ],
)
def test_a_command_in_a_wrong_folder_leaves_nothing_behind(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    done = command_in(tmp_path, *words)
    assert done.code in (2, 3), done.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("largest", [3_000, 8_000])
def test_a_disk_that_takes_no_more_is_one_line_and_4(largest: int, project: Path) -> None:
    """As a full disk, by a limit on the size of files."""
    before = tables(project)
    done = subprocess.run(
        [sys.executable, "-m", "clustering", "run", "model.k=3", "executor.workers=1"],
        cwd=project,
        env=clean_environment(),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 4, done.stderr
    assert "File too large" in done.stderr
    assert "bug" not in done.stderr
    after = tables(project)
    assert {name: after[name] for name in before if "train" in name} == {
        name: before[name] for name in before if "train" in name
    }


@pytest.mark.parametrize("name", ["RLIMIT_NOFILE", "RLIMIT_AS"])
def test_limits_that_are_too_low_to_start_are_named(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    low = {getattr(resource, name): (20, 20)}
    boundless = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    monkeypatch.setattr(resource, "getrlimit", lambda which: low.get(which, boundless))
    with pytest.raises(StageError, match=r"this process may have only 20 .* it needs "):
        require_limits()


class PanicException(BaseException):
    """As Rust code ends a call."""

    __module__ = "pyo3_runtime"


@pytest.mark.parametrize(
    "error",
    [
        PanicException('failed to spawn thread: Os { code: 11, kind: WouldBlock, message: "x" }'),
        RuntimeError("can't start new thread"),
        OSError(errno.EMFILE, "Too many open files"),
        MemoryError(),
    ],
)
def test_limits_that_are_met_later_are_one_line_and_4(
    error: BaseException, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended, boundary(debug=False):
        raise error
    assert ended.value.code == 4
    assert "a limit of the system is too low" in capsys.readouterr().err
