"""Gamma-Gamma against the published note, and against spenders who were drawn from it."""

import numpy as np
import pytest

from predictions import gamma_gamma
from predictions.bgnbd import Unfittable
from tests.predictions.cdnow import sample

PUBLISHED = gamma_gamma.Parameters(p=6.25, q=3.74, v=15.44)


@pytest.fixture(scope="module")
def spenders():
    x, _, _, mean = sample()
    return x, mean


def test_the_published_parameters_of_cdnow_are_found(spenders):
    x, mean = spenders
    found = gamma_gamma.fit(x[x > 0], mean[x > 0])
    assert np.count_nonzero(x) == 946
    assert [round(value, 2) for value in (found.p, found.q, found.v)] == [PUBLISHED.p, PUBLISHED.q, PUBLISHED.v]


def test_the_published_expected_values_are_found(spenders):
    """The first ten customers of the note's spreadsheet."""
    x, mean = spenders
    told = [24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17]
    found = gamma_gamma.fit(x[x > 0], mean[x > 0])
    assert gamma_gamma.expected_value(found, x[:10], mean[:10]) == pytest.approx(told, abs=0.011)


def test_who_has_not_come_back_is_expected_to_spend_what_all_do():
    assert gamma_gamma.expected_value(PUBLISHED, np.array([0.0]), np.array([0.0]))[0] == pytest.approx(PUBLISHED.mean)


def test_spenders_drawn_from_known_parameters_give_them_back_in_any_currency():
    draw, true = np.random.default_rng(25), gamma_gamma.Parameters(p=5.0, q=4.0, v=9000.0)
    x = draw.integers(1, 9, size=40_000).astype(float)
    rates = draw.gamma(true.q, 1 / true.v, size=len(x))
    mean = draw.gamma(true.p * x, 1 / rates) / x
    found = gamma_gamma.fit(x, mean)
    assert (found.p, found.q, found.v) == pytest.approx((true.p, true.q, true.v), rel=0.1)


def test_people_who_all_spend_the_same_cannot_be_fitted():
    with pytest.raises(Unfittable):
        gamma_gamma.fit(np.full(200, 3.0), np.full(200, 1000.0))
