"""What stands beside the words of a mail while they are written, in a flow or for once: the mail as somebody gets it, and its checks."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from campaigns import fitness
from campaigns.models import Step
from campaigns.variables import VARIABLES
from campaigns.writing import following, preview
from lifecycle.console import flow_step, frames, reach, read_as
from lifecycle.console.flow_editor import checks
from lifecycle.console.flow_editor import content as contents
from lifecycle.console.flow_editor.offered import Offered
from messaging.models import Writer
from messaging.rendering import Rendered, RenderError
from messaging.rendering.proofs import Proof
from messaging.roads import accounts
from messaging.roads.accounts import Sender
from stores.access import StoreRequest

#: What may be written into a mail: how to write it, what it is, and how it may look; and of it what one without an order can speak of.
VALUES = [(name, value.what, value.sample) for name, value in VARIABLES.items() if isinstance(value.sample, str) and value.sample]
WITHOUT_ORDER = frozenset({
    "first_name", "store_name", "sender_name", "sender_first", "shop_url", "last_item", "because", "things_words", "thing_url", "later_url",
    "lasts_words", "offer_value", "offer_code", "offer_until", "offer_url", "offer_day", "offer_terms",
})  # fmt: skip


@dataclass(frozen=True)
class Mail:
    """The mail that is written: the step it is of, and which of its wordings and languages is open.

    `frame` is where it is drawn alone, and `at` the number of the block that was just changed, which is shown there.
    """

    step: Step
    content: Mapping[str, Any]
    frame: str
    now: datetime
    wording: str = ""
    language: str = ""
    at: int = 0


def of(request: StoreRequest, mail: Mail, *, others: int = 1) -> dict[str, Any]:
    """Return what changes with each letter that is typed; so many `others` to read it as are looked for."""
    now, step = mail.now, mail.step
    shown = read_as.of(request, step.version, now=now, most=others)
    problems, here = fitness.of_step(step), fitness.of_mail(mail.content, step.purpose) if step.is_mail else []
    drawn, problem = _drawn(mail, shown, now=now) if step.is_mail else (None, "")
    sender = accounts.sender_of(request.store, accounts.account_of(request.store, step.purpose), step.written_by)
    reached = functools.cache(functools.partial(reach.of, request.store, now=now))
    found = [*_of_sender(step.written_by, sender), *following.faults(request.store, mail.content, now=now)] if step.is_mail else []
    wanted = read_as.said(request, "view")
    view = wanted if wanted in dict(flow_step.ALL_VIEWS) else "phone"
    query = {
        "as": shown.key, "view": view, "case": shown.case, "wording": mail.wording, "in": mail.language,
        "drawn": frames.keep(request, drawn) if drawn else "",
    }  # fmt: skip
    return {
        "now": now, "step": step, "content": mail.content, "problems": problems, "here": here, "shown_as": shown, "mail": drawn,
        "problem": problem, "zone": str(shown.sample.zone), "length": len(drawn.subject) if drawn else 0, "best": contents.SUBJECT_BEST,
        "preheader": flow_step.preheader_of(drawn.html) if drawn else "", "view": view, "views": flow_step.ALL_VIEWS,
        "checks": checks.of(mail.content, step.purpose, drawn, problems, reached, found) if step.is_mail else None, "reached": reached,
        "sender": sender, "spam": checks.spam_of(request, step, shown.sample, now=now, variant=mail.wording, language=mail.language),
        "frame": f"{mail.frame}{'&' if '?' in mail.frame else '?'}{urlencode(query)}{f'#block-{mail.at}' if mail.at > 1 else ''}",
    }  # fmt: skip


def page(request: StoreRequest, mail: Mail, offers: Offered) -> dict[str, Any]:
    """Return all that a page shows around the words: their blocks with their controls, and what can be put into them."""
    said = of(request, mail, others=read_as.PICKED)
    values = [value for value in VALUES if mail.step.version.is_about_order or value[0] in WITHOUT_ORDER]
    return {
        **said, "rows": contents.rows(mail.content, said["here"]), "menu": contents.menu_of(mail.step),
        "wrong": {problem.where: problem.what for problem in said["here"]},
        "values": [(f"{{{{ {name} }}}}", f'{{{{ {name} | default: "words" }}}}', what, sample) for name, what, sample in values],
        "offered": offers,
    }  # fmt: skip


def _of_sender(writer: Writer | None, sender: Sender) -> list[Proof]:
    """Return what is to be known of who writes: an address that this kind of mail cannot come from."""
    if writer is None or writer.email in ("", sender.email):
        return []
    words = f"It comes from {sender.email}, with the name of {writer}: mails of this kind have an address of their own."
    return [Proof("sender", words, is_grave=False)]


def _drawn(mail: Mail, shown: read_as.ReadAs, *, now: datetime) -> tuple[Rendered | None, str]:
    try:
        return preview.mail_for(mail.step, shown.sample, now=now, variant=mail.wording, language=mail.language, is_marked=True), ""
    except RenderError as error:
        return None, f"{error}"
