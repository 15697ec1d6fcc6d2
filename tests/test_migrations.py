"""Models and migrations say the same, and every migration is named for what it does."""

import re
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations import RunSQL
from django.db.migrations.loader import MigrationLoader

OURS = [app for app in apps.get_app_configs() if not app.name.startswith(("django", "allauth", "anymail", "csp", "ninja"))]


@pytest.mark.django_db
def test_no_change_of_a_model_is_without_its_migration():
    out = StringIO()
    call_command("makemigrations", "--check", "--dry-run", stdout=out)
    assert out.getvalue() == "No changes detected\n"


def test_no_two_migrations_of_a_room_are_last():
    loader = MigrationLoader(None)
    assert loader.detect_conflicts() == {}


def test_migrations_are_named_for_what_they_do():
    loader = MigrationLoader(None)
    ours = {app.label for app in OURS}
    automatic = [f"{label}.{name}" for label, name in loader.disk_migrations if label in ours and re.search(r"_auto_\d|_and_more$", name)]
    assert automatic == []


@pytest.mark.django_db
def test_the_words_of_mails_are_compressed_the_quick_way_where_the_server_can():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 'lz4' = ANY(enumvals) FROM pg_settings WHERE name = 'default_toast_compression'")
        if not cursor.fetchone()[0]:
            pytest.skip("This PostgreSQL was built without lz4.")
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'messaging_message'::regclass AND attcompression = 'l' ORDER BY attname"
        )
        assert [name for (name,) in cursor.fetchall()] == ["html", "text"]


def test_what_was_written_by_hand_into_a_migration_is_still_there():
    last = MigrationLoader(None).disk_migrations["messaging", "0001_initial"].operations[-1]
    assert isinstance(last, RunSQL)
    assert "lz4" in str(last.sql)
