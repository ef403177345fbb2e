"""Inputs from a bucket, the data directory in it, and what happens when it goes away."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import boto3
import polars as pl
import pytest

from tests.conftest import command_in
from tests.services.conftest import PASSWORD
from tests.services.servers import S3Server
from tests.services.test_canary import leaks

BUCKET = "shop"
TABLES = ("internal/assign/assignments", "external/assign/assignments", "merged/assignments")


@pytest.fixture
def bucket(s3: S3Server, sample_dir: Path) -> Iterator[S3Server]:
    """A bucket with the sample's raw files below data/raw."""
    client = _client(s3)
    client.create_bucket(Bucket=BUCKET)
    for path in sorted((sample_dir / "data" / "raw").rglob("*.*")):
        client.upload_file(
            str(path), BUCKET, f"data/raw/{path.relative_to(sample_dir / 'data' / 'raw')}"
        )
    yield s3
    for name in _names(s3):
        client.delete_object(Bucket=BUCKET, Key=name)
    client.delete_bucket(Bucket=BUCKET)


def _client(s3: S3Server):  # type: ignore[no-untyped-def]
    variables = s3.env
    return boto3.client(
        "s3",
        endpoint_url=s3.address,
        region_name="us-east-1",
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
    )


def _names(s3: S3Server) -> list[str]:
    found = _client(s3).list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return [item["Key"] for item in found]


def _download(s3: S3Server, folder: Path) -> None:
    for number, name in enumerate(_names(s3)):
        path = folder / str(number) / name
        path.parent.mkdir(parents=True)
        _client(s3).download_file(BUCKET, name, str(path))


def _table(s3: S3Server, table: str, tmp_path: Path) -> pl.DataFrame:
    path = tmp_path / "downloaded.parquet"
    _client(s3).download_file(BUCKET, f"data/dev/{table}.parquet", str(path))
    return pl.read_parquet(path)


IN_BUCKET = "paths.data_dir=s3://shop/data"


