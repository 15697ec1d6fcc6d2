"""The mails that are kept whole in tests/goldens: five mails of the recipe, each as one customer gets it, and the hard cases."""

import re
from typing import Any

from campaigns import values
from campaigns.recipes import post_purchase
from messaging import links, rendering
from messaging.models import Message
from messaging.roads import mime
from stores.models import Store
from tests.campaigns import recipe_mails
from tests.campaigns.mail_facts import PLACED, STORE

TOKEN = "wGl5jzm0T0yv7cYQ3kXb2A"
MAILS = {step["key"]: step for step in post_purchase.STEPS}
TITLES = tuple(f"Thing number {number}" for number in range(12))
HEBREW = "נועה בת־אל"
NAUGHTY = 'Jörg "the\r\nBcc: all@example.com" <script>, O\u2028Neil =?utf-8?q?x?= 😀'

#: The file, the step, and what is special about its facts.
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    **{key: (key, {}) for key in MAILS},
    "no-name": ("confirmation", {"name": ""}),
    "right-to-left": ("tips", {"name": HEBREW}),
    "twelve-items-in-yen": ("confirmation", {"titles": TITLES, "currency": "JPY"}),
    "dinar": ("goes-well", {"currency": "KWD"}),
    "naughty": ("check-in", {"name": NAUGHTY, "number": NAUGHTY[:40]}),
    "no-marketing": ("confirmation", {"may_get_marketing": False}),
}


def message(case: str, *, track_clicks: str = "bulk") -> Message:
    """Return a case's outbox row, never saved; its tokens and dates are always the same."""
    key, special = CASES[case]
    step = MAILS[key]
    seen = recipe_mails.seen(key, message_token=TOKEN, public_url="https://mail.example", **special)
    compiled = rendering.compiled(("golden", key), step["content"], rendering.brand_of(STORE), str(step["purpose"]))
    drawn = compiled.render(values.values(seen))
    name = special.get("name", "Ana Ribeiro")
    made = Message(
        store=Store(pk=7, name=STORE.name, track_clicks=track_clicks), dedupe_key="run:1", flow="post-purchase", step=key,
        purpose=step["purpose"], to_email="ana@example.com", to_name=name, from_email="hello@marlow.example",
        from_name="Jo at Marlow & Finch", reply_to="jo@marlow.example", due_at=PLACED, token=TOKEN, subject=drawn.subject,
        html=drawn.html, text=drawn.text,
    )  # fmt: skip
    for number, link in enumerate(links.count_in([made]), 1):
        fixed = f"link{number:018d}"
        made.html, made.text = made.html.replace(link.token, fixed), made.text.replace(link.token, fixed)
    return made


def content(case: str) -> bytes:
    return mime.mail_of(message(case)).as_bytes()


def addresses(made: Message) -> set[str]:
    """Return every address a mail leads to or loads from, out of both parts."""
    from html import unescape

    in_html = {unescape(found) for found in re.findall(r'(?:href|src)="([^"]+)"', made.html)}
    return in_html | set(re.findall(r"https?://\S+", made.text))
