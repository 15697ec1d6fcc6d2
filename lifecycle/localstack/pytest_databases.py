"""The test databases of xdist's workers: copies of one template, which the worker that comes first migrates."""

import os

import pytest
from pytest_django import DjangoDbBlocker

_TEMPLATE = "test_template"
_ONE_AT_A_TIME = 7_130_401  # an advisory lock's number, arbitrary


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Have this worker's test database copied from the migrated template."""
    from django.conf import settings

    with django_db_blocker.unblock():
        _make_template()
    settings.DATABASES["default"]["TEST"]["TEMPLATE"] = _TEMPLATE


def _make_template() -> None:
    """Create and migrate the template unless another worker has."""
    import psycopg2
    from django.db import connection

    from lifecycle.localstack import migrating

    guard = psycopg2.connect(os.environ["DATABASE_URL"])
    guard.autocommit = True
    with guard.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_ONE_AT_A_TIME])
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_TEMPLATE])
        if cursor.fetchone() is None:
            cursor.execute(f"DROP DATABASE IF EXISTS {_TEMPLATE}_partial")
            cursor.execute(f"CREATE DATABASE {_TEMPLATE}_partial")
            ordinary = connection.settings_dict["NAME"]
            connection.settings_dict["NAME"] = f"{_TEMPLATE}_partial"
            try:
                migrating.migrate()
            finally:
                connection.settings_dict["NAME"] = ordinary
            cursor.execute(f"ALTER DATABASE {_TEMPLATE}_partial RENAME TO {_TEMPLATE}")
    guard.close()
