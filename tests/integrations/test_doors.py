import socket
from datetime import timedelta

import psycopg2
import pytest
from django.conf import settings as site
from django.db import connection as database
from redis import Redis

from integrations import connections, tasks
from integrations.models import Connection, InboxItem
from stores import tokens
from tests.factories.integrations import connect, deliver
from tests.factories.orders import payload


@pytest.mark.django_db
def test_a_delivery_at_a_known_door_is_one_statement(client, store, django_assert_num_queries):
    connection = connect(store)
    deliver(client, connection, "orders", payload("1"))
    with django_assert_num_queries(1):
        assert deliver(client, connection, "orders", payload("2")).status_code == 200
    assert InboxItem.objects.count() == 2


@pytest.mark.django_db
def test_a_delivery_is_dated_by_the_products_clock(client, store, travel, at):
    travel(at("2031-05-01 09:00"))
    deliver(client, connect(store), "orders", payload())
    assert timedelta(0) <= InboxItem.objects.get().received_at - at("2031-05-01 09:00") < timedelta(minutes=1)


@pytest.mark.django_db
def test_a_secret_that_another_process_made_is_good_at_once(client, store):
    connection = connect(store)
    deliver(client, connection, "orders", payload("1"))
    Connection.objects.update(sealed_secret=tokens.seal("fresh"), sealed_old_secret="")
    assert deliver(client, connection, "orders", payload("2"), secret="fresh").status_code == 200
    assert deliver(client, connection, "orders", payload("3")).status_code == 401


@pytest.mark.django_db
def test_a_door_is_kept_for_five_seconds_and_an_unknown_path_not_at_all(store):
    connection = connect(store)
    door = connections.find_door(connection.token, moment=100.0)
    assert door == connections.Door(connection.pk, store.pk, "generic", ("s3cret",))
    assert connections.kept_door(connection.token, moment=104.9) == door
    assert connections.kept_door(connection.token, moment=105.0) is None
    assert connections.find_door("nowhere", moment=100.0) is None
    assert connections.kept_door("nowhere", moment=100.0) is None


@pytest.mark.django_db(transaction=True)
def test_a_lost_database_connection_loses_no_delivery(client, store):
    connection = connect(store)
    deliver(client, connection, "orders", payload("1"))
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [backend] = cursor.fetchone()
    killer = psycopg2.connect(_address())
    with killer.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])
    killer.close()
    assert deliver(client, connection, "orders", payload("2")).status_code == 200
    assert InboxItem.objects.count() == 2


def _address():
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    values = database.settings_dict
    return psycopg2.extensions.make_dsn(**{ours: values[theirs] for theirs, ours in names.items() if values[theirs]})


def test_a_pulse_is_asked_for_over_a_line_that_is_kept():
    broker = tasks.to_broker()
    before = _waiting()
    assert [tasks.send_pulse(broker) for _ in range(2)] == [True, True]
    assert _waiting() - before == 2
    broker.release()


def _waiting():
    with Redis.from_url(site.CELERY_BROKER_URL) as queue:
        return queue.llen("pulse")


def test_a_broker_that_is_not_there_is_only_logged(caplog):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        dead = f"redis://127.0.0.1:{probe.getsockname()[1]}/0"
    assert not tasks.send_pulse(tasks.to_broker(dead))
    assert "the next beat takes over" in caplog.text
