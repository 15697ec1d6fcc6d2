"""Which mails of a store have words in which language, and Doorstep's own words for those that have not: of every flow, in its draft."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from campaigns import translating
from campaigns.models import Flow, FlowVersion, Step
from campaigns.recipes import translated
from campaigns.writing import drafts
from messaging import rendering
from stores import phrases
from stores.models import Store, User


@dataclass(frozen=True)
class Spoken:
    """How far a flow's mails have words in a language: of how many, the first that has none, and how many of those we have words for."""

    flow: Flow
    language: str
    mails: int
    written: int
    behind: int
    missing: str
    ours: int


def of(store: Store, languages: Sequence[str]) -> list[Spoken]:
    """Return each flow's mails by language, in the order in which flows go first; a flow without mails is left out."""
    flows = Flow.objects.filter(store=store, is_one_off=False, version__isnull=False).select_related("version", "draft")
    mails = [(flow, _mails(drafts.of(flow) or flow.version)) for flow in flows.order_by("priority", "id")]
    return [_spoken(flow, steps, language) for flow, steps in mails if steps for language in languages]


def _mails(version: FlowVersion | None) -> list[Step]:
    return [step for step in version.active_steps() if step.is_mail] if version else []


def _spoken(flow: Flow, steps: Sequence[Step], language: str) -> Spoken:
    lacking = [step for step in steps if language not in rendering.languages(step.content)]
    behind = [step for step in steps if language in step.content.get("in", {}) and translating.is_behind(step.content, language)]
    ours = [step for step in lacking if words_for(step, language)]
    return Spoken(flow, language, len(steps), len(steps) - len(lacking), len(behind), lacking[0].key if lacking else "", len(ours))


def words_for(step: Step, language: str) -> dict[str, object] | None:
    """Return our words for a mail that says in English what a recipe says; None for any other, and where there are none."""
    english = rendering.in_language(step.content, phrases.ENGLISH) if phrases.ENGLISH in rendering.languages(step.content) else None
    return translated.in_language(english, language) if english else None


@transaction.atomic
def teach(store: Store, language: str, *, by: User, now: datetime) -> Sequence[Step]:
    """Put our words of a language into the drafts of every mail that lacks it and that we have them for; return those."""
    taught = []
    for flow in Flow.objects.filter(store=store, is_one_off=False, version__isnull=False).select_related("version", "draft").order_by("id"):
        taught += list(_taught(flow, language, by=by, now=now))
    return taught


def _taught(flow: Flow, language: str, *, by: User, now: datetime) -> Iterator[Step]:
    for step in _mails(drafts.of(flow) or flow.version):
        said = words_for(step, language) if language not in rendering.languages(step.content) else None
        if said is None:
            continue
        draft = drafts.begin(flow, now=now)
        revision = draft.steps.get(key=step.key).revision
        content = translating.put(step.content, language, said)
        yield drafts.edit(flow, step.key, revision=revision, changes={"content": content}, by=by, now=now)
