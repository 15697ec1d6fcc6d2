"""Mails as a customer's program shows them: both schemes, a phone and a desk; the five in the hard cases, and those of every recipe.

Many are looked at together, one below the other: axe takes as long for one as for thirty.
"""

import re
from collections.abc import Iterable

import pytest
from django.test import Client

from campaigns.writing import hard_cases
from catalog.models import Pairing, Product
from offers.models import Offer
from tests.browser.looking import faults
from tests.browser.test_staff import order
from tests.campaigns import recipe_mails

__all__ = ["order"]
DOT = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="
FIVE = ["confirmation", "tips", "goes-well", "check-in", "thanks"]
#: A mail is no page: it has no landmarks of its own inside the program that shows it. All else of WCAG holds.
WCAG = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


@pytest.fixture
def draw(order, store, alice):
    """Return what gives a step's mail in a hard case as HTML, with something to go with it and a code to give."""
    kettle = Product.objects.get(external_id="p1")
    filters = Product.objects.create(store=store, external_id="p2", title="Paper filters", price_minor=750, currency="EUR")
    Pairing.objects.create(store=store, product=kettle, suggested=filters, reason="38 people added filters within a month")
    Offer.objects.filter(store=store).update(code="THANKS10", value="€10 off")
    browser = Client()
    browser.force_login(alice)

    def html(step: str, case: str) -> str:
        answer = browser.get(f"/s/marlow/flows/post-purchase/preview/{step}/?case={case}")
        assert answer.status_code == 200
        return answer.content.decode()

    return html


def together(mails: Iterable[str]) -> str:
    """Return one page that shows all of these mails as each is shown alone."""
    parts = [re.fullmatch(r"(?s).*?<html([^>]*)>.*?<head>(.*?)</head>.*?<body([^>]*)>(.*)</body>.*", mail) for mail in mails]
    assert parts and all(parts)
    styles = {style for part in parts if part for style in re.findall(r"(?s)<style.*?</style>", part[2])}
    shown = "".join(f"<div{part[1]}><div{part[3]}>{part[4]}</div></div>" for part in parts if part)
    return f'<!doctype html><html lang="en"><head><title>Mails</title>{"".join(sorted(styles))}</head><body>{shown}</body></html>'


def look(page, mails: Iterable[str]) -> list[object]:
    """Return what is wrong with mails on a phone or at a desk, by day or in the dark."""
    page.set_content(together(mails))
    found: list[object] = []
    for width in (320, 640):
        page.set_viewport_size({"width": width, "height": 900})
        found += [("sideways", width)] * (page.evaluate("document.documentElement.scrollWidth") > width)
    return [*found, *faults(page, runOnly=WCAG)]


@pytest.mark.parametrize("step", FIVE)
def test_a_mail_reads_well_in_both_schemes_on_a_phone_and_at_a_desk(page, draw, step):
    mails = [draw(step, case) for case in ("", *hard_cases.CASES)]
    assert max(len(mail.encode()) for mail in mails) <= 25_000
    assert look(page, mails) == []


def test_the_mails_of_every_recipe_read_well_from_right_to_left_too(page):
    mails = [recipe_mails.drawn(*place, "ar").html.replace("https://shop.example/p.jpg", DOT) for place in recipe_mails.STEPS]
    assert look(page, mails) == []
