"""The mother of workers that die (`processes.Mother`): a line of JSON in, the exit status of the child that did it out."""

import base64
import hashlib
import hmac
import json
import os
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import django


def main() -> None:
    django.setup()
    from django.conf import settings
    from django.urls import get_resolver

    settings.NUDGE = False
    settings.ALLOWED_HOSTS = ["*"]
    _ = get_resolver().url_patterns, __import__("campaigns.tasks")  # loaded once, for all children
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _live(json.loads(line))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _live(asked: Mapping[str, Any]) -> None:
    """Do what was asked as a process of its own, and end."""
    from django.db import connections

    from stores import failpoints

    status = 1
    try:
        failpoints.arm(asked["failpoint"])
        if asked["work"] in ("hooks", "life"):
            _post(asked)
        if asked["work"] in ("sweep", "life"):
            from campaigns.tasks import sweep_until_quiet

            sweep_until_quiet()
        if asked["work"] == "life":
            _go_on_living(asked)
        connections.close_all()
        status = 0
    except failpoints.Injected:
        status = 3
    except Exception:
        traceback.print_exc()
    finally:
        os._exit(status)


def _post(asked: Mapping[str, Any]) -> None:
    """Post each order as a signed delivery; whoever posts it again uses the same delivery id, as shops do."""
    for payload in asked["payloads"]:
        body = json.dumps(payload).encode()
        signature = "sha256=" + hmac.new(asked["secret"].encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "X-Doorstep-Topic": "order", "X-Doorstep-Delivery": payload["external_id"], "X-Doorstep-Signature": signature,
        }  # fmt: skip
        _deliver(asked["path"], body, headers)


def _go_on_living(asked: Mapping[str, Any]) -> None:
    """Let the provider tell that it delivered what the mail server took, and the customer who asks for it be forgotten."""
    from campaigns.tasks import sweep_until_quiet
    from customers import erasure
    from customers.models import Customer
    from stores import clock

    proof = {"Authorization": "Basic " + base64.b64encode(asked["hook_key"].encode()).decode()}
    for line in Path(asked["taken"]).read_text().splitlines():
        token, to, _ = line.split()
        news = {"RecordType": "Delivery", "Recipient": to, "MessageID": token, "Metadata": {"message": token}}
        _deliver(asked["hook_path"], json.dumps(news).encode(), proof)
    sweep_until_quiet()
    for person in Customer.objects.filter(email_key=asked["asks_to_be_forgotten"]):
        erasure.ask(person, by="Alice", now=clock.read())
    sweep_until_quiet()


def _deliver(path: str, body: bytes, headers: Mapping[str, str]) -> None:
    from django.test import Client

    answer = Client().post(path, body, content_type="application/json", headers=headers)
    if answer.status_code != 200:
        raise AssertionError(answer.content)


if __name__ == "__main__":
    main()
