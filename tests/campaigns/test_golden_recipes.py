"""Every mail of every recipe in every language and for every state of permission, to be read: one file a language in tests/goldens.

After a change that is meant: `GOLDENS=write make test` (or pytest on this file), and read the difference. The HTML part is held by a digest
of its words: how it looks is the matter of the whole mails beside these.
"""

import difflib
import hashlib
import os
import re
from html import unescape
from pathlib import Path

import pytest

from campaigns.recipes import RECIPES, translated
from messaging import permission, rendering
from messaging.reasons import Reason
from tests.campaigns.recipe_mails import STEPS, drawn

FOLDER = Path(__file__).parents[1] / "goldens"
#: Who may get marketing, who was never asked, and who wants nothing but what their orders need.
STATES = {"may get marketing": ("subscribed", False), "service only": ("never", False), "order mails only": ("unsubscribed", True)}


def refusal(purpose: str, state: str) -> Reason | None:
    marketing, objects = STATES[state]
    standing = permission.Standing(
        has_address=True, is_erased=False, is_suppressed=False, marketing=marketing, objects_to_service=objects, soft_opt_in=False,
        strict_service=False,
    )  # fmt: skip
    return permission.refusal(purpose, standing)


def whole(mail: rendering.Rendered) -> str:
    preview = re.search(r"mso-hide:all\">([^<\u034f]+)", mail.html)
    body = mail.html[mail.html.index("<body") :]
    words = " ".join(unescape(re.sub(r"<[^>]+>|[\u034f\u200c]", " ", body)).split())
    digest = hashlib.sha256(words.encode()).hexdigest()[:12]
    return f"Subject: {mail.subject}\nPreheader: {unescape(preview[1]).strip() if preview else ''}\nHTML: {digest}\n\n{mail.text}"


def told(recipe: str, key: str, language: str) -> str:
    """Return what becomes of one step: the mail as who may get marketing gets it, and what is different for the others."""
    purpose, first, parts = str(STEPS[recipe, key]["purpose"]), "", []
    for state in STATES:
        if reason := refusal(purpose, state):
            parts.append(f"--- {state}: not sent ({reason.value})\n")
            continue
        mail = whole(drawn(recipe, key, language, may_get_marketing=refusal("marketing", state) is None))
        if not first:
            first = mail
            parts.append(f"--- {state}\n{mail}")
            continue
        lines = [line for line in difflib.ndiff(first.splitlines(), mail.splitlines()) if line[:2] in ("- ", "+ ")]
        parts.append(f"--- {state}: {'but' if lines else 'the same'}\n" + "".join(f"{line.rstrip()}\n" for line in lines))
    return f"=== {recipe}, {key} ({purpose})\n\n" + "\n".join(parts)


def golden(language: str) -> str:
    return "\n\n".join(told(recipe, key, language) for recipe, key in STEPS)


@pytest.mark.parametrize("language", translated.LANGUAGES)
def test_every_mail_of_every_recipe_says_what_it_said_to_whoever_may_get_it(language):
    path, now = FOLDER / f"recipes.{language}.txt", golden(language)
    if os.environ.get("GOLDENS") == "write":
        path.write_text(now)
    assert now == path.read_text()


def test_who_wants_order_mails_only_gets_no_other():
    sent = {(recipe, key) for recipe, key in STEPS if refusal(str(STEPS[recipe, key]["purpose"]), "order mails only") is None}
    assert {recipe for recipe, _ in sent} == {"post-purchase", "order-status", "out-of-stock"} <= set(RECIPES)
