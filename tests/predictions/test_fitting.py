"""From orders in the database to what is expected of each customer."""

import subprocess
import sys
from datetime import timedelta

import numpy as np
import pytest

from orders import figures
from orders.models import Order
from predictions import bgnbd, fitting, histories, minimums, tasks
from predictions.models import Fit, Prediction
from tests.predictions.conftest import NOW


def test_histories_count_days_not_orders_and_leave_out_what_does_not_count(store, past):
    ana, ben, eve = past([100, 60, 60.2, 10], [50], [200, 3])
    Order.objects.filter(customer=eve, external_id__endswith="-3").update(cancelled_at=NOW)
    Order.objects.filter(customer=ana, external_id__endswith="-10").update(shop_currency="USD")
    figures.recompute([ana.pk, eve.pk])
    found = histories.read(store, now=NOW)
    rows = {pk: (found.x[n], found.t_x[n], found.T[n], found.paid_x[n], found.spent[n]) for n, pk in enumerate(found.ids.tolist())}
    assert rows == {ana.pk: (2, 90, 100, 1, 4000), ben.pk: (0, 0, 50, 0, 0), eve.pk: (0, 0, 200, 0, 0)}


def test_histories_of_another_store_stay_its_own(store, other, past):
    past([10, 5])
    assert len(histories.read(other, now=NOW).ids) == 0


def test_every_customer_is_told_what_the_model_says(store, shop):
    assert fitting.take(store, now=NOW)
    assert fitting.refit(store, now=NOW) == 300
    often = Fit.objects.get(store=store, kind=Fit.Kind.BGNBD)
    assert (often.customers, often.needs, often.fitted_at, often.lease_until) == (300, "", NOW, None)
    person, days = max(shop, key=lambda each: len(each[1]))
    told = Prediction.objects.get(customer=person)
    history = [np.array([float(value)]) for value in (len(days) - 1, days[0] - days[-1], days[0])]
    parameters = bgnbd.Parameters(**often.parameters)
    assert told.p_alive == pytest.approx(bgnbd.p_alive(parameters, *history)[0], abs=1e-4)
    assert told.p_alive is not None
    assert told.churn_risk == pytest.approx(1 - told.p_alive, abs=1e-4)
    assert told.expected_orders_90 == pytest.approx(bgnbd.expected_purchases(parameters, 90, *history)[0], abs=1e-4)
    once = next(person for person, days in shop if len(days) == 1)
    assert (once.prediction.p_alive, once.prediction.churn_risk) == (None, None)
    assert once.prediction.expected_orders_90 > 0


def test_people_who_all_spend_alike_get_orders_but_no_value(store, shop):
    fitting.take(store, now=NOW)
    fitting.refit(store, now=NOW)
    spending = Fit.objects.get(store=store, kind=Fit.Kind.GAMMA_GAMMA)
    assert spending.needs == "Needs orders that differ: these customers all spend alike."
    assert set(Prediction.objects.values_list("expected_value_90_minor", flat=True)) == {None}


def test_value_is_orders_times_what_one_brings(store, shop):
    for order in Order.objects.all():
        Order.objects.filter(pk=order.pk).update(shop_total_minor=1500 + (order.customer_id * 37 % 50) * 100 + order.pk % 7 * 60)
    fitting.take(store, now=NOW)
    fitting.refit(store, now=NOW)
    rows = Prediction.objects.filter(expected_orders_90__gt=0.5).values_list("expected_value_90_minor", "expected_orders_90")
    mean = [(value or 0) / orders for value, orders in rows]
    assert 1500 < min(mean) < max(mean) < 8000


def test_a_small_store_is_told_what_it_needs_and_keeps_no_old_numbers(store, past):
    (ana, *_) = past([100, 50], *([[40]] * 20))
    Prediction.objects.create(store=store, customer=ana, expected_orders_90=1, computed_at=NOW - timedelta(days=1))
    fitting.take(store, now=NOW)
    assert fitting.refit(store, now=NOW) == 0
    assert not Prediction.objects.exists()
    assert Fit.objects.get(store=store, kind=Fit.Kind.BGNBD).needs == (
        "Needs 200 customers with an order (so far 21) and 50 customers who came back on another day (so far 1)."
    )


def test_enough_is_enough():
    assert minimums.needs(customers=200, repeat_buyers=50, history_days=90) == ""
    assert minimums.needs(customers=200, repeat_buyers=50, history_days=89) == "Needs 90 days of orders (so far 89)."


def test_a_store_is_fitted_by_one_worker_at_a_time_and_once_a_day(store, other, travel):
    travel(NOW)
    assert fitting.take(store, now=NOW)
    assert not fitting.take(store, now=NOW)
    assert fitting.take(store, now=NOW + fitting.LEASE + timedelta(seconds=1))  # its worker died
    Fit.objects.all().delete()
    tasks.refit_stores()
    assert Fit.objects.filter(kind=Fit.Kind.BGNBD, fitted_at__gte=NOW).count() == 2
    assert not tasks.refit_next()
    travel(NOW + timedelta(days=1, minutes=5))
    assert tasks.refit_next()


def test_a_web_process_does_not_load_the_models():
    code = "import lifecycle.wsgi, lifecycle.urls, lifecycle.celery, predictions.tasks, sys; print('numpy' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["False"]
