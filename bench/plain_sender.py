"""The plain way: `python -m bench.plain_sender FILE COUNT` draws a mail with Django's templates, builds it with Django's mail classes and
sends it over one kept connection, again and again. Nothing is decided, looked up or recorded.
"""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import django

from bench import scratch

if TYPE_CHECKING:
    from django.template import Template


def main(file: str, count: int) -> None:
    from django.conf import settings
    from django.core.mail import EmailMultiAlternatives, get_connection
    from django.template import Context

    mail = json.loads(Path(file).read_text(encoding="utf-8"))
    html, text = _template(mail["html"], chunks=40), _template(mail["text"], chunks=20)
    line = get_connection("django.core.mail.backends.smtp.EmailBackend", host=settings.EMAIL_HOST, port=settings.EMAIL_PORT)
    line.open()
    with scratch.started():
        for n in range(count):
            values = Context({f"value{place}": f"Ana {n}" for place in range(40)})
            message = EmailMultiAlternatives(mail["subject"], text.render(values), mail["from_email"], [f"ana.{n}@home.example"])
            message.attach_alternative(html.render(values), "text/html")
            line.send_messages([message])
    line.close()


def _template(text: str, *, chunks: int) -> "Template":
    """Return a drawn mail as a template with a value after each of so many pieces."""
    from django.template import Template

    size = len(text) // chunks + 1
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    return Template("".join("{% verbatim %}" + piece + "{% endverbatim %}{{ value" + f"{n}" + " }}" for n, piece in enumerate(pieces)))


if __name__ == "__main__":
    django.setup()
    main(sys.argv[1], int(sys.argv[2]))
