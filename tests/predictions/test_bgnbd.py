"""BG/NBD against what its authors published, against its own definition, and against customers who were drawn from it."""

import csv
import gzip
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from scipy.special import betaincinv, hyp2f1

from predictions import bgnbd
from tests.predictions.cdnow import columns, sample

PUBLISHED = bgnbd.Parameters(r=0.243, alpha=4.414, a=0.793, b=2.426)
ALL_OTHERS = Path(__file__).resolve().parents[3] / "shared" / "data" / "cdnow" / "cdnow_transactions.csv.gz"


def one(value: float):
    return np.array([float(value)])


@pytest.fixture(scope="module")
def fitted():
    x, t_x, T, _ = sample()
    histories = bgnbd.Histories.collapsed(x, t_x, T)
    return histories, bgnbd.fit(histories)


def test_the_published_parameters_of_cdnow_are_found(fitted):
    histories, found = fitted
    assert histories.weight.sum() == 2357
    assert [round(value, 3) for value in (found.r, found.alpha, found.a, found.b)] == [0.243, 4.414, 0.793, 2.426]
    assert round(bgnbd.log_likelihood(histories, found), 1) == -9582.4


def test_the_published_expectations_of_cdnow_are_found(fitted):
    """The spreadsheet "Implementing the BG/NBD Model for Customer Base Analysis in Excel" of the same authors, 2005."""
    _, found = fitted
    weeks = np.array([0.1429, 1.0, 3.0, 31.8571, 32.0])
    assert bgnbd.expected_purchases_of_anyone(found, weeks).round(4).tolist() == [0.0078, 0.0532, 0.1506, 1.0405, 1.0437]
    first_customer = bgnbd.expected_purchases(found, 39, one(2), one(30.43), one(38.86))
    assert first_customer.round(3).tolist() == [1.226]


def test_the_walk_through_of_the_package_btyd_is_found(fitted):
    """Customer 1516 of the vignette of BTYD: expected purchases within 52 weeks, and P(alive)."""
    _, found = fitted
    assert bgnbd.expected_purchases_of_anyone(found, one(52)).round(3).tolist() == [1.444]
    assert bgnbd.expected_purchases(found, 52, one(26), one(30.86), one(31.0)).round(2).tolist() == [25.76]
    assert bgnbd.p_alive(found, one(26), one(30.86), one(31.0)).round(3).tolist() == [0.969]


def test_the_other_nine_tenths_of_the_cohort_look_like_the_sample(fitted):
    """Another 21,213 customers, from their purchases: the same shop, so nearly the same parameters."""
    if not ALL_OTHERS.exists():
        pytest.skip("the folder shared/data is not there")
    with gzip.open(ALL_OTHERS, "rt") as file:
        told = [(row["customer_id"], date.fromisoformat(row["date"]), float(row["dollar_value"])) for row in csv.DictReader(file)]
    x, t_x, T, _ = columns(told)
    found = bgnbd.fit(bgnbd.Histories.collapsed(x, t_x, T))
    assert len(x) == 21_213
    weeks = one(39)
    ours, theirs = (bgnbd.expected_purchases_of_anyone(parameters, weeks)[0] for parameters in (found, fitted[1]))
    assert ours == pytest.approx(theirs, rel=0.03)


def test_customers_drawn_from_known_parameters_give_them_back():
    draw, true = np.random.default_rng(20261123), bgnbd.Parameters(r=0.6, alpha=40.0, a=0.9, b=3.0)
    T = draw.integers(100, 700, size=20_000).astype(float)
    rates = draw.gamma(true.r, 1 / true.alpha, size=len(T))
    leaving = draw.beta(true.a, true.b, size=len(T))
    rows = []
    for rate, chance, end in zip(rates, leaving, T, strict=True):
        x, last, at = 0, 0.0, draw.exponential(1 / rate)
        while at <= end:
            x, last = x + 1, at
            if draw.random() < chance:
                break
            at += draw.exponential(1 / rate)
        rows.append((x, last))
    x, t_x = np.array(rows).T
    found = bgnbd.fit(bgnbd.Histories.collapsed(x, t_x, T))
    assert (found.r, found.alpha) == pytest.approx((true.r, true.alpha), rel=0.1)
    assert found.a / (found.a + found.b) == pytest.approx(true.a / (true.a + true.b), rel=0.1)


