"""Mail filters open every link of every mail, with HEAD and with GET. Nothing may come of it but clicks that are a machine's (D4)."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.apps import apps
from django.db import models

from campaigns.tasks import sweep_until_quiet
from campaigns.travel import travel_to
from messaging.models import Click, Message
from stores import clock
from tests.journeys.conftest import order, parcel

AGENT = {"user-agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"}
OF_THE_CLOCK = {"stores.Tick", "stores.ClockShift"}


def everything() -> dict[str, list[dict[str, object]]]:
    """Return every row of every table of ours but the clicks."""
    kept: list[type[models.Model]] = [model for model in apps.get_models() if model is not Click and model._meta.label not in OF_THE_CLOCK]
    return {model._meta.label: list(model._default_manager.order_by("pk").values()) for model in kept}


@pytest.fixture
def five_mails(shop, at, settings):
    settings.PUBLIC_URL = "https://testserver"
    shop.store.website = "https://shop.example/"
    shop.store.save()
    shop.tell("orders/create", order(at=clock.read()))
    travel_to(at("2026-11-03 12:00"))
    shop.tell("shipments/create", parcel(at=clock.read(), shipped_at=clock.read().isoformat()))
    travel_to(at("2026-11-06 14:00"))
    shop.tell("shipments/update", parcel(at=clock.read(), status="delivered", delivered_at=clock.read().isoformat()))
    travel_to(at("2026-12-01 09:00"))
    mails = list(Message.objects.order_by("pk"))
    assert [mail.step for mail in mails] == ["confirmation", "tips", "goes-well", "check-in", "thanks"]
    return mails


def paths(mails) -> list[str]:
    """Return every address of ours in the parts and headers of mails."""
    found = set()
    for mail in mails:
        found |= {unescape(url) for url in re.findall(r'(?:href|src)="([^"]+)"', mail.html)} | set(re.findall(r"https?://\S+", mail.text))
        found.add(f"https://testserver/u/{mail.token}/")
    return sorted(url.removeprefix("https://testserver") for url in found if url.startswith("https://testserver/"))


def test_a_filter_that_opens_everything_changes_nothing_but_its_own_clicks(five_mails, client):
    ours = paths(five_mails)
    assert {path.split("/")[1] for path in ours} == {"t", "q", "u", "p", "m", "i", "c"}
    before = everything()
    for path in ours:
        for method in ("head", "get"):
            assert getattr(client, method)(path, headers=AGENT).status_code in (200, 302), path
    assert everything() == before
    clock.set_to(clock.read() + timedelta(minutes=1))
    sweep_until_quiet()
    assert everything() == before
    assert Click.objects.count() == 2 * sum(path.startswith("/c/") for path in ours) > 0
    assert not Click.objects.filter(kind__in=["", "human"]).exists()


def test_a_person_who_follows_a_link_is_seen_on_the_timeline(five_mails, client):
    clock.set_to(clock.read() + timedelta(days=1))
    link = next(link for mail in five_mails for link in mail.links.all())
    assert client.get(f"/c/{link.token}/", headers=AGENT)["Location"] == link.url
    clock.set_to(clock.read() + timedelta(minutes=1))
    sweep_until_quiet()
    event = link.message.customer.events.get(kind="mail.clicked")
    assert (event.data["url"], event.data["message"]) == (link.url, link.message_id)


def test_no_mail_loads_a_picture_that_tells_of_its_opening(five_mails):
    for mail in five_mails:
        sources = re.findall(r'<img[^>]*?src="([^"]+)"', mail.html)
        assert not any(mail.token in source or mail.customer.token in source for source in sources)
        assert 'width="1"' not in "".join(re.findall(r"<img[^>]*>", mail.html))
