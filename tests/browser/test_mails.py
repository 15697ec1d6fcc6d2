"""The five mails as a customer's program shows them: both schemes, a phone and a desk, and the hard cases."""

import pytest
from django.test import Client

from campaigns.writing import hard_cases
from catalog.models import Pairing, Product
from offers.models import Offer
from tests.browser.looking import faults
from tests.browser.test_staff import order

__all__ = ["order"]
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


@pytest.mark.parametrize("step", FIVE)
def test_a_mail_reads_well_in_both_schemes_on_a_phone_and_at_a_desk(page, draw, step):
    found = []
    for case in ("", *hard_cases.CASES):
        mail = draw(step, case)
        assert len(mail.encode()) <= 25_000
        page.set_content(mail)
        for width in (320, 640):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (case, width)
        found += [(case, *each) for each in faults(page, runOnly=WCAG)]
    assert found == []
