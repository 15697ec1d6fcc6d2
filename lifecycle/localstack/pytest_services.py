"""Bring the embedded services up for a test run, before pytest-django reads the settings (a conftest.py would be too late).

The process that starts the run owns the servers; xdist's workers inherit its environment, copy their test databases from one template
(`pytest_databases`), and have a cache each. With DATABASE_URL set, pytest-django's ordinary creation is left alone.
"""

import os
from collections.abc import Generator
from urllib.parse import urlsplit

import pytest

from lifecycle.localstack import servers


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Generator[None, None, None]:
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        number = int(worker.removeprefix("gw")) % 15 + 1
        os.environ["REDIS_URL"] = urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{number}").geturl()
    else:
        is_ours = not os.environ.get("DATABASE_URL")
        os.environ.setdefault("EMAIL_URL", "memory://")
        os.environ.pop("LIFECYCLE_DATA", None)
        try:
            servers.start_for_command(fast=True)
        except servers.Refused as refusal:
            raise pytest.UsageError(str(refusal)) from None
        os.environ["LIFECYCLE_TEST_TEMPLATE"] = "test_template" if is_ours else ""
    return (yield)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Register the fixture after pytest-django's, which it replaces."""
    if os.environ.get("LIFECYCLE_TEST_TEMPLATE") and "PYTEST_XDIST_WORKER" in os.environ:
        from lifecycle.localstack import pytest_databases

        config.pluginmanager.register(pytest_databases)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        servers.current().stop()
