"""Who lives in a run's shops while everything dies: somebody who orders all the time, and customers who change their minds."""

import hashlib
import hmac
import json
import random
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from datetime import UTC, datetime

from django.db import Error, connection, transaction

from customers import consent
from customers.models import Consent, Customer
from messaging.models import Message
from stores import clock

State = Message.State


class Worker(threading.Thread):
    """Does one thing over and over until it is told to stop; `problem` is what ended it before."""

    def __init__(self, every: tuple[float, float], seed: int) -> None:
        super().__init__(daemon=True)
        self.every, self.fate, self.is_over, self.problem = every, random.Random(seed), threading.Event(), ""

    def run(self) -> None:
        try:
            while not self.is_over.wait(self.fate.uniform(*self.every)):
                self.once()
        except Exception as error:
            self.problem = f"{type(error).__name__}: {error}"
        finally:
            connection.close()

    def end(self) -> None:
        self.is_over.set()
        self.join()

    def once(self) -> None:
        raise NotImplementedError


class Orders(Worker):
    """A shop whose orders come in one after another, each delivered again until it is answered with 200, as shops do."""

    def __init__(self, *, port: int, path: str, secret: str, seed: int) -> None:
        super().__init__((0.1, 1.0), seed)
        self.url, self.secret = f"http://127.0.0.1:{port}{path}", secret
        self.placed: dict[str, float] = {}

    def once(self) -> None:
        number = len(self.placed)
        address = f"live.{number}@home.example"
        now = datetime.now(UTC).isoformat()
        line = {"external_id": "1", "name": "Kettle", "quantity": 1, "unit_price": "49.90", "product_external_id": "p0"}
        order = {
            "external_id": f"live-{number}", "number": f"L{number}", "placed_at": now, "updated_at": now, "currency": "EUR",
            "total": "49.90", "financial_status": "paid", "lines": [line], "customer": {"email": address, "name": "Ana Silva"},
        }  # fmt: skip
        body = json.dumps(order).encode()
        signature = "sha256=" + hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json", "X-Doorstep-Topic": "order", "X-Doorstep-Delivery": f"live-{number}",
            "X-Doorstep-Signature": signature,
        }  # fmt: skip
        self.placed[address] = time.time()
        while not self._is_taken(urllib.request.Request(self.url, body, headers)):
            time.sleep(0.3)

    @staticmethod
    def _is_taken(request: urllib.request.Request) -> bool:
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


class Objections(Worker):
    """Customers who want no more help mails. `allowed`: by customer, the mails that may have gone when their word was written down."""

    def __init__(self, customers: Sequence[int], *, seed: int) -> None:
        super().__init__((0.05, 0.3), seed)
        self.left = [*customers]
        self.fate.shuffle(self.left)
        self.allowed: dict[int, frozenset[str]] = {}

    def once(self) -> None:
        if not self.left:
            return
        person = self.left[-1]
        try:
            self.allowed[person] = self._object(person)
        except Error:  # the database is being killed as well; whether it was written down is asked again
            connection.close()
            return
        self.left.pop()

    @staticmethod
    @transaction.atomic
    def _object(pk: int) -> frozenset[str]:
        person = Customer.objects.select_for_update().get(pk=pk)  # after every gate that has let a mail of theirs pass
        consent.withdraw(person, topic=Consent.Topic.SERVICE, source="a link", now=clock.read())
        waiting = [State.QUEUED, State.CLAIMED, State.RETRY]
        gone = Message.objects.filter(customer=person).exclude(state__in=waiting, doubtful_road=None)
        return frozenset(gone.values_list("token", flat=True))
