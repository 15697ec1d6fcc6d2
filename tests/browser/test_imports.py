"""A file that nobody knows, in a real browser: its columns are told, it is checked, imported and undone."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from customers.models import Customer
from integrations import pieces, uploads
from stores import clock
from stores.models import Membership
from tests.browser.looking import faults
from tests.browser.test_setup import Hand, nora
from tests.browser.test_staff import sign_in

__all__ = ["nora"]
TEXT = "Wer;Kontakt;Geboren;Newsletter\nAna Ribeiro;ana@example.com;03/04/1990;ja\nTomás Vega;tomas@example.com;05/06/1985;\nX;kein;;\n"


@pytest.fixture
def owner(nora, store):
    Membership.objects.create(store=store, user=nora, role=Membership.Role.OWNER)
    return nora


def test_a_strange_list_is_sent_in_pieces_told_checked_imported_and_undone(page: Page, owner, tmp_path: Path, settings, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(pieces, "SIZE", 40)
    broken = iter([True])
    page.route("**/imports/piece/?*at=80", lambda route: route.fulfill(body="") if next(broken, False) else route.continue_())
    hand = Hand(page)
    sign_in(page, owner)
    page.goto("/s/marlow/customers/")
    hand.link("Import")
    expect(page.get_by_label("Sent so far")).to_be_hidden()
    found = faults(page)
    page.get_by_label("File of orders or customers").set_input_files(
        {"name": "liste.csv", "mimeType": "text/csv", "buffer": TEXT.encode("cp1252")}
    )
    hand.button("Check the file")
    expect(page.get_by_text("The line broke. It is tried again.")).to_be_visible()
    expect(page.get_by_text("Which column is the order id or order number?")).to_be_visible()
    found += faults(page)
    page.get_by_label("It holds").select_option("Customers")
    hand.button("Read it so")
    page.get_by_label("What the column Wer is").select_option("Name")
    page.get_by_label("What the column Geboren is").select_option("Birthday")
    page.get_by_label("Dates are written").select_option("Day first: 31/12/2026")
    hand.button("Check the file")
    expect(page.get_by_text("Checking: 0 customers read, nothing is written.")).to_be_visible()
    uploads.sweep(now=clock.read())
    expect(page.get_by_text("2 customers can be imported, 1 cannot.")).to_be_visible(timeout=15_000)
    expect(page.get_by_role("cell", name="1990-04-03")).to_be_visible()
    found += faults(page)
    page.get_by_label("They ticked a box at checkout").check()
    page.get_by_label("Where, and in which words").fill("Newsletter abonnieren, beim Bezahlen")
    hand.button("Import 2 customers")
    uploads.sweep(now=clock.read())
    expect(page.get_by_text("could not be imported")).to_be_visible(timeout=15_000)
    found += faults(page)
    assert Customer.objects.get(email="ana@example.com").marketing == "subscribed"
    hand.button("Undo this import")
    uploads.sweep(now=clock.read())
    expect(page.get_by_role("heading", name="Undone")).to_be_visible(timeout=15_000)
    found += faults(page)
    assert found == []
    assert not Customer.objects.exists()
    assert hand.clicks <= 10
