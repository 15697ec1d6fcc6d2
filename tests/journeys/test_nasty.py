"""What people really type, and what they should not: in every field of an order, through the hook, to the mail and the tracker."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage as Sendable
from django.urls import reverse

from campaigns.models import StepRun
from campaigns.tasks import sweep_until_quiet
from customers import identity
from integrations.models import Connection, InboxItem
from messaging.models import Message
from orders.models import Order
from stores import clock
from tests.factories.integrations import deliver
from tests.journeys.conftest import order, parcel

DATA = Path(__file__).parents[3] / "shared/data/nasty"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="the shared sample data is not here")

#: All header fields a transactional mail may have.
_TOKEN = re.compile(r"(?<=/)[\w-]{22}(?=/)")
#: A page offers itself in every language but its own.
_LANGUAGE = re.compile(r"\?lang=[\w-]+")
HEADERS = {"subject", "from", "to", "message-id", "date", "mime-version", "content-type", "reply-to", "feedback-id"}
_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff\u00ad]|\\s")


def lines_of(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


class Elements(HTMLParser):
    """The elements, attributes and link schemes of a page, and its words."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.marks: set[str] = set()
        self.words: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.marks |= {tag, *(f"{tag} {name}" for name, _ in attrs)}
        ways = [(name, _LANGUAGE.sub("?", _TOKEN.sub("…", value or ""))) for name, value in attrs if name in ("href", "src", "action")]
        self.marks |= {f"{tag} {name}={value.partition(':')[0]}:" for name, value in ways}

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def bare(text: str) -> str:
    """Return what is visible of a text, without any space."""
    return _INVISIBLE.sub("", text)


def sold(number: str, *, at: datetime, name: str, line: str, address: dict[str, Any] | None = None, email: str = "") -> dict[str, Any]:
    """Return an order with `name` in every field that takes words, and `line` as its item."""
    item = {"external_id": "1", "name": line, "sku": name, "quantity": 2, "unit_price": "9.50", "product_external_id": "kettle"}
    where = dict.fromkeys(("name", "address1", "address2", "city", "zip", "province", "company", "phone"), name)
    person = {
        "email": email or f"n{number}@example.com", "name": name, "first_name": name, "phone": name, "locale": name, "timezone": name,
        "country": name, "marketing_consent": "subscribed",
    }  # fmt: skip
    base = order(number, at=at, locale=name, lines=[item], customer=person, shipping_address=address or where, note=name)
    return {**base, "number": name[:120]}


@pytest.fixture
def hand_in(shop):
    """Post signed orders, sweep, and expect that each was taken in."""

    def post(told: Iterable[dict[str, Any]]) -> None:
        connection = Connection.objects.get(store=shop.store)
        for payload in told:
            assert deliver(shop.client, connection, "orders/create", payload, secret=shop.secret).status_code == 200
        sweep_until_quiet()
        assert list(InboxItem.objects.exclude(state="done").values_list("reason", flat=True)) == []

    return post


def parsed(sent: Sendable) -> EmailMessage:
    """Return a mail as a mail program reads it, once its raw form is found to be right."""
    raw = sent.message().as_bytes(linesep="\r\n")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    read = message_from_bytes(raw, policy=policy.default)
    assert isinstance(read, EmailMessage)
    names = [name.lower() for name in read]
    assert set(names) <= HEADERS and len(names) == len(set(names))
    assert [part.get_content_type() for part in read.iter_parts()] == ["text/plain", "text/html"]
    assert [problem for part in read.walk() for problem in part.defects] == []
    return read


@dataclass(frozen=True)
class Seen:
    """What of an order is seen: its mail's header and two parts, its tracker."""

    subject: str
    to: str
    text: str
    html: Elements
    tracker: Elements


@pytest.fixture
def seen(client):
    """Return what there is to see of each order, by external id; every mail was sent and parses."""

    def look() -> dict[str, Seen]:
        outbox = {each.extra_headers["Message-ID"]: parsed(each) for each in mail.outbox}
        found = {}
        for message in Message.objects.select_related("order"):
            assert (message.state, message.detail) == ("sent", "")
            assert message.order is not None
            [read] = [each for name, each in outbox.items() if name.startswith(f"<{message.token}@")]
            text, html = (part.get_content() for part in read.iter_parts())
            [recipient] = read["to"].addresses
            page = client.get(reverse("public:tracker", args=[message.order.token]))
            assert page.status_code == 200
            assert read["subject"].strip() == message.subject
            found[message.order.external_id] = Seen(
                message.subject, recipient.addr_spec, text, Elements(html), Elements(page.content.decode())
            )
        assert len(found) == len(mail.outbox)
        return found

    return look


