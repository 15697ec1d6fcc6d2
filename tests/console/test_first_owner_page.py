"""The first account of an empty installation: made once, by the operator, and never again."""

import threading

import pytest
from django.db import connection, transaction

from stores import team
from stores.models import User
from tests.factories.stores import UserFactory

URL = "/login/first/"
NORA = {"email": "Nora@Example.com", "name": "Nora Vale", "password": "correct horse battery"}


@pytest.mark.parametrize("path", ["/", "/login/", "/stores/", "/s/marlow/"])
def test_an_empty_installation_leads_everywhere_to_the_owners_page(db, client, path):
    page = client.get(path, follow=True)
    assert page.request["PATH_INFO"] == URL
    assert "<h1>Create the owner account</h1>" in page.content.decode()
    assert "no-store" in page["Cache-Control"]


def test_the_first_account_is_made_signed_in_and_led_to_its_store(db, client):
    answer = client.post(URL, NORA)
    assert (answer.status_code, answer["Location"]) == (303, "/stores/new/")
    nora = User.objects.get()
    assert (nora.email, nora.name, nora.is_superuser) == ("nora@example.com", "Nora Vale", False)
    assert nora.check_password("correct horse battery")
    assert "New store" in client.get("/stores/new/").content.decode()


def test_it_is_closed_for_good_as_soon_as_anybody_has_an_account(db, client):
    UserFactory()
    assert client.get(URL).status_code == 404
    assert client.post(URL, NORA).status_code == 404
    assert User.objects.count() == 1
    assert "<h1>Sign in</h1>" in client.get("/login/").content.decode()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"password": "short"}, "This password is too short"),
        ({"password": "password123"}, "This password is too common"),
        ({"password": "nora@example.com"}, "The password is too similar to the email"),
        ({"email": "nora"}, "Enter a valid email address"),
        ({"name": ""}, "This field is required"),
    ],
)
def test_says_what_is_wrong_and_makes_nobody(db, client, wrong, words):
    answer = client.post(URL, {**NORA, **wrong})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert "<title>Error: " in answer.content.decode()
    assert not User.objects.exists()


def test_production_makes_nobody_an_owner_without_a_token(db, client, settings):
    settings.PRODUCTION = True
    page = client.get(URL).content.decode()
    assert "SETUP_TOKEN" in page
    assert "<form" not in page
    assert client.post(URL, NORA).status_code == 200
    assert not User.objects.exists()


def test_with_a_token_only_who_knows_it_is_first(db, client, settings):
    settings.PRODUCTION, settings.SETUP_TOKEN = True, "a-long-random-token"
    assert "Set-up token" in client.get(URL).content.decode()
    for given in ({}, {"token": ""}, {"token": "a-long-random-tokeN"}, {"token": "ä"}):
        assert client.post(URL, {**NORA, **given}).status_code == 422
    assert not User.objects.exists()
    assert client.post(URL, {**NORA, "token": "a-long-random-token"})["Location"] == "/stores/new/"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_come_at_once_one_is_first():
    outcomes: list[str] = []

    def come(name: str) -> None:
        try:
            team.found(f"{name}@example.com", "correct horse battery", name=name)
            outcomes.append("first")
        except team.NotFirst:
            outcomes.append("late")
        finally:
            connection.close()

    others = [threading.Thread(target=come, args=[name]) for name in ("a", "b", "c")]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {User._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")
        for other in others:
            other.start()
        assert outcomes == []  # all three wait
    for other in others:
        other.join()
    assert (sorted(outcomes), User.objects.count()) == (["first", "late", "late"], 1)
