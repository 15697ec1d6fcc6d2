"""Opening a store, the set-up's steps and its card: who may, what it makes, what it says."""

import pytest

from campaigns import recipes
from campaigns.models import Flow
from stores.models import Membership, Store, User

NEW = {"name": "Kessel & Co.", "country": "DE"}


@pytest.fixture
def nora(db):
    """Signed up, and in no store yet."""
    return User.objects.create_user("nora@example.com", "correct horse battery", name="Nora Vale")


def test_who_has_no_store_is_invited_to_add_one(nora, signed_in):
    page = signed_in(nora).get("/stores/").content.decode()
    assert 'href="/stores/new/">Add your first store</a>' in page


def test_a_name_and_a_country_open_a_store(nora, signed_in):
    answer = signed_in(nora).post("/stores/new/", NEW)
    assert (answer.status_code, answer["Location"]) == (303, "/s/kessel-co/start/source/")
    store = Store.objects.get()
    assert (store.name, store.slug, store.country, store.currency, store.timezone) == (
        "Kessel & Co.", "kessel-co", "DE", "EUR", "Europe/Berlin",
    )  # fmt: skip
    assert Membership.objects.get().role == "owner"
    assert Flow.objects.get(store=store).state == "draft"


def test_german_help_mails_go_to_subscribers_only_and_it_is_said(nora, signed_in):
    browser = signed_in(nora)
    page = browser.post("/stores/new/", NEW, follow=True).content.decode()
    assert "Help mails go to subscribers only, as German law wants" in page
    assert Store.objects.get().strict_service
    browser.post("/stores/new/", {"name": "Épicerie", "country": "FR"})
    assert not Store.objects.get(slug="epicerie").strict_service


def test_a_country_with_several_zones_asks_for_one(nora, signed_in):
    browser = signed_in(nora)
    answer = browser.post("/stores/new/", {"name": "Prairie", "country": "US"})
    assert answer.status_code == 422
    assert "United States has several time zones. Choose one." in answer.content.decode()
    assert not Store.objects.exists()
    browser.post("/stores/new/", {"name": "Prairie", "country": "US", "timezone": "America/Chicago"})
    store = Store.objects.get()
    assert (store.currency, store.timezone) == ("USD", "America/Chicago")


def test_a_taken_short_name_is_numbered_or_refused(store, nora, signed_in):
    browser = signed_in(nora)
    refused = browser.post("/stores/new/", {**NEW, "slug": "marlow"})
    assert refused.status_code == 422
    assert "There is a store “marlow” already. Try “marlow-2”." in refused.content.decode()
    browser.post("/stores/new/", {"name": "Marlow", "country": "GB"})
    assert Store.objects.filter(slug="marlow-2").exists()


@pytest.mark.parametrize("wrong", [{"slug": "Mit Leerzeichen"}, {"name": ""}, {"country": "XX"}, {"name": "日本"}, {"currency": "XYZ"}])
def test_what_cannot_be_is_refused_and_nothing_is_made(nora, signed_in, wrong):
    answer = signed_in(nora).post("/stores/new/", {**NEW, **wrong})
    assert answer.status_code == 422
    assert "<title>Error: New store" in answer.content.decode()
    assert not Store.objects.exists()


def test_a_new_store_is_not_opened_without_signing_in(db, client):
    assert client.post("/stores/new/", NEW)["Location"] == "/login/?next=/stores/new/"
    assert not Store.objects.exists()


@pytest.fixture
def draft(store):
    return recipes.install(store, "post-purchase", now=store.created_at)


def test_the_steps_have_their_states(store, draft, alice, signed_in):
    page = signed_in(alice).get("/s/marlow/start/")
    stages = {stage.key: (stage.is_done, stage.is_next, stage.says) for stage in page.context["setup"].stages}
    assert stages == {
        "source": (False, True, "Connect your shop, upload a file, or try it with demo data."),
        "brand": (True, False, "Mails come from Jo at Marlow & Finch."),
        "mails": (False, False, "See what a customer gets, with a real order."),
        "test": (False, False, "All five to you now. It counts nothing."),
        "activate": (False, False, "See whom each mail reaches, then switch it on."),
    }


def test_a_marketer_does_not_get_the_owners_steps(draft, mara, signed_in):
    page = signed_in(mara).get("/s/marlow/start/").content.decode()
    assert 'href="/s/marlow/start/source/"' not in page
    assert "An owner does this" in page
    assert 'href="/s/marlow/start/preview/"' in page


def test_home_shows_the_card_until_it_is_put_off_or_the_flow_is_live(draft, alice, signed_in, travel):
    browser = signed_in(alice)
    assert "Set up Marlow &amp; Finch" in browser.get("/s/marlow/").content.decode()
    told = browser.post("/s/marlow/start/later/", follow=True).content.decode()
    assert "The set-up comes back tomorrow." in told
    assert "Set up Marlow &amp; Finch" not in told
    Flow.objects.update(state="live")
    session = browser.session
    del session["start"]
    session.save()
    assert "Set up Marlow &amp; Finch" not in browser.get("/s/marlow/").content.decode()


def test_the_card_is_not_for_those_who_cannot_set_up(draft, bob, signed_in):
    assert "Set up Marlow" not in signed_in(bob).get("/s/marlow/").content.decode()
    assert signed_in(bob).get("/s/marlow/start/").status_code == 403


def test_strangers_find_nothing(draft, mallory, signed_in):
    for path in ("", "source/", "connect/", "shopify/", "brand/", "preview/", "preview/mail/", "test/"):
        assert signed_in(mallory).get(f"/s/marlow/start/{path}").status_code == 404
