"""A Shopify shop that is asked itself: the token goes in once and is never shown."""

from integrations import reconciling
from integrations.models import Asking
from stores import tokens
from tests.factories.integrations import connect

PAGE = "/s/marlow/connections/"
TOKEN = "shpat_not-a-real-one"


def test_an_owner_enters_the_token_once_and_it_is_never_shown(store, now, alice, signed_in):
    held = connect(store, "shopify", live_since=now)
    browser = signed_in(alice)
    browser.post(f"{PAGE}{held.pk}/ask/", {"shop": "elsewhere", "token": TOKEN})
    assert "such as my-shop.myshopify.com" in browser.get(PAGE).content.decode()
    assert not Asking.objects.exists()
    browser.post(f"{PAGE}{held.pk}/ask/", {"shop": "https://Marlow.myshopify.com/", "token": TOKEN})
    page = browser.get(PAGE).content.decode()
    assert "marlow.myshopify.com is asked within a minute." in page and TOKEN not in page
    Asking.objects.update(asked_at=now, missed=3)
    browser.post(f"{PAGE}{held.pk}/ask/", {"shop": "marlow.myshopify.com", "token": ""})
    asking = Asking.objects.get()
    assert (tokens.unseal(asking.sealed_token), asking.asked_at, asking.missed, asking.asked_to) == (TOKEN, None, 3, now)
    Asking.objects.update(asked_at=now)
    assert "3 changes came in that no delivery had brought." in browser.get(PAGE).content.decode()
    browser.post(f"{PAGE}{held.pk}/ask/", {"verb": "stop"})
    assert not Asking.objects.exists()
    assert reconciling.sweep(now=now) == 0


def test_only_shopify_is_asked(store, alice, signed_in):
    generic = connect(store)
    assert signed_in(alice).post(f"{PAGE}{generic.pk}/ask/", {"shop": "marlow.myshopify.com", "token": TOKEN}).status_code == 404
