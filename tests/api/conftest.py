import json

import pytest

from tests.factories.stores import bearer


@pytest.fixture
def call(client, store):
    """Call the API of `marlow`: call("orders") reads, call("orders", {...}) posts."""
    key = bearer(store)

    def run(path, body=None, headers=key):
        url = f"/api/v1/{path}"
        if body is None:
            return client.get(url, headers=headers)
        raw = body if isinstance(body, bytes) else json.dumps(body)
        return client.post(url, raw, content_type="application/json", headers=headers)

    return run
