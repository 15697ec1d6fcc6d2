"""/c/<token>/ leads where the mail's link was to lead, whoever asks, and nowhere else."""

import logging

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messaging.models import Click, Link
from tests.public.conftest import add_mail

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"


@pytest.fixture
def link(order) -> Link:
    return Link.objects.create(store=order.store, message=add_mail(order), url="https://shop.example/p?a=1&b=ü#top", label="The kettle")


def test_a_click_is_led_on_and_kept(client, link):
    answer = client.get(f"/c/{link.token}/", headers={"user-agent": CHROME}, REMOTE_ADDR="203.0.113.77")
    assert (answer.status_code, answer["Location"]) == (302, "https://shop.example/p?a=1&b=%C3%BC#top")
    assert (answer["Cache-Control"], answer["X-Robots-Tag"], answer.cookies.output()) == ("no-store", "noindex, nofollow", "")
    click = Click.objects.get()
    assert (click.link, click.store, click.kind, click.agent, click.ip_prefix) == (link, link.store, "", CHROME, "203.0.113.0/24")


def test_head_is_answered_too_and_known_for_a_machine(client, link):
    assert client.head(f"/c/{link.token}/", headers={"user-agent": CHROME})["Location"].startswith("https://shop.example/p")
    assert list(Click.objects.values_list("kind", "reason")) == [("machine", "head")]


def test_nothing_in_the_address_changes_where_it_leads(client, link):
    for query in ("?url=https://evil.example/", "?next=//evil.example", "?u=1"):
        assert client.get(f"/c/{link.token}/{query}")["Location"].startswith("https://shop.example/p")
    assert client.post(f"/c/{link.token}/").status_code == 405


def test_a_target_that_is_no_web_address_is_refused(client, link):
    Link.objects.update(url="javascript:alert(1)")
    assert client.get(f"/c/{link.token}/").status_code == 400


def test_the_way_on_is_open_even_if_the_click_cannot_be_kept(client, link, caplog):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE messaging_click ADD CONSTRAINT full_disk CHECK (false) NOT VALID")
    with caplog.at_level(logging.ERROR, logger="lifecycle.public.clicks"):
        assert client.get(f"/c/{link.token}/").status_code == 302
    assert ("was not kept" in caplog.text, Click.objects.count()) == (True, 0)


def test_behind_a_proxy_the_last_address_it_names_is_believed(client, link, settings):
    named = {"HTTP_X_FORWARDED_FOR": "198.51.100.9, 203.0.113.77", "REMOTE_ADDR": "10.0.0.1"}
    client.get(f"/c/{link.token}/", **named)
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    client.get(f"/c/{link.token}/", **named)
    assert list(Click.objects.order_by("pk").values_list("ip_prefix", flat=True)) == ["10.0.0.0/24", "203.0.113.0/24"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(token=st.one_of(st.text(min_size=1, max_size=40), st.from_regex(r"[A-Za-z0-9_-]{16,32}", fullmatch=True)))
def test_no_other_address_leads_anywhere(client, link, token):
    from urllib.parse import quote

    answer = client.get(f"/c/{quote(token, safe='')}/")
    assert answer.status_code == 404 and "Location" not in answer.headers
