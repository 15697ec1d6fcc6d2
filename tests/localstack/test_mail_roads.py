"""`EMAIL_URL`, row by row."""

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage

from lifecycle import mail

SMTP = "messaging.roads.smtp.Backend"


def smtp(host: str, port: int, **others: Any) -> dict[str, Any]:
    nothing = {"EMAIL_HOST_USER": "", "EMAIL_HOST_PASSWORD": "", "EMAIL_USE_SSL": False, "EMAIL_USE_TLS": False}
    return {"EMAIL_BACKEND": SMTP, "EMAIL_HOST": host, "EMAIL_PORT": port, **nothing, **others}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("memory://", {"EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend"}),
        ("console://", {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}),
        ("file:///var/mails%20here", {"EMAIL_BACKEND": "lifecycle.mail.EmlFiles", "EMAIL_FILE_PATH": "/var/mails here"}),
        ("catcher://", smtp("127.0.0.1", 1025)),
        ("catcher://127.0.0.1:4025", smtp("127.0.0.1", 4025)),
        ("smtp://mail.example", smtp("mail.example", 25)),
        (
            "smtp://me%40x:p%2Fw@mail.example:587?tls=1",
            smtp("mail.example", 587, EMAIL_HOST_USER="me@x", EMAIL_HOST_PASSWORD="p/w", EMAIL_USE_TLS=True),
        ),
        ("smtps://mail.example", smtp("mail.example", 465, EMAIL_USE_SSL=True)),
        (
            "anymail://postmark?server_token=abc",
            {"EMAIL_BACKEND": "messaging.roads.providers.patient.Postmark", "ANYMAIL": {"POSTMARK_SERVER_TOKEN": "abc"}},
        ),
    ],
)
def test_an_address_chooses_the_road(url: str, expected: dict[str, Any]) -> None:
    assert mail.settings_from(url) == expected


@pytest.mark.parametrize("url", ["", "mail.example", "imap://mail.example", "anymail://"])
def test_an_address_that_is_not_understood_is_refused(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="is not understood"):
        mail.settings_from(url)


def test_mails_become_whole_files(settings: Any, tmp_path: Path) -> None:
    settings.EMAIL_FILE_PATH = str(tmp_path / "mails")
    sent = mail.EmlFiles().send_messages([EmailMessage("Hello", "Text", "a@x.example", ["b@x.example"])])
    [file] = (tmp_path / "mails").iterdir()
    assert (sent, file.suffix) == (1, ".eml")
    assert b"Subject: Hello\r\n" in file.read_bytes()
