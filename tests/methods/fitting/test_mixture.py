"""Mixtures: the right maximum, the right noise, and the same result side by side and from a
sample.
"""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture

from clustering.methods.fitting import space as space_module
from clustering.methods.fitting.batch import Parameters, StoreArrays
from clustering.methods.fitting.em import expect, improve, start
from clustering.methods.fitting.mixture import estimate_noise, fit_tied_mixtures
from clustering.methods.fitting.scoring import _of_products, bounded
from clustering.methods.fitting.space import Space

CENTRES = np.array([[0.0, 0.0, 0.0], [4.0, 0.0, 1.0], [0.0, 5.0, -1.0]])


def _draw(n: int, noise: float = 0.0, seed: int = 0) -> tuple[Space, np.ndarray]:
    """StoreArrays of three clusters with W = diag(1, 0.5, 0.1) and information from 1 to 100."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(3, n, p=[0.5, 0.3, 0.2])
    information = np.exp(rng.uniform(0, np.log(100), n)) if noise else np.full(n, np.nan)
    X = CENTRES[labels] + rng.normal(size=(n, 3)) * np.sqrt([1.0, 0.5, 0.1])
    if noise:
        X += rng.normal(size=(n, 3)) * np.sqrt(noise / information)[:, None]
    return Space(X, information), labels


def _far_from_origin(space: Space) -> Space:
    return Space(space.X + 1e6, space.information)


@pytest.mark.parametrize("moved", [lambda space: space, _far_from_origin])
def test_without_noise_the_maximum_is_that_of_scikit_learn(moved: object) -> None:
    space = moved(_draw(600)[0])  # type: ignore[operator]
    ours = fit_tied_mixtures(space, [3], with_strays=False)[3]
    theirs = GaussianMixture(
        3, covariance_type="tied", tol=1e-9, reg_covar=0.0, max_iter=500, random_state=0
    )
    theirs.fit(space.X - space.X.mean(axis=0))
    assert ours.log_likelihood / 600 == pytest.approx(theirs.lower_bound_, abs=2e-4)
    assert ours.bic == pytest.approx(theirs.bic(space.X - space.X.mean(axis=0)), abs=0.3)
    assert ours.parameters.covariance[0] == pytest.approx(theirs.covariances_, abs=0.01)
    assert np.sort(ours.parameters.weights[0]) == pytest.approx(np.sort(theirs.weights_), abs=0.005)


@pytest.mark.parametrize("noise", [0.5, 5.0, 30.0])
def test_noise_factor_is_found(noise: float) -> None:
    space, _ = _draw(2_000, noise)
    assert estimate_noise(space, 5, True) == pytest.approx(noise, rel=0.2)


def test_noise_that_cannot_be_told_from_other_spread_is_left_out() -> None:
    rng = np.random.default_rng(2)
    nearly_equal = np.exp(rng.normal(np.log(10), 0.02, 300))
    X = _draw(300)[0].X + rng.normal(size=(300, 3)) * np.sqrt(5.0 / nearly_equal)[:, None]
    assert estimate_noise(Space(X, nearly_equal), 5, True) == 0.0
    assert estimate_noise(Space(X, np.full(300, 10.0)), 5, True) == 0.0


def test_noise_does_not_end_up_in_the_covariance() -> None:
    space, labels = _draw(2_000, 5.0)
    mixture = fit_tied_mixtures(space, [3], 5.0)[3]
    assert np.linalg.eigvalsh(mixture.parameters.covariance[0]) == pytest.approx(
        [0.1, 0.5, 1.0], rel=0.25
    )
    large = space.information > 10
    assert adjusted_rand_score(labels[large], mixture.labels[large]) > 0.9


def test_one_sees_the_maximum_from_all_sides() -> None:
    space, _ = _draw(500, 5.0)
    mixture = fit_tied_mixtures(space, [3], 5.0, with_strays=False)[3]
    stores = StoreArrays.of(space, True)
    best = expect(stores, mixture.parameters).log_likelihood[0]
    rng = np.random.default_rng(1)
    for _ in range(20):
        step = rng.normal(size=(1, 3, 3)) * 0.05
        own = mixture.parameters
        moved = Parameters(
            own.weights,
            own.means,
            own.covariance + step + step.transpose(0, 2, 1),
            own.noise,
            own.stray,
            [],
        )
        assert expect(stores, moved).log_likelihood[0] < best + 1e-3


def test_an_iteration_from_the_start_gains_likelihood() -> None:
    space, _ = _draw(300, 20.0)
    stores = StoreArrays.of(space, True)
    before = start(stores, [space.start(3), space.start(5)], 20.0, True)
    expected = expect(stores, before)
    after = expect(stores, improve(stores, before, expected, free_noise=False))
    assert (after.log_likelihood > expected.log_likelihood).all()


def test_a_step_is_bounded_in_the_same_way_in_every_basis_of_equal_variances() -> None:
    rng = np.random.default_rng(8)
    step = rng.normal(size=(1, 3, 3))
    step = step + step.transpose(0, 2, 1)
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    equal = np.full((1, 3), 0.5)
    here = bounded(step.copy(), equal)
    turned = bounded(turn.T @ step @ turn, equal)
    assert turn @ turned[0] @ turn.T == pytest.approx(here[0])
    assert np.linalg.eigvalsh(here[0] + 0.5 * np.eye(3)).min() == pytest.approx(0.05)
    assert bounded(step * 0.01, equal) == pytest.approx(step * 0.01)


def test_side_by_side_is_as_one_by_one() -> None:
    space, _ = _draw(400, 5.0)
    together = fit_tied_mixtures(space, range(1, 7), 5.0)
    best = min(together, key=lambda k: together[k].bic)
    assert best == 3
    alone = fit_tied_mixtures(space, [3], 5.0)[3]
    assert together[3].log_likelihood == pytest.approx(alone.log_likelihood, abs=0.01)
    assert all(one.responsibilities.shape == (400, k) for k, one in together.items())
    assert all(one.responsibilities.max() <= 1.0 for one in together.values())


def test_many_stores_from_a_sample_end_where_they_end_without(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    space, _ = _draw(5_000, 5.0)
    sampled = fit_tied_mixtures(space, [2, 3, 4], 5.0)
    monkeypatch.setattr(space_module, "SAMPLE_ROWS", 10_000)
    whole = fit_tied_mixtures(Space(space.X, space.information), [2, 3, 4], 5.0)
    assert sampled[3].log_likelihood == pytest.approx(whole[3].log_likelihood, abs=1.0)
    assert adjusted_rand_score(sampled[3].labels, whole[3].labels) > 0.995
    assert min(sampled, key=lambda k: sampled[k].bic) == 3


def test_sums_of_products_of_precisions_come_from_their_differences() -> None:
    rng = np.random.default_rng(3)
    variance = np.array([[0.1, 0.5, 0.5 * (1 + 1e-6), 3.0]])
    precision = 1 / (variance[0][:, None] + rng.uniform(0, 2, 50))
    sums, squares = precision.sum(axis=1), (precision**2).sum(axis=1)
    root = np.sqrt(squares)
    found = _of_products(variance, (sums[:, None] - sums)[None], (root[:, None] * root)[None])
    assert found[0] == pytest.approx(precision @ precision.T, rel=1e-6)


def test_strays_stand_aside() -> None:
    space, _ = _draw(500)
    far = np.random.default_rng(5).uniform(-30, 30, size=(8, 3))
    mixture = fit_tied_mixtures(Space(np.vstack([space.X, far]), np.full(508, np.nan)), [3])[3]
    assert mixture.responsibilities[500:].sum(axis=1).max() < 0.1
    assert mixture.stray == pytest.approx(8 / 508, abs=0.005)


def test_strays_that_would_swallow_the_clusters_are_given_up() -> None:
    rng = np.random.default_rng(6)
    heap = np.vstack(
        [np.full((30, 2), 0.5) + rng.normal(size=(30, 2)) * 1e-7, rng.uniform(size=(20, 2))]
    )
    found = fit_tied_mixtures(Space(heap, np.full(50, np.nan)), [1, 2])
    assert found[1].stray == 0
    assert set(found) == {1, 2}


def test_levels_alone_are_latent_classes() -> None:
    rng = np.random.default_rng(7)
    labels = rng.integers(0, 2, 300)
    columns = [np.eye(2)[np.where(rng.random(300) < 0.9, labels, 1 - labels)] for _ in range(6)]
    space = Space(
        np.hstack(columns), np.full(300, np.nan), tuple((2 * n, 2 * n + 2) for n in range(6))
    )
    found = fit_tied_mixtures(space, [1, 2, 3], with_strays=False)
    assert min(found, key=lambda k: found[k].bic) == 2
    assert adjusted_rand_score(labels, found[2].labels) > 0.9
