"""Steps that tell another system: stored, signed, tried again, and never sent to an address that is not public."""

import hmac
import json
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from campaigns import calls
from campaigns.models import Call, Flow, FlowVersion, Step, StepRun
from campaigns.tasks import sweep_until_quiet
from customers.models import Event
from stores import clock


class There(HTTPServer):
    """A system that answers as its `answers` say, 200 at the end, and keeps what it was told."""

    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)
        self.told: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: list[int] = []


@pytest.fixture
def there():
    class Answering(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.told.append((self.path, dict(self.headers), body))
            self.send_response(server.answers.pop(0) if server.answers else 200)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = There(Answering)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def told(store, live_flow, placed, there):
    """An order whose flow has told it to that system, as far as storing it goes."""
    flow = Flow.objects.create(store=store, key="made", name="Made", state="live", activated_at=clock.read())
    version = FlowVersion.objects.create(store=store, flow=flow, number=1, trigger="order.placed", created_at=clock.read())
    Step.objects.create(
        store=store, version=version, position=1, key="tell", name="Tell", kind="webhook", anchor="placed", use_by_hours=72,
        purpose="service", details={"url": f"http://127.0.0.1:{there.server_port}/hook?a=1"},
    )  # fmt: skip
    flow.version = version
    flow.save()
    order = placed()
    sweep_until_quiet()
    return order


def test_a_call_is_stored_once_and_posted_with_a_signature_that_can_be_checked(told, there, settings, store):
    settings.PRIVATE_MAIL_SERVERS = True
    assert StepRun.objects.get(step_key="tell").state == "handed_over"
    assert calls.sweep(now=clock.read()) == 1
    assert calls.sweep(now=clock.read()) == 0
    [(path, headers, body)] = there.told
    assert path == "/hook?a=1"
    assert headers["X-Doorstep-Signature"] == "sha256=" + hmac.new(calls.secret_of(store).encode(), body, "sha256").hexdigest()
    assert headers["X-Doorstep-Delivery"] == f"step-{StepRun.objects.get(step_key='tell').pk}"
    assert json.loads(body)["order"]["number"] == told.number
    assert (Call.objects.get().state, Event.objects.filter(kind="webhook.sent").count()) == ("sent", 1)


def test_what_is_not_taken_is_tried_again_with_growing_pauses_and_given_up_in_the_end(told, there, settings):
    settings.PRIVATE_MAIL_SERVERS = True
    there.answers = [500] * 6
    for pause in calls.PAUSES:
        now = clock.read()
        assert calls.sweep(now=now) == 1
        assert abs(Call.objects.get().due_at - now - pause) < timedelta(seconds=1)
        clock.set_to(now + pause + timedelta(seconds=1))
    assert calls.sweep(now=clock.read()) == 1
    assert (Call.objects.get().state, len(there.told)) == ("failed", 6)
    assert Event.objects.get(kind="webhook.failed").data["detail"] == "NotTaken: It answered 500."


def test_a_private_address_is_refused_before_anything_is_sent(told, there, settings):
    settings.PRIVATE_MAIL_SERVERS = False
    calls.sweep(now=clock.read())
    assert there.told == []
    assert Call.objects.get().detail.startswith("NotPublic: 127.0.0.1 leads to 127.0.0.1, which is not a public address.")


def test_a_process_that_dies_with_a_call_in_hand_leaves_it_due_again(told, there, settings):
    settings.PRIVATE_MAIL_SERVERS = True
    calls._claimed(now=clock.read(), limit=20)
    assert calls.sweep(now=clock.read()) == 0
    clock.set_to(clock.read() + timedelta(minutes=3))
    assert calls.sweep(now=clock.read()) == 1
    assert Call.objects.get().state == "sent"
