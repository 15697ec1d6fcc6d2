import os
from urllib.parse import urlsplit

import pytest
from django.db import connection


@pytest.fixture(scope="module")
def database_url(django_db_setup) -> str:
    """The test database's address, for other processes."""
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
