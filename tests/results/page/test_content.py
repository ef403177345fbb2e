"""What the page is given: the pipeline's numbers, in the order a reader wants them."""

from __future__ import annotations

import base64
import json
import zlib

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import adjusted_rand_score

from clustering.errors import DataError
from clustering.results.page.content.alike import agreements
from clustering.results.page.content.content import Content, content_of
from clustering.results.page.content.labels import ReadableLabels, tidy
from clustering.results.page.content.run_tables import read_run_tables
from clustering.results.page.content.stores import _near, described
from clustering.results.page.content.summaries import code_order
from clustering.results.page.deflated import deflated, script_json
from clustering.store.catalog import Catalog


@pytest.fixture(scope="module")
def catalog(finished_dir) -> Catalog:
    return Catalog(str(finished_dir / "data"), str(finished_dir / "outputs"), "dev")


@pytest.fixture(scope="module")
def content(catalog) -> Content:
    return content_of(read_run_tables(catalog))


def merged(finished_dir, name: str) -> pl.DataFrame:
    return pl.read_parquet(finished_dir / "data/dev/merged" / f"{name}.parquet")


def test_categories_stand_by_sales_with_the_clusters_of_the_tables(content, finished_dir):
    clusters = merged(finished_dir, "clusters")
    sales = [category["sales"] for category in content.main["categories"]]
    assert sales == sorted(sales, reverse=True)
    for category in content.main["categories"]:
        own = clusters.filter(category=category["key"])
        found = {
            (one["code"], one["name"], one["stores"], one["sales"]) for one in category["clusters"]
        }
        wanted = own.select("final_cluster", "name", "stores", pl.col("sales").round(2))
        assert found == set(wanted.iter_rows())


def test_plans_are_worth_what_the_tables_say(content, finished_dir):
    whole = merged(finished_dir, "worth").filter(pl.col("final_cluster").is_null())
    gains = dict(whole.select("category", "gain").iter_rows())
    summary = merged(finished_dir, "summary")
    budget = content.main["budget"]
    for place, category in enumerate(content.main["categories"]):
        assert category["worth"]["gain"] == pytest.approx(gains[category["key"]], abs=1e-6)
        final = summary.filter(category=category["key"])["final_k"].item()
        curve = budget["curves"][place]
        assert len(curve) == final
        assert curve[-1] == pytest.approx(category["worth"]["sales"], abs=0.01)
    of_each = [worth / (after - before) for _, before, after, worth in budget["steps"]]
    assert of_each == sorted(of_each, reverse=True)


def test_the_period_is_that_of_the_sales(content, finished_dir):
    weeks = pl.read_parquet(finished_dir / "data/raw/sales.parquet")["WEEK"]
    assert content.main["run"]["period"] == f"weeks {weeks.min()} to {weeks.max()}"


def test_every_store_stands_in_its_final_cluster(content, finished_dir):
    assignments = merged(finished_dir, "assignments")
    numbers = content.main["stores"]["number"]
    for place, category in enumerate(content.main["categories"]):
        block = content.blocks[f"category-{place}"]
        found = {
            numbers[store]: category["clusters"][final]["code"]
            for store, final in zip(block["store"], block["final"], strict=True)
        }
        own = assignments.filter(category=category["key"])
        assert found == dict(own.select("store_nbr", "final_cluster").iter_rows())


def test_shares_and_indices_are_those_of_the_profiles(content, finished_dir):
    table = merged(finished_dir, "profiles").filter(kind="need_state")
    for category, profile in zip(
        content.main["categories"], content.blocks["profiles"], strict=True
    ):
        own = table.filter(category=category["key"])
        for at, cluster in enumerate(category["clusters"]):
            rows = own.filter(final_cluster=cluster["code"]).rows_by_key(
                "feature", named=True, unique=True
            )
            for column, (raw, _) in enumerate(profile["features"]):
                if raw:
                    row = rows[raw]
                    assert profile["mean"][at][column] == pytest.approx(row["mean"])
                    assert profile["index"][at][column] == pytest.approx(row["index"])
            assert sum(profile["mean"][at]) == pytest.approx(1, abs=1e-4)
        # a mix is its clusters together: all mixes make the category
        sales = [
            sum(one["sales"] for one in category["clusters"] if one["mix"] == mix)
            for mix in range(len(category["mixes"]))
        ]
        overall = np.average(profile["mixMean"], axis=0, weights=sales)
        assert overall == pytest.approx(profile["overall"], abs=1e-4)


