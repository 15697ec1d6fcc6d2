"""Links in mails are followed: what is found at their ends is said beside the mail, and nothing of this machine is reached."""

import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from campaigns.models import Step
from campaigns.writing import drafts, following
from campaigns.writing.models import Followed
from stores import clock, reachable

ANSWERS = {
    "/good": (200, ""), "/only-get": (405, ""), "/gone": (404, ""), "/broken": (503, ""), "/members": (403, ""), "/moved": (301, "/good"),
    "/round": (302, "/round"), "/away": (302, "http://10.0.0.1/secret"), "/caf%C3%A9": (200, ""),
}  # fmt: skip


@pytest.fixture(scope="module")
def pages():
    asked: list[str] = []

    class Answering(BaseHTTPRequestHandler):
        def do_HEAD(self):
            asked.append(f"{self.command} {self.path}")
            status, onward = ANSWERS[self.path]
            self.send_response(200 if self.path == "/only-get" and self.command == "GET" else status)
            if onward:
                self.send_header("Location", onward)
            self.end_headers()

        do_GET = do_HEAD

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    ("path", "fault", "asked"),
    [
        ("/good", "", ["HEAD /good"]),
        ("/café", "", ["HEAD /caf%C3%A9"]),
        ("/only-get", "", ["HEAD /only-get", "GET /only-get"]),
        ("/gone", "leads to no page any more (its answer is 404)", ["HEAD /gone", "GET /gone"]),
        ("/broken", "leads to a page that does not work (its answer is 503)", ["HEAD /broken"]),
        ("/members", "", ["HEAD /members", "GET /members"]),
        ("/moved", "", ["HEAD /moved", "HEAD /good"]),
        ("/round", "leads from page to page and nowhere in the end", ["HEAD /round"] * 5),
    ],
)
def test_what_is_at_the_end_of_a_link(pages, settings, path, fault, asked):
    settings.PRIVATE_MAIL_SERVERS = True
    (home, told), start = pages, len(pages[1])
    assert following.look(home + path) == fault
    assert told[start:] == asked


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1/x", "http://[::1]/", "http://169.254.169.254/latest/meta-data", "https://localhost/"]
)
def test_nothing_that_is_not_public_is_asked_for(settings, address):
    settings.PRIVATE_MAIL_SERVERS = False
    assert following.look(address) == "leads to no public address"


def test_a_redirect_leads_nowhere_that_is_not_public(pages, settings, monkeypatch):
    settings.PRIVATE_MAIL_SERVERS = False
    monkeypatch.setattr(reachable, "is_public", lambda text: text == "127.0.0.1")
    assert following.look(pages[0] + "/away") == "leads to no public address"


@pytest.mark.parametrize("address", ["https://", "https://a..b/", "http://127.0.0.1:99999/", "https://" + "ü" * 70 + ".example/"])
def test_what_is_no_address_cannot_be_reached(address, settings):
    settings.PRIVATE_MAIL_SERVERS = True
    assert following.look(address) == "cannot be reached"


def linked(*addresses):
    blocks = [{"kind": "button", "label": "See it", "url": address} for address in addresses]
    return {"subject": "Hello", "preheader": "", "blocks": blocks}


@pytest.mark.django_db
def test_links_are_followed_once_a_day_while_they_stand_in_a_mail_and_what_is_wrong_is_said(flow, mara, signed_in, pages, settings):
    settings.PRIVATE_MAIL_SERVERS = True
    (home, told), start, now = pages, len(pages[1]), clock.read()
    url = f"/s/marlow/flows/{flow.key}/edit/steps/tips/"
    written = {
        "revision": "1", "act": "save", "subject": "Hello", "b1.kind": "text", "b1.text": f"[Look]({home}/gone)",
        "b2.kind": "button", "b2.label": "See it", "b2.url": "{{ shop_url }}",
        "b3.kind": "button", "b3.label": "Or", "b3.url": f"{home}/good",
    }  # fmt: skip
    browser = signed_in(mara)
    browser.post(url, written)
    assert following.sweep(now=now) == 0  # somebody may still be typing
    assert following.sweep(now=now + timedelta(minutes=1)) == 2
    assert "leads to no page any more (its answer is 404), as seen on" in browser.get(url).content.decode()
    assert following.sweep(now=now + timedelta(minutes=70)) == 1  # what was not found is looked for again soon
    drafts.discard(flow)
    assert following.sweep(now=now + timedelta(days=2)) == 2
    assert (len(told) - start, Followed.objects.count()) == (5, 0)


@pytest.mark.django_db
def test_the_links_of_every_wording_and_language_are_known_and_those_of_another_store_are_not(flow, store, other):
    now = clock.read()
    content = {**linked("https://a.example/"), "in": {"de": linked("https://b.example/", "https://b.example/{{ first_name }}")}}
    Step.objects.filter(version=flow.version, key="tips").update(
        content=content, variants=[{"key": "b", "share": 50, "content": linked("http://c.example/")}]
    )
    following.note(store, content, now=now)
    assert set(Followed.objects.values_list("address", flat=True)) == {"https://a.example/", "https://b.example/"}
    assert following._standing(store.pk) == {"https://a.example/", "https://b.example/", "http://c.example/"}
    Followed.objects.update(fault="cannot be reached", looked_at=now)
    assert [proof.where for proof in following.faults(store, content, now=now)] == ["block 1, url", "de, block 1, url"]
    assert following.faults(other, content, now=now) == []
