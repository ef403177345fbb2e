"""Overrides through the command line: replayed, priced, recorded, and gone when the file is."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tests.conftest import command_in

FLOOR = "merge.min_cluster_size=5"
HEAD = "kind,category,store_nbr,cluster,value,who,why,until\n"


def _merged(project: Path, table: str) -> pl.DataFrame:
    return pl.read_parquet(project / "data" / "dev" / "merged" / f"{table}.parquet")


def _run(project: Path, rows: str, *words: str) -> tuple[int, str, str]:
    (project / "overrides.csv").write_text(HEAD + rows)
    done = command_in(
        project, "run", "source.overrides=overrides.csv", "report.page=false", FLOOR, *words
    )
    return done.code, done.out, done.err


@pytest.fixture
def clusters(project: Path) -> tuple[Path, str, list[str], pl.DataFrame]:
    """A project, a category of it, its final clusters and the stores in them."""
    assert command_in(project, "merge", FLOOR).code == 0
    assignments = _merged(project, "assignments")
    category = assignments["category"][0]
    own = assignments.filter(category=category)
    return project, category, own["final_cluster"].unique().sort().to_list(), own


def test_overrides_are_replayed_priced_and_recorded(
    clusters: tuple[Path, str, list[str], pl.DataFrame],
) -> None:
    project, category, (first, second, *_), own = clusters
    pinned, excluded, flagship, moved = (
        own.filter(final_cluster=first)["store_nbr"].head(4).to_list()
    )
    rows = (
        f"pin,{category},{pinned},{second},,Ann,local taste,\n"
        f"exclude,,{excluded},,,Bob,closes in May,2030-01-01\n"
        f"flagship,{category},{flagship},,,Ann,own planogram,\n"
        f"rename,{category},,{second},City pantry,Ann,as we say,\n"
        f"renumber,,{moved},,99999,Bob,moved over the road,\n"
        f"pin,{category},{moved},{second},,Ann,long ago,2020-01-01\n"
    )
    code, out, err = _run(project, rows)
    assert code == 0, err
    after = _merged(project, "assignments").filter(category=category)
    final = dict(after.select("store_nbr", "final_cluster").iter_rows())
    assert (final[pinned], final[flagship], final["99999"]) == (second, "flagship", first)
    assert excluded not in _merged(project, "assignments")["store_nbr"]
    assert moved not in final
    rest = own.filter(~pl.col("store_nbr").is_in([pinned, excluded, flagship, moved]))
    assert rest.select("store_nbr", "final_cluster").rows() == [
        (s, final[s]) for s in rest["store_nbr"]
    ]
    names = dict(
        _merged(project, "clusters")
        .filter(category=category)
        .select("final_cluster", "name")
        .iter_rows()
    )
    assert (names[second], names["flagship"]) == ("City pantry", "flagship")
    log = _merged(project, "overrides")
    assert log["status"].to_list() == ["applied"] * 5 + ["expired"]
    before, later = (
        log.filter(kind="pin", status="applied").select("distance_before", "distance_after").row(0)
    )
    assert later > before  # the model had put it where it is nearest
    assert "overrides: 5 applied, 1 expired; 1 pinned stores are" in out
    summary = _merged(project, "summary").filter(category=category).row(0, named=True)
    assert summary["stores"] == after.height
    exported = command_in(project, "export", "--format", "csv", "--output", "exported")
    assert exported.code == 0, exported.err
    stores = pl.read_csv(
        project / "exported" / "stores.csv", schema_overrides={"store_nbr": pl.String}
    )
    told = {
        row["store_nbr"]: row["final_name"]
        for row in stores.filter(category=category).iter_rows(named=True)
    }
    assert told[pinned] == "City pantry"
    assert "99999" in told
    assert excluded not in told
    again = _run(project, rows)
    assert again[2].count("fresh, skipped") == 11
    plain = command_in(project, "run", "report.page=false", FLOOR)
    assert plain.code == 0, plain.err
    assert _merged(project, "assignments").filter(category=category).equals(own)


def test_mistakes_stop_the_merge_with_one_line_each_and_change_nothing(
    clusters: tuple[Path, str, list[str], pl.DataFrame],
) -> None:
    project, category, (first, *_), own = clusters
    store, before = own["store_nbr"][0], _merged(project, "assignments")
    rows = (
        f"pin,{category},{store},{first},,Ann,taste,\n"
        f"pim,{category},{store},{first},,Ann,taste,\n"
        f"pin,{category},{store},9_9,,Ann,taste,\n"
        f"exclude,,{store},,,Ann,taste,\n"
    )
    code, _, err = _run(project, rows)
    assert code == 3
    assert "source.overrides: 3 of 4 rows cannot be applied" in err
    for line in (
        "row 2: kind 'pim'",
        "row 3: ",
        "row 4: exclude store",
        "overrides.on_mistake=skip",
    ):
        assert line in err
    assert _merged(project, "assignments").equals(before)
    code, out, err = _run(project, rows, "overrides.on_mistake=skip")
    assert code == 0, err
    assert "1 applied, 3 left out as mistakes" in out
    assert _merged(project, "overrides")["status"].to_list() == [
        "applied",
        "mistake",
        "mistake",
        "mistake",
    ]


def test_a_file_without_rows_overrides_nothing_and_one_without_a_column_is_refused(
    project: Path,
) -> None:
    assert _run(project, "")[0] == 0
    assert _merged(project, "overrides").is_empty()
    (project / "overrides.csv").write_text("kind,store_nbr\npin,1\n")
    done = command_in(project, "run", "source.overrides=overrides.csv")
    assert done.code != 0
    assert "no column" in done.err
    assert "Traceback" not in done.err


def test_a_pin_that_empties_a_cluster_below_the_floor_is_said(
    clusters: tuple[Path, str, list[str], pl.DataFrame],
) -> None:
    project, category, (first, second, *_), own = clusters
    moved = own.filter(final_cluster=first)["store_nbr"].to_list()[1:]
    rows = "".join(f"pin,{category},{store},{second},,Ann,test,\n" for store in moved)
    code, out, err = _run(project, rows)
    assert code == 0, err
    assert f"final cluster {first} has 1 stores, below the floor of 5" in out