@pytest.mark.parametrize(("x", "t_x", "T", "t"), [(0, 0, 10, 5), (1, 9, 9, 1), (3, 5, 30, 200), (50, 300, 310, 90)])
def test_the_stable_form_equals_the_papers_where_that_can_be_computed(x, t_x, T, t):
    r, alpha, a, b = PUBLISHED.r, PUBLISHED.alpha, PUBLISHED.a, PUBLISHED.b
    series = hyp2f1(r + x, b + x, a + b + x - 1, t / (alpha + T + t))
    alive = 1 / (1 + (x > 0) * a / (b + max(x, 1) - 1) * ((alpha + T) / (alpha + t_x)) ** (r + x))
    paper = (a + b + x - 1) / (a - 1) * (1 - ((alpha + T) / (alpha + T + t)) ** (r + x) * series) * alive
    assert bgnbd.expected_purchases(PUBLISHED, t, one(x), one(t_x), one(T))[0] == pytest.approx(paper, rel=1e-9)


def test_no_history_is_too_long_too_short_or_too_old():
    x = np.array([0, 0, 1, 500, 5000, 5000], dtype=float)
    t_x = np.array([0, 0, 1e-9, 400, 700, 1], dtype=float)
    T = np.array([0, 5000, 5000, 401, 700, 5000], dtype=float)
    with np.errstate(all="raise", under="ignore"):
        alive = bgnbd.p_alive(PUBLISHED, x, t_x, T)
        expected = bgnbd.expected_purchases(PUBLISHED, 90, x, t_x, T)
    assert np.all((alive >= 0) & (alive <= 1))
    assert np.all(np.isfinite(expected) & (expected >= 0))
    assert np.isfinite(bgnbd.log_likelihood(bgnbd.Histories.collapsed(x, t_x, T), PUBLISHED))


def test_the_gap_at_a_of_one_is_filled():
    around = [bgnbd.expected_purchases(bgnbd.Parameters(0.5, 5, a, 2.5), 39, one(3), one(20), one(30))[0] for a in (0.999, 1.0, 1.001)]
    assert around[0] > around[1] > around[2]
    assert around[1] == pytest.approx((around[0] + around[2]) / 2, rel=1e-4)


def test_chances_of_all_counts_add_up_to_one():
    assert sum(bgnbd.chance_of(PUBLISHED, x, 38.86) for x in range(400)) == pytest.approx(1, abs=1e-6)


def test_a_purchase_is_as_likely_as_not_by_the_day_that_is_told():
    x, t_x, T = one(6), one(30), one(32)
    days = bgnbd.days_until_likely(PUBLISHED, x, t_x, T)
    alive = bgnbd.p_alive(PUBLISHED, x, t_x, T)
    within = alive * (1 - ((PUBLISHED.alpha + T) / (PUBLISHED.alpha + T + days)) ** (PUBLISHED.r + x))
    assert within[0] == pytest.approx(0.5)
    assert bgnbd.days_until_likely(PUBLISHED, one(6), one(5), one(60)).tolist() == [np.inf]


def test_equal_customers_are_counted_once():
    collapsed = bgnbd.Histories.collapsed(np.array([0.0, 1, 0]), np.array([0.0, 4, 0]), np.array([9.0, 9, 9]))
    assert (collapsed.x.tolist(), collapsed.weight.tolist()) == ([0, 1], [2, 1])


def test_customers_who_never_come_back_cannot_be_fitted():
    with pytest.raises(bgnbd.Unfittable):
        bgnbd.fit(bgnbd.Histories.collapsed(np.zeros(500), np.zeros(500), np.full(500, 200.0)))


def test_a_shop_that_nobody_leaves_is_fitted_and_everyone_is_there():
    days = np.arange(60.0, 360.0)
    found = bgnbd.fit(bgnbd.Histories.collapsed(np.floor(days / 30), np.floor(days / 30) * 30, days))
    assert bgnbd.p_alive(found, one(5), one(150), one(160))[0] > 0.95
    assert bgnbd.expected_purchases(found, 90, one(5), one(150), one(160))[0] == pytest.approx(3, abs=0.3)


@pytest.mark.parametrize("parameters", [(0.5, 40, 1.6e5, 4e5), (30, 900, 2000, 1.6e5), (1.6e5, 5e6, 6e-6, 1.6e5), (0.02, 9, 6e-6, 6e-6)])
@pytest.mark.parametrize("x", [0, 1, 7, 160])
def test_parameters_at_the_end_of_the_search_give_what_the_definition_gives(parameters, x):
    """The mean of (1 − (1 + p·t / (alpha + T))^−(r + x)) / p over p of beta (a, b + x), by plain summing."""
    r, alpha, a, b = parameters
    chances = np.maximum(betaincinv(a, b + x, (np.arange(20_000) + 0.5) / 20_000), 1e-12)
    mean = np.mean(-np.expm1(-(r + x) * np.log1p(chances * 90 / (alpha + 400))) / chances)
    told = bgnbd.expected_purchases(bgnbd.Parameters(*parameters), 90, one(x), one(399), one(400))
    alive = bgnbd.p_alive(bgnbd.Parameters(*parameters), one(x), one(399), one(400))
    assert told[0] == pytest.approx(mean * alive[0], rel=2e-3)