def test_inputs_and_data_directory_in_a_bucket_give_the_clusters_of_files(
    bucket: S3Server, finished_dir: Path, tmp_path: Path
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    done = command_in(here, "run", IN_BUCKET, env=bucket.env)
    assert done.code == 0, done.err
    assert "s3://shop/data/dev" in done.out
    for table in TABLES:
        assert _table(bucket, table, tmp_path).equals(
            pl.read_parquet(finished_dir / "data" / "dev" / f"{table}.parquet")
        )
    assert "data/.lock" not in _names(bucket)
    again = command_in(here, "run", IN_BUCKET, env=bucket.env)
    assert again.err.count("fresh, skipped") == 11, again.err
    # another machine: nothing local, but the tables are fetched; only fitted models must be made
    # again
    there = tmp_path / "there"
    there.mkdir()
    merged = command_in(there, "merge", IN_BUCKET, "merge.min_cluster_size=5", env=bucket.env)
    assert merged.code == 0, merged.err
    assert "s3://shop/data/dev/merged/assignments.parquet" in merged.out
    assert (
        "fresh"
        in command_in(there, "status", IN_BUCKET, "merge.min_cluster_size=5", env=bucket.env).out
    )
    shutil.rmtree(here / "outputs" / "mirror")
    published = command_in(here, "publish", IN_BUCKET, "--approver", "Ann", env=bucket.env)
    assert published.code == 0, published.err
    assert (here / "outputs" / "published" / "dev" / "planogram.csv").exists()


def test_a_changed_object_makes_its_stage_stale(bucket: S3Server, tmp_path: Path) -> None:
    assert command_in(tmp_path, "preprocess", "track=external", IN_BUCKET, env=bucket.env).code == 0
    client = _client(bucket)
    name = "data/raw/external/competition.csv"
    text = client.get_object(Bucket=BUCKET, Key=name)["Body"].read().decode()
    client.put_object(Bucket=BUCKET, Key=name, Body="\n".join(text.splitlines()[:-3]) + "\n")
    shown = json.loads(
        command_in(tmp_path, "status", IN_BUCKET, "--format", "json", env=bucket.env).out
    )
    assert "input external changed" in json.dumps(shown)


def test_a_table_changed_in_the_bucket_is_refused(bucket: S3Server, tmp_path: Path) -> None:
    assert command_in(tmp_path, "run", IN_BUCKET, env=bucket.env).code == 0
    name = "data/dev/internal/assign/assignments.parquet"
    frame = _table(bucket, "internal/assign/assignments", tmp_path).with_columns(
        pl.lit(1).alias("cluster")
    )
    frame.write_parquet(tmp_path / "edited.parquet")
    _client(bucket).upload_file(str(tmp_path / "edited.parquet"), BUCKET, name)
    shutil.rmtree(tmp_path / "outputs" / "mirror")
    done = command_in(tmp_path, "merge", "--force", IN_BUCKET, env=bucket.env)
    assert done.code == 3, done.err
    assert "is not what internal/assign wrote" in done.err


def test_two_writers_do_not_meet_and_a_dead_one_does_not_block(
    bucket: S3Server, tmp_path: Path
) -> None:
    client = _client(bucket)
    client.put_object(
        Bucket=BUCKET,
        Key="data/.lock",
        Body=json.dumps({"host": "elsewhere", "pid": 7, "command": "clustering run"}),
    )
    done = command_in(tmp_path, "preprocess", IN_BUCKET, "executor.lock_timeout=1", env=bucket.env)
    assert done.code == 4
    assert "s3://shop/data is in use by process 7 on elsewhere (clustering run)" in done.err
    import socket

    client.put_object(
        Bucket=BUCKET,
        Key="data/.lock",
        Body=json.dumps({"host": socket.gethostname(), "pid": 2**22 - 1, "command": "x"}),
    )
    assert command_in(tmp_path, "preprocess", IN_BUCKET, env=bucket.env).code == 0


@pytest.mark.parametrize(
    ("words", "variables", "message"),
    [
        (("paths.data_dir=s3://nothing-here/data",), {}, "s3://nothing-here/data"),
        ((IN_BUCKET, "source.sales=s3://shop/data/raw/nothing*.parquet"), {}, "matches no file"),
        ((IN_BUCKET,), {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "s3://shop/data"),
    ],
)
def test_a_bucket_that_is_not_there_is_one_clear_line(
    bucket: S3Server,
    tmp_path: Path,
    words: tuple[str, ...],
    variables: dict[str, str],
    message: str,
) -> None:
    done = command_in(tmp_path, "run", *words, env=bucket.env | variables)
    assert done.code in (3, 4), done.err
    assert message in done.err
    assert "Traceback" not in done.err
    assert bucket.env["AWS_SECRET_ACCESS_KEY"] not in done.err + done.out


OF_KEY = "${oc.env:AWS_SECRET_ACCESS_KEY}"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("run", IN_BUCKET, "log.level=debug"), 0),
        (("run", IN_BUCKET, "-m", "internal.model.k_max=3,4"), 0),
        (("train", IN_BUCKET, "--cfg", "all"), 0),
        (("train", IN_BUCKET, "--cfg", "job", "--resolve", f"source.sales='{OF_KEY}'"), 0),
        (("preprocess", IN_BUCKET, "--debug", "source.sales=s3://shop/none.parquet"), 3),
        (("preprocess", IN_BUCKET, "--debug", f"source.sales='s3://shop/{OF_KEY}.parquet'"), 3),
        (("preprocess", "--debug", "paths.data_dir=s3://absent/data"), 4),
        (("preprocess", "--debug", f"paths.data_dir='s3://{OF_KEY}/data'"), 4),
    ],
)
def test_no_key_of_the_bucket_is_seen(
    words: tuple[str, ...], code: int, bucket: S3Server, tmp_path: Path
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    done = command_in(here, *words, env=bucket.env | {"AWS_SESSION_TOKEN": PASSWORD})
    assert done.code == code, done.err
    _download(bucket, tmp_path / "bucket")
    assert leaks(tmp_path, done) == []