def same(found: Seen, plain: Seen, words: str) -> list[str]:
    """Return what is wrong with an order's mail and tracker beside those of a plain one; `words` must be read in all of them."""
    wrong = [f"{mark} in the mail" for mark in found.html.marks - plain.html.marks]
    wrong += [f"{mark} in the tracker" for mark in found.tracker.marks - plain.tracker.marks]
    for where, text in (("text", found.text), ("html", "".join(found.html.words)), ("tracker", "".join(found.tracker.words))):
        wrong += [] if bare(words) in bare(text) else [f"not said in the {where}"]
    return wrong


def test_naughty_words_in_every_field_stay_words_in_mail_and_tracker(hand_in, seen):
    now = clock.read()
    naughty = [word for word in json.loads((DATA / "naughty_strings.json").read_text(encoding="utf-8")) if word.strip()]
    plainly = {"status": "in_transit", "tracking_url": "http://carrier.example/1"}
    told = [sold("plain", at=now, name="Ana Ribeiro", line="Plain kettle") | {"shipments": [{**parcel("plain", at=now), **plainly}]}]
    for number, word in enumerate(naughty):
        scan = {"status": "in_transit", "carrier": word, "tracking_number": word, "tracking_url": word}
        told.append(sold(str(number), at=now, name=word, line=word) | {"shipments": [{**parcel(str(number), at=now), **scan}]})
    hand_in(told)
    found = seen()
    assert len(found) == len(naughty) + 1
    plain = found.pop("ext-plain")
    wrong = {word: same(found[f"ext-{number}"], plain, word) for number, word in enumerate(naughty)}
    assert {word: problems for word, problems in wrong.items() if problems} == {}, wrong


def test_people_of_all_locales_at_addresses_of_all_countries_get_their_mail(hand_in, seen):
    now = clock.read()
    names = [
        (row["locale"], " ".join(filter(None, (full.get(part) for part in ("title", "given", "given2", "surname-core", "surname2")))))
        for row in lines_of("person_names_cldr.jsonl")
        for full in [row["sampleName"].get("nativeFull") or row["sampleName"]["nativeGS"]]
    ]
    places = lines_of("addresses_opencage.jsonl")
    told = [sold("plain", at=now, name="Ana Ribeiro", line="Plain kettle")]
    for number, place in enumerate(places[::2]):
        locale, name = names[number % len(names)]
        parts = place["components"]
        address = {
            "name": name, "address1": f"{parts.get('road', 'Road')} {parts.get('house_number', '')}", "city": parts.get("city", "Town"),
            "zip": parts.get("postcode", ""), "country_code": parts["country_code"].upper(),
        }  # fmt: skip
        told.append({**sold(str(number), at=now, name=name, line=name, address=address), "locale": locale})
    hand_in(told)
    found = seen()
    plain = found.pop("ext-plain")
    wrong = {number: same(found[f"ext-{number}"], plain, names[number % len(names)][1]) for number in range(len(found))}
    assert {names[number % len(names)]: problems for number, problems in wrong.items() if problems} == {}


def test_addresses_of_every_kind_are_mailed_exactly_or_left_out_in_words(hand_in, shop):
    now = clock.read()
    rows = [*lines_of("emails_validator.jsonl"), *lines_of("emails_isemail.jsonl")]
    given = list(dict.fromkeys(row["address"] for row in rows if len(row["address"]) <= 320))
    hand_in([sold(str(number), at=now, name="Ana", line="Kettle", email=address) for number, address in enumerate(given)])
    runs = StepRun.objects.filter(step_key="confirmation").select_related("order", "customer", "message")
    assert Order.objects.count() == len(given) == runs.count()
    wrong = {}
    for run in runs:
        assert run.order is not None
        address = given[int(run.order.external_id.removeprefix("ext-"))].replace("\0", "").strip()
        outcome = outcome_of(run)
        expected = expected_outcome(address)
        if outcome != expected:
            wrong[address] = (outcome, expected)
    assert wrong == {}, wrong


def outcome_of(run: StepRun) -> str:
    """Return to whom the confirmation went, as the mail itself says; or why it did not go."""
    if run.message is None:
        return f"{run.state}: {run.reason}"
    if run.message.state != "sent":
        return f"{run.message.state}: {run.message.detail}"
    [sent] = [each for each in mail.outbox if each.extra_headers["Message-ID"].startswith(f"<{run.message.token}@")]
    [recipient] = parsed(sent)["to"].addresses
    return f"to {recipient.username}@{recipient.domain}"


def expected_outcome(address: str) -> str:
    key = identity.email_key(address)
    if key is None:
        return "skipped: no_address"
    local, _, domain = address.rpartition("@")
    if re.search(r"\\[^!-~]", local):
        return "failed: The customer’s address is none that a mail can carry."
    if not local.isascii():
        return "failed: The customer’s address has letters beyond ASCII before the @, which this mail road cannot carry."
    meant = re.sub(r"\\(.)", r"\1", local[1:-1]) if local.startswith('"') else local  # quotes are a way of writing, not of the name
    return f"to {meant}@{domain.encode('idna').decode()}"
