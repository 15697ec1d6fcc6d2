"""A mail speaks one language: its customer's, where it has copy in it, and all of it."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from campaigns import letters, values
from customers.models import Customer
from messaging import rendering
from orders.models import Order
from stores import dates, phrases
from stores.models import Store
from tests.campaigns import mail_facts

CONTENT: dict[str, Any] = {
    "subject": "It left us: arriving {{ expected_day }}",
    "blocks": [{"kind": "heading", "text": "On its way"}, {"kind": "parcel"}, {"kind": "totals"}, {"kind": "policy"}],
    "in": {
        "de": {"subject": "Unterwegs: {{ expected_day }}", "blocks": [{"kind": "heading", "text": "Unterwegs"}, {"kind": "parcel"}]},
        "ar": {"subject": "في الطريق", "blocks": [{"kind": "heading", "text": "في الطريق"}, {"kind": "parcel"}, {"kind": "totals"}]},
    },
}  # fmt: skip


def drawn(language: str) -> rendering.Rendered:
    facts = mail_facts.facts(words=phrases.of(language))
    brand = rendering.Brand(name="Marlow & Finch", language=language)
    mail = rendering.compile_mail(rendering.in_language(CONTENT, language), brand=brand, purpose="transactional")
    return mail.render(values.values(facts))


@pytest.mark.parametrize(
    ("customer", "order", "store", "chosen"),
    [
        ("de-AT", "", "en", "de"),
        ("", "de", "en", "de"),
        ("", "", "de", "de"),
        ("nl", "de", "en", "de"),
        ("fr", "", "fr", "en"),
        ("en-US", "de", "de", "en"),
        ("ar", "de", "en", "de"),
    ],
)
def test_the_customer_the_order_and_the_store_are_asked_in_turn_for_a_language_that_is_offered_and_written(customer, order, store, chosen):
    given = (Store(language=store, languages=["en", "de", "fr"]), Customer(language=customer), Order(language=order))
    assert letters.language_of(CONTENT, *given) == chosen


def test_copy_in_german_brings_german_words_days_and_sums_around_it():
    mail = drawn("de")
    assert mail.subject == "Unterwegs: etwa Montag"
    assert "Ankunft: etwa Montag, 9. November.\nBestellung eingegangen, Schritt 1 von 5." in mail.text
    assert "Bei Marlow & Finch liest sie ein Mensch." in " ".join(mail.text.split())
    assert 'lang="de"' in mail.html
    assert "Choose what you get" not in mail.text


def test_a_mail_in_arabic_runs_from_the_right():
    mail = drawn("ar")
    assert 'dir="rtl"' in mail.html
    assert "اختر ما يصلك" in mail.text


@pytest.mark.parametrize(
    ("code", "day", "with_year"),
    [
        ("en", "Friday 6 November", "Friday 6 November 2026"),
        ("de", "Freitag, 6. November", "Freitag, 6. November 2026"),
        ("fr", "vendredi 6 novembre", "vendredi 6 novembre 2026"),
        ("es", "viernes, 6 de noviembre", "viernes, 6 de noviembre de 2026"),
        ("pt-BR", "sexta-feira, 6 de novembro", "sexta-feira, 6 de novembro de 2026"),
        ("ar", "الجمعة، 6 نوفمبر", "الجمعة، 6 نوفمبر 2026"),
    ],
)
def test_days_are_written_as_each_language_writes_them(code, day, with_year):
    moment, words, zone = datetime(2026, 11, 6, 12, tzinfo=UTC), phrases.of(code), ZoneInfo("Europe/Berlin")
    assert dates.day(moment, now=moment, zone=zone, words=words) == day
    assert dates.day(moment, now=datetime(2025, 1, 1, tzinfo=UTC), zone=zone, words=words) == with_year


def test_a_fault_in_one_language_is_named_by_it():
    content = {**CONTENT, "in": {"de": {"subject": "Hallo {{ nobody }}", "blocks": [{"kind": "divider"}]}}}
    [problem] = rendering.check(content, known={"expected_day"})
    assert (problem.where, problem.what) == ("de, subject", "There is no value 'nobody'.")
    [other] = rendering.check({**CONTENT, "in": {"nl": CONTENT["in"]["de"]}})
    assert other.what == "There are no words of our own in 'nl' yet; there are en, ar, de, es, fr, pt-BR."
