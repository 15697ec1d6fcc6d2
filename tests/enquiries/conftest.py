"""A shop that takes mail, a customer of it, and letters as mail programs write them."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from anymail.inbound import AnymailInboundMessage
from django.test import Client

from enquiries import arriving, doors, letters
from enquiries.models import Desk
from stores import clock
from tests.factories.customers import customer

#: A Monday, 10:00 in Berlin: somebody is at the desk.
MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def now(db):
    clock.set_to(MONDAY)
    return MONDAY


@pytest.fixture
def desk(store) -> Desk:
    desk = Desk(store=store, address="answers@in.marlow.example")
    doors.put(desk, provider="mime")
    desk.save()
    return desk


@pytest.fixture
def ana(store):
    return customer(store, "ana@example.com", name="Ana Ribeiro", first_name="Ana")


def mail(text: str = "Where is my kettle?", **headers: str) -> bytes:
    """Return a mail as it travels; header names are written with underscores."""
    head = {"From": "Ana Ribeiro <ana@example.com>", "To": "answers@in.marlow.example", "Subject": "My kettle"}
    head |= {"Message-ID": "<one@example.com>", "Content-Type": "text/plain; charset=utf-8"}
    head |= {name.replace("_", "-"): value for name, value in headers.items()}
    return ("".join(f"{name}: {value}\r\n" for name, value in head.items() if value) + f"\r\n{text}\r\n").encode()


def letter(text: str = "Where is my kettle?", **headers: str) -> letters.Letter:
    return letters.of_mail(AnymailInboundMessage.parse_raw_mime_bytes(mail(text, **headers)))


def deliver(desk: Desk, body: bytes, *, content_type: str = "message/rfc822", password: str | None = None) -> int:
    """Hand a body over at the door, and read what was kept; return the answer's status."""
    secret = base64.b64encode(f"doorstep:{password or doors.password_of(desk)}".encode()).decode()
    answer = Client().post(desk.hook_path, body, content_type=content_type, headers={"Authorization": f"Basic {secret}"})
    arriving.drain(now=clock.read())
    return answer.status_code


def postmark(**fields: Any) -> bytes:
    """Return a mail as Postmark hands it over."""
    return json.dumps(
        {
            "Headers": [{"Name": "Message-ID", "Value": "<pm@example.com>"}],
            "FromFull": {"Email": "ana@example.com", "Name": "Ana", "MailboxHash": ""},
            "ToFull": [{"Email": "answers@in.marlow.example", "Name": "", "MailboxHash": ""}],
            "CcFull": [], "BccFull": [], "Subject": "Hello", "TextBody": "Hello there", "HtmlBody": "", "Attachments": [], **fields,
        }
    ).encode()  # fmt: skip
