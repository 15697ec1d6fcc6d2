"""The settings as production starts with them: clean by Django's own checks, and no start at all with what cannot be safe."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PRODUCTION = {
    "LIFECYCLE_MODE": "production",
    "SECRET_KEY": "tests-only-0123456789-abcdefghij-klmnopqrst-uvwxyzABCD",
    "PUBLIC_URL": "https://shop.example",
    "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "EMAIL_URL": "smtp://127.0.0.1:1",
}
#: Says in one process what tests ask for, after the settings were loaded.
LOOK = (
    "from django.conf import settings as s; print(s.SECRET_KEY[:10], s.ALLOWED_HOSTS, s.DEBUG, s.SESSION_COOKIE_NAME,"
    " s.SECURE_SSL_REDIRECT, s.CSRF_TRUSTED_ORIGINS, s.EMAIL_HOST, s.EMAIL_HOST_PASSWORD, s.DATABASES['default']['NAME'])"
)


def run(words: list[str], **change: str | None) -> subprocess.CompletedProcess[str]:
    """Run Python with the production environment and some changes (None: not set)."""
    given = {**PRODUCTION, **change}
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    environment = (
        kept | {name: value for name, value in given.items() if value is not None} | {"DJANGO_SETTINGS_MODULE": "lifecycle.settings"}
    )
    return subprocess.run([sys.executable, *words], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)


def start(**change: str | None) -> subprocess.CompletedProcess[str]:
    return run(["-c", LOOK], **change)


def test_djangos_deployment_checks_are_clean_in_production():
    done = run(["manage.py", "check", "--deploy", "--fail-level", "WARNING"])
    assert (done.returncode, done.stdout) == (0, "System check identified no issues (0 silenced).\n"), done.stderr


def test_production_is_https_for_its_own_host_only_and_never_debugs():
    done = start()
    assert done.stdout == "tests-only ['shop.example'] False __Host-session True ['https://shop.example'] 127.0.0.1  nothing\n", done.stderr


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"SECRET_KEY": None}, "SECRET_KEY is not set. Production needs it: set SECRET_KEY or SECRET_KEY_FILE."),
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set."),
        ({"PUBLIC_URL": None}, "PUBLIC_URL is not set."),
        ({"PUBLIC_URL": "http://shop.example"}, "PUBLIC_URL must begin with https:// in production: it stands in every mail."),
        ({"DATABASE_URL": None}, "DATABASE_URL is not set. Production needs a PostgreSQL of its own (15 or newer)."),
        ({"REDIS_URL": None}, "REDIS_URL is not set."),
        ({"EMAIL_URL": None}, "EMAIL_URL keeps mails on this machine; production needs smtp://, smtps:// or anymail://provider."),
        ({"EMAIL_URL": "catcher://"}, "EMAIL_URL keeps mails on this machine"),
        ({"EMAIL_URL": "memory://"}, "EMAIL_URL keeps mails on this machine"),
        ({"EMAIL_URL": "carrier-pigeon://coop"}, "EMAIL_URL carrier-pigeon:// is not understood."),
        ({"MAIL_PER_MINUTE": "0"}, "MAIL_PER_MINUTE is 0; it must be at least 1. Leave it out for no limit."),
        ({"MAIL_WARM_UP_FROM": "tomorrow"}, "MAIL_WARM_UP_FROM is 'tomorrow'; write it like 2026-12-24."),
        ({"LIFECYCLE_MODE": "staging"}, "LIFECYCLE_MODE is 'staging'; it must be local or production."),
        ({"SECRET_KEY": None, "SECRET_KEY_FILE": "/nowhere/key"}, "No such file or directory: '/nowhere/key'"),
    ],
    ids=lambda value: " ".join(f"{name}={given}" for name, given in value.items()) if isinstance(value, dict) else "",
)
def test_an_unsafe_start_is_refused_in_words(change, reason):
    done = start(**change)
    assert (done.returncode, done.stdout) == (1, "")
    assert reason in done.stderr.splitlines()[-1], done.stderr


def test_every_secret_may_come_from_a_file(tmp_path):
    secrets = {
        "SECRET_KEY": "from-a-file-0123456789-abcdefghij-klmnopqrst-uvwxyz", "DATABASE_URL": "postgres://nobody:x@127.0.0.1:1/from_a_file",
        "EMAIL_URL": "smtp://user:hush@mail.example:587?tls=1",
    }  # fmt: skip
    change: dict[str, str | None] = {}
    for name, value in secrets.items():
        path = tmp_path / name.lower()
        path.write_text(value + "\n")
        change |= {name: None, f"{name}_FILE": str(path)}
    done = start(**change)
    assert (
        done.stdout == "from-a-fil ['shop.example'] False __Host-session True ['https://shop.example'] mail.example hush from_a_file\n"
    ), done.stderr


def test_on_ones_own_machine_it_starts_with_nothing_set():
    done = start(**dict.fromkeys(PRODUCTION))
    assert done.stdout.startswith("local-only ['127.0.0.1', 'localhost', '127.0.0.1', '[::1]'] False sessionid False"), done.stderr
