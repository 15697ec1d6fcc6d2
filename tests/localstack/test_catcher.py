import json
import os
import smtplib
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest

from lifecycle.localstack import processes
from lifecycle.localstack.catcher import web
from lifecycle.localstack.catcher.mailbox import Mailbox
from lifecycle.localstack.processes import Child

PIXEL = b"GIF89a and so on"


@pytest.fixture
def mailbox(tmp_path: Path) -> Mailbox:
    return Mailbox(tmp_path / "mails")


def letter(subject: str = "Your parcel is on its way") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Marlow <shop@marlow.example>", "Ana Köhler <ana@home.example>", subject
    message.set_content("It comes tomorrow.\n")
    body = "<body><a href='https://x.example'>Track</a><img src='cid:pixel'></body>"
    message.add_alternative(f"<html><head><title>x</title></head>{body}</html>", subtype="html")
    html = message.get_body(("html",))
    assert html is not None
    html.add_related(PIXEL, "image", "gif", cid="<pixel>")
    return message


def keep(mailbox: Mailbox, message: EmailMessage | bytes) -> str:
    content = message if isinstance(message, bytes) else message.as_bytes()
    return mailbox.keep(content, sender="bounce@marlow.example", recipients=["ana@home.example"])


def page(mailbox: Mailbox, path: str) -> str:
    return web.respond(mailbox, path).body.decode()


@dataclass
class Running:
    smtp: int
    http: int
    folder: Path


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    smtp, http = processes.free_port(), processes.free_port()
    words = ["-m", "lifecycle.localstack.catcher", "--smtp-port", str(smtp), "--http-port", str(http), "--folder", str(tmp_path / "mails")]
    root = Path(__file__).resolve().parents[2]
    child = Child("catcher", [sys.executable, *words], tmp_path / "catcher.log", root, os.environ)
    child.start()
    processes.wait_until(lambda: processes.answers(smtp) and processes.answers(http), child, timeout=20)
    yield Running(smtp, http, tmp_path / "mails")
    child.stop()
    assert child.returncode() == 0


def test_a_sent_mail_is_kept_as_a_file_and_listed(running: Running) -> None:
    with smtplib.SMTP("127.0.0.1", running.smtp) as connection:
        connection.send_message(letter())
    [file] = running.folder.glob("*.eml")
    with urllib.request.urlopen(f"http://127.0.0.1:{running.http}/api/messages") as answer:
        [listed] = json.load(answer)
    listed.pop("date")
    assert listed == {
        "id": file.stem,
        "to": "Ana Köhler <ana@home.example>",
        "from": "Marlow <shop@marlow.example>",
        "subject": "Your parcel is on its way",
    }
    assert file.read_bytes().startswith(b"Return-Path: <shop@marlow.example>\r\nDelivered-To: ana@home.example\r\n")


def test_another_host_name_is_refused(running: Running) -> None:
    request = urllib.request.Request(f"http://127.0.0.1:{running.http}/", headers={"Host": "evil.example"})
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(request)


def test_the_newest_mail_stands_first(mailbox: Mailbox) -> None:
    keep(mailbox, letter("First"))
    keep(mailbox, letter("Second"))
    listed = page(mailbox, "/")
    assert listed.index(">Second<") < listed.index(">First<")
    assert "<span>2 mails</span>" in listed


def test_a_mail_is_shown_in_a_sandboxed_frame_without_scripts(mailbox: Mailbox) -> None:
    name = keep(mailbox, letter())
    shown = page(mailbox, f"/messages/{name}")
    assert f'sandbox="allow-popups allow-popups-to-escape-sandbox" src="/messages/{name}/html"' in shown
    assert "<pre>It comes tomorrow.\n</pre>" in shown
    framed = web.respond(mailbox, f"/messages/{name}/html")
    assert framed.policy.startswith("sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none';")
    assert '<head><base target="_blank">' in framed.body.decode()
    assert f"/messages/{name}/parts/2" in framed.body.decode()
    assert web.respond(mailbox, f"/messages/{name}/parts/2").body == PIXEL


def test_what_a_mail_says_is_escaped(mailbox: Mailbox) -> None:
    name = keep(mailbox, b'Subject: <script>alert(1)</script>\r\nFrom: "><b>\r\nX-Odd: <i>\r\n\r\n</pre><script>alert(2)</script>')
    for path in ("/", f"/messages/{name}"):
        assert "<script" not in page(mailbox, path)
        assert "<b>" not in page(mailbox, path)
    assert "<i>" not in page(mailbox, f"/messages/{name}")


def test_an_html_part_is_never_served_as_a_page_of_its_own(mailbox: Mailbox) -> None:
    name = keep(mailbox, b"Content-Type: image/svg+xml; name=a/b.svg\r\n\r\n<svg onload=alert(1)>")
    answer = web.respond(mailbox, f"/messages/{name}/parts/0")
    assert (answer.content_type, answer.headers) == ("application/octet-stream", {"Content-Disposition": 'attachment; filename="a_b.svg"'})


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\r\n",
        b"no header at all",
        b"Subject: =?no-such-charset?Q?=FF?=\r\n\r\nx",
        b"Subject: \xff\xfe raw bytes\r\nTo: \xe4@x\r\n\r\n\xff",
        b"Content-Type: text/plain; charset=klingon\r\n\r\n\xff",
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nnever closed",
        b"Content-Type: multipart/mixed\r\n\r\nno boundary",
        b"Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!not base64",
        b"Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nx",
        b"Date: never\r\nSubject: " + b"long " * 2000 + b"\r\n\r\nx",
        b'Subject: =?utf-8?b?////?=\r\nContent-Type: text/html; charset=""\r\n\r\nx',
    ],
)
def test_an_odd_mail_is_shown_as_far_as_it_goes(mailbox: Mailbox, content: bytes) -> None:
    name = keep(mailbox, content)
    for path in ("/", "/api/messages", f"/api/messages/{name}", f"/messages/{name}", f"/messages/{name}/html", f"/messages/{name}/raw"):
        assert web.respond(mailbox, path).status == 200
    assert (mailbox.folder / f"{name}.eml").read_bytes().endswith(content)


@pytest.mark.parametrize("path", ["/messages/../../etc/passwd", "/messages/1", "/messages/%2e%2e/raw", "/nothing", "/api/messages/x"])
def test_an_unknown_address_is_not_found(mailbox: Mailbox, path: str) -> None:
    assert web.respond(mailbox, path).status == 404
