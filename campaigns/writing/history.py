"""Undo and redo over a draft: every change keeps the draft as it was before and after, and is taken back by putting that in place.

Writing on in one step is one change. A new change after an undo cuts off what had been undone.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.core import serializers
from django.db import transaction
from django.db.models import Case, F, When

from campaigns.models import Flow, FlowVersion, Step
from campaigns.writing import drafts
from campaigns.writing.models import DraftEdit
from stores.models import User

Image = dict[str, Any]

#: Who pauses longer than that in writing begins a new change.
PAUSE = timedelta(minutes=1)
#: So many changes of a draft can be undone.
MOST = 100
#: What a step is besides what somebody wrote into it; its revision is kept, and makes no difference.
_BESIDE = frozenset({"store", "version", "key", "edited_by", "edited_at"})


@contextmanager
def kept(flow: Flow, says: str, *, by: User, now: datetime, step_key: str = "") -> Iterator[None]:
    """Keep what the block does to a flow's draft as one change; nothing is kept of what changed nothing.

    `step_key` is the step that is being written. An error in the block undoes it.
    """
    with transaction.atomic():
        draft = drafts.begin(flow, now=now)
        before = _image(draft)
        yield
        after = _image(FlowVersion.objects.get(pk=draft.pk))
        if _words(before) != _words(after):
            _keep(DraftEdit(
                store_id=draft.store_id, version=draft, says=says[:200], step_key=step_key, before=before, after=after, by=by, at=now
            ))  # fmt: skip


def _keep(edit: DraftEdit) -> None:
    edits = DraftEdit.objects.filter(version=edit.version)
    edits.filter(is_undone=True).delete()
    last = edits.order_by("-pk").first()
    if last and edit.step_key and (last.step_key, last.by) == (edit.step_key, edit.by) and edit.at - last.at < PAUSE:
        last.after, last.at = edit.after, edit.at
        last.save(update_fields=["after", "at"])
        return
    edit.save()
    edits.filter(pk__in=edits.order_by("-pk").values("pk")[MOST:]).delete()


def turns(version: FlowVersion) -> tuple[DraftEdit | None, DraftEdit | None]:
    """Return the change that would be undone next, and the one that would be done again next; one query."""
    edits = DraftEdit.objects.filter(version=version).select_related("by").defer("before", "after")
    nearest = edits.order_by("is_undone", Case(When(is_undone=True, then=F("pk")), default=-F("pk"))).distinct("is_undone")
    found = {edit.is_undone: edit for edit in nearest}
    return found.get(False), found.get(True)


def undo(flow: Flow, *, by: User, now: datetime) -> DraftEdit | None:
    """Take the last change of a flow's draft back, and return it; None where there is none."""
    return _turn(flow, is_back=True, by=by, now=now)


def redo(flow: Flow, *, by: User, now: datetime) -> DraftEdit | None:
    """Do the change again that was undone last, and return it; None where there is none."""
    return _turn(flow, is_back=False, by=by, now=now)


@transaction.atomic
def _turn(flow: Flow, *, is_back: bool, by: User, now: datetime) -> DraftEdit | None:
    draft = drafts.of(drafts.locked(flow))
    edit = turns(draft)[0 if is_back else 1] if draft else None
    if draft is not None and edit is not None:
        _put(draft, edit.before if is_back else edit.after, by=by, now=now)
        DraftEdit.objects.filter(pk=edit.pk).update(is_undone=is_back)
    return edit


def _image(draft: FlowVersion) -> Image:
    """Return all that is edited of a draft as plain values: its rules, its steps by key, and what was taken out."""
    version: Mapping[str, Any] = json.loads(serializers.serialize("json", [draft]))[0]["fields"]
    steps = json.loads(serializers.serialize("json", Step.objects.filter(version=draft)))
    said = {each["fields"]["key"]: {name: value for name, value in each["fields"].items() if name not in _BESIDE} for each in steps}
    return {"rules": {name: version[name] for name in drafts.RULES}, "taken_out": draft.taken_out, "steps": said}


def _words(image: Image) -> Image:
    return {**image, "steps": {key: _said(fields) for key, fields in image["steps"].items()}}


def _said(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in fields.items() if name != "revision"}


def _put(draft: FlowVersion, image: Image, *, by: User, now: datetime) -> None:
    """Make a draft what it was: what is the same stays untouched, so that nobody's open page grows stale for nothing."""
    there = _image(draft)["steps"]
    steps = {step.key: step for step in Step.objects.filter(version=draft).select_related("version")}
    Step.objects.filter(version=draft, key__in=set(steps) - set(image["steps"])).delete()
    for key, fields in image["steps"].items():
        if _said(there.get(key, {})) == _said(fields):
            continue
        step = _read(Step, fields)
        step.store_id, step.version, step.key, step.edited_by, step.edited_at = draft.store_id, draft, key, by, now
        step.pk, step.revision = (steps[key].pk, steps[key].revision + 1) if key in steps else (None, fields["revision"] + 1)
        step.save()
    rules = _read(FlowVersion, image["rules"])
    for name in drafts.RULES:
        setattr(draft, name, getattr(rules, name))
    draft.taken_out = image["taken_out"]
    draft.save(update_fields=[*drafts.RULES, "taken_out"])


def _read(model: type[Any], fields: Mapping[str, Any]) -> Any:
    """Return an unsaved row of plain values; what it pointed at and is gone by now, it points at no more."""
    links = {field.name: field.remote_field.model for field in model._meta.get_fields() if field.many_to_one and field.name in fields}
    gone = {name for name, of in links.items() if fields[name] and not of.objects.filter(pk=fields[name]).exists()}
    known = {name: None if name in gone else value for name, value in fields.items()}
    return next(iter(serializers.deserialize("python", [{"model": model._meta.label_lower, "pk": None, "fields": known}]))).object
