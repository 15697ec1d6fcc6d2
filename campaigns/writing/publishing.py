"""A draft becomes the live version, can be taken back for ten minutes, and stays in the flow's history for good."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from campaigns import fitness
from campaigns.models import Enrollment, Flow, FlowVersion
from campaigns.writing import differences, drafts
from messaging import imprint
from messaging.models import Purpose
from stores.models import User

UNDO = timedelta(minutes=10)


class CannotPublish(Exception):
    """The draft is not fit to be sent; `problems` say where: the step's key, and what is wrong."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        super().__init__(" ".join(what for _, what in problems))
        self.problems = list(problems)


class CannotUndo(Exception):
    """Publishing is too long ago, or was taken back already."""


def difference(flow: Flow) -> differences.Difference:
    """Return what publishing would change; nothing where no draft was begun."""
    return differences.between(flow.version, flow.draft) if flow.draft else differences.Difference()


def problems(version: FlowVersion) -> list[tuple[str, str]]:
    """Return what stands in the way of a version: (the step's key, what). One that is switched off may stay unfinished."""
    steps = version.active_steps()
    if not steps:
        return [("", "This flow has no mail that is switched on. Add one, or switch one on.")]
    found = [(step.key, f"{step.name}: {problem.where}: {problem.what}") for step in steps for problem in fitness.of_step(step)]
    found += fitness.among(steps)
    if any(step.purpose == Purpose.MARKETING for step in steps) and (lacks := imprint.lacking(version.store)):
        found.append(("", f"This flow sells, and the law wants {' and '.join(lacks)}. Enter it under Settings."))
    return found


@transaction.atomic
def publish(flow: Flow, *, by: User, now: datetime, move: bool = False) -> FlowVersion:
    """Make the draft the live version, and return it. Raises CannotPublish.

    Who is in the flow goes on by the version they entered; with `move` they come over to this one (`moving`).
    """
    held = drafts.locked(flow)
    draft, live = held.draft, held.version
    if draft is None or live is None:
        raise CannotPublish([("", "There are no changes to publish.")])
    if wrong := problems(draft):
        raise CannotPublish(wrong)
    if live.published_at is None:
        FlowVersion.objects.filter(pk=live.pk).update(published_at=held.activated_at or live.created_at)
    draft.says = differences.between(live, draft).sentences()
    draft.published_at, draft.published_by, draft.is_moving_people, draft.taken_out = now, by, move, []
    draft.save()
    held.version, held.draft = draft, None
    held.save(update_fields=["version", "draft"])
    flow.version, flow.draft = draft, None
    return draft


def undoable(flow: Flow, *, now: datetime) -> bool:
    """Say whether the newest publishing can still be taken back."""
    return undo_until(flow, now=now) is not None


def undo_until(flow: Flow, *, now: datetime) -> datetime | None:
    """Return until when the newest publishing can be taken back; None where it cannot."""
    if flow.version is None or flow.version.published_at is None:
        return None
    end = flow.version.published_at + UNDO
    return end if now < end and before(flow) is not None else None


def before(flow: Flow) -> FlowVersion | None:
    """Return what was live before the live version."""
    if flow.version is None or flow.version.published_at is None:
        return None
    earlier = flow.versions.filter(published_at__isnull=False, undone_at=None).exclude(pk=flow.version.pk)
    return earlier.filter(published_at__lte=flow.version.published_at).order_by("-published_at", "-number").first()


@transaction.atomic
def undo(flow: Flow, *, now: datetime) -> FlowVersion:
    """Take the newest publishing back: the version before is live again, everybody goes back to theirs, and the changes are a draft again.

    What was sent stays sent, and is not sent twice. Raises CannotUndo.
    """
    held = drafts.locked(flow)
    taken_back, earlier = held.version, before(held)
    if taken_back is None or earlier is None or not undoable(held, now=now):
        raise CannotUndo("It was published more than ten minutes ago, or taken back already.")
    taken_back.undone_at, taken_back.is_moving_people = now, True
    taken_back.save(update_fields=["undone_at", "is_moving_people"])
    held.version = earlier
    held.draft = held.draft or drafts.copy_of(taken_back, now=now)
    held.save(update_fields=["version", "draft"])
    flow.version, flow.draft = held.version, held.draft
    return earlier


def inside(flow: Flow) -> int:
    """Count who is in the flow and by another version than its draft would be, that is: whom publishing has to ask about."""
    return Enrollment.objects.filter(flow=flow, state=Enrollment.State.ACTIVE).count()


def history(flow: Flow) -> list[FlowVersion]:
    """Return every version of a flow but the one that is edited, the newest first, each with `has_people`."""
    people = Enrollment.objects.filter(version=OuterRef("pk"), state=Enrollment.State.ACTIVE)
    versions = flow.versions.select_related("published_by", "based_on", "audience").prefetch_related("steps")
    edited = drafts.of(flow)
    return [version for version in versions.annotate(has_people=Exists(people)).order_by("-number") if version != edited]
