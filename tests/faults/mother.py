"""The mother of workers that die (`processes.Mother`): a line of JSON in, the exit status of the child that did it out."""

import hashlib
import hmac
import json
import os
import sys
import traceback
from collections.abc import Mapping
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
    from django.test import Client

    client = Client()
    for payload in asked["payloads"]:
        body = json.dumps(payload).encode()
        signature = "sha256=" + hmac.new(asked["secret"].encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "X-Doorstep-Topic": "order", "X-Doorstep-Delivery": payload["external_id"], "X-Doorstep-Signature": signature,
        }  # fmt: skip
        answer = client.post(asked["path"], body, content_type="application/json", headers=headers)
        if answer.status_code != 200:
            raise AssertionError(answer.content)


if __name__ == "__main__":
    main()
