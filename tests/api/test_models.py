"""The estimators behave as scikit-learn's do."""

from __future__ import annotations

import doctest

import numpy as np
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.metrics import adjusted_rand_score
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import check_estimator

from clustering import api, models
from clustering.errors import ConfigError
from clustering.models import NeedStateMixture, StoreClusters, sales_matrix

TRUTH = np.repeat([0, 1, 2], 30)
MIXES = np.array([[0.7, 0.2, 0.1], [0.1, 0.7, 0.2], [0.2, 0.1, 0.7]])
X = np.vstack([np.random.default_rng(7).multinomial(800, mix, 30) for mix in MIXES]).astype(float)
# checks that do not apply to shares of sales
EXPECTED = {
    "check_clustering": "its data are centred at zero, sales are not negative",
    "check_estimators_dtypes": "one of its rows is all zeros, a store without sales has no mix",
}


@pytest.mark.parametrize("estimator", [NeedStateMixture(), StoreClusters("kmeans")], ids=str)
def test_scikit_learns_own_checks_pass(estimator: StoreClusters) -> None:
    found = check_estimator(estimator, expected_failed_checks=EXPECTED, on_fail=None, on_skip=None)
    failed = {one["check_name"]: one["exception"] for one in found if one["status"] == "failed"}
    assert failed == {}
    expected = {one["check_name"] for one in found if one["status"] == "xfail"}
    assert expected == EXPECTED.keys()
    assert sum(one["status"] == "passed" for one in found) > 30


def test_planted_groups_are_found_and_k_is_chosen_by_bic() -> None:
    fitted = NeedStateMixture().fit(X)
    assert fitted.n_clusters_ == 3
    assert adjusted_rand_score(TRUTH, fitted.labels_) == 1.0
    assert NeedStateMixture(n_clusters=2).fit(X).bic_ > fitted.bic_
    probability = fitted.predict_proba(X)
    assert probability.shape == (90, 3)
    assert np.allclose(probability.sum(axis=1), 1)


def test_search_over_k_inside_a_pipeline_finds_three() -> None:
    pipeline = make_pipeline(FunctionTransformer(), NeedStateMixture())
    search = GridSearchCV(clone(pipeline), {"needstatemixture__n_clusters": [1, 2, 3]}, cv=3)
    order = np.random.default_rng(0).permutation(len(X))
    assert search.fit(X[order]).best_params_ == {"needstatemixture__n_clusters": 3}


def test_a_long_table_gives_the_clusters_of_its_matrix() -> None:
    wide = pl.DataFrame(X, schema=["a", "b", "c"]).with_columns(
        store_nbr=pl.Series([f"{n:03}" for n in range(90)])
    )
    long = wide.unpivot(index="store_nbr", variable_name="need_state", value_name="total_sales")
    fitted = NeedStateMixture().fit(long.to_pandas())
    assert fitted.labels_.tolist() == NeedStateMixture().fit(X).labels_.tolist()
    assert fitted.predict(long.filter(store_nbr="000", need_state="a")).shape == (1,)
    assert sales_matrix(long).columns == ["store_nbr", "a", "b", "c"]


def test_an_unknown_family_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean 'kmeans'"):
        StoreClusters("kmean").fit(X)


def test_a_store_without_sales_is_refused() -> None:
    with pytest.raises(ValueError, match="1 stores sold nothing"):
        NeedStateMixture().fit(np.vstack([X, np.zeros(3)]))


def test_examples_in_docstrings_hold() -> None:
    for module in (models, api):
        failed, tried = doctest.testmod(module, optionflags=doctest.IGNORE_EXCEPTION_DETAIL)
        assert tried > 0
        assert failed == 0
