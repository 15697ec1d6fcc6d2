"""The plain way: `python -m bench.plain_sender FILE COUNT` builds and sends one ready-made text again and again over one connection."""

import json
import sys
from pathlib import Path

import django

from bench import scratch


def main(file: str, count: int) -> None:
    from django.conf import settings
    from django.core.mail import EmailMultiAlternatives, get_connection

    mail = json.loads(Path(file).read_text(encoding="utf-8"))
    line = get_connection("django.core.mail.backends.smtp.EmailBackend", host=settings.EMAIL_HOST, port=settings.EMAIL_PORT)
    line.open()
    with scratch.started():
        for n in range(count):
            message = EmailMultiAlternatives(mail["subject"], mail["text"], mail["from_email"], [f"ana.{n}@home.example"])
            message.attach_alternative(mail["html"], "text/html")
            line.send_messages([message])
    line.close()


if __name__ == "__main__":
    django.setup()
    main(sys.argv[1], int(sys.argv[2]))