def test_the_page_can_recompute_captured_from_the_shares_it_has(content):
    for place, category in enumerate(content.main["categories"]):
        placed, held = content.blocks[f"category-{place}"], content.blocks[f"shares-{place}"]
        shares = np.array(held["thousandths"]).reshape(-1, held["features"]) / 1000
        sales, final = np.array(placed["sales"]), np.array(placed["final"])

        def squares(rows, sales=sales, shares=shares):
            centre = np.average(shares[rows], axis=0, weights=sales[rows])
            return (sales[rows, None] * (shares[rows] - centre) ** 2).sum()

        within = sum(squares(final == cluster) for cluster in np.unique(final))
        found = 1 - within / squares(sales >= 0)
        assert found == pytest.approx(category["captured"], abs=2e-3)


def test_stores_to_look_at_are_on_the_fence(content):
    for place, category in enumerate(content.main["categories"]):
        assert len(content.blocks[f"category-{place}"]["fence"]) == category["plan"]["look"]


def test_a_wanted_category_that_is_not_there_is_named(catalog):
    with pytest.raises(DataError, match="no category 'TEA'"):
        read_run_tables(catalog, ["TEA"])


def test_the_agreement_of_categories_is_the_adjusted_rand_index_over_shared_stores():
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 3, (3, 120))
    labels[1, :60] = labels[0, :60]
    absent = rng.random((3, 120)) < 0.2
    member = np.zeros((120, 9), dtype=np.float64)
    for category in range(3):
        rows = np.flatnonzero(~absent[category])
        member[rows, 3 * category + labels[category, rows]] = 1
    found = agreements(member, np.repeat(np.arange(3), 3), 3)
    for one, other in ((0, 1), (0, 2), (1, 2)):
        both = ~absent[one] & ~absent[other]
        wanted = adjusted_rand_score(labels[one, both], labels[other, both])
        assert found[one, other] == pytest.approx(wanted)
        assert found[other, one] == pytest.approx(wanted)
    assert np.isnan(np.diag(found)).all()


def test_the_nearest_stores_on_the_map_are_in_kilometres():
    # London, Paris, Brussels; one store without coordinates
    latitude = np.array([51.5074, 48.8566, np.nan, 50.8503])
    longitude = np.array([-0.1278, 2.3522, np.nan, 4.3517])
    found = _near(latitude, longitude)
    assert [place for place, _ in found[1]] == [3, 0]
    assert found[1][0][1] == pytest.approx(264, abs=2)
    assert found[1][1][1] == pytest.approx(344, abs=2)
    assert found[2] == []


def test_names_are_tidied_only_where_nobody_wrote_them_with_care():
    assert tidy("SOFT_DRINKS  12PK") == "Soft drinks 12pk"
    assert tidy("Dry January") == "Dry January"
    assert ReadableLabels().of("attribute", "store_format=express") == "Store format: express"


def test_the_retailers_own_labels_come_first():
    labels = ReadableLabels(
        {("attribute", "store_format"): "Format", ("category", "SFT DRNK"): "Soda"}
    )
    assert labels.of("attribute", "store_format=express") == "Format: express"
    assert labels.of("category", "SFT DRNK") == "Soda"
    assert labels.of("need_state", "SFT DRNK") == "Soft drink"


def test_an_attribute_is_written_in_its_own_kind():
    assert described("has_parking", "Parking", np.array([0.0, 1.0, np.nan]))["form"] == "yes"
    assert described("share_x", "Share x", np.array([0.1, 0.4]))["form"] == "share"
    wide = described("trips", "Trips", np.array([100.0, 5000.0]))
    assert (wide["form"], wide["digits"]) == ("number", 0)


def test_codes_stand_as_a_reader_counts():
    codes = ["flagship", "AA", "A10", "B", "A2", "A1"]
    assert sorted(codes, key=code_order) == ["A1", "A2", "A10", "B", "AA", "flagship"]


def test_data_cannot_end_the_script_it_stands_in():
    text = script_json({"name": "</script><b>\u2028"})
    assert "<" not in text
    assert json.loads(text) == {"name": "</script><b>\u2028"}


def test_a_block_is_raw_deflate_of_json():
    packed = base64.b64decode(deflated([1, "é"]))
    assert json.loads(zlib.decompress(packed, wbits=-15)) == [1, "é"]
