"""What a draft changes, as a person would say it: sentences for each step, and the lines of mails that differ. Reads loaded rows only."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from campaigns import step_words
from campaigns.models import FlowVersion, Step
from messaging.models import Purpose
from stores import languages

#: "same", "out" or "in", and a line of a mail.
Line = tuple[str, str]
_AROUND = 1
#: What is not put in words of its own.
_FURTHER = ("kind", "may_be_the_shops")


@dataclass(frozen=True)
class Change:
    """What became of one step: `kind` is added, removed, on, off or changed; `text` how its mail reads before and after."""

    key: str
    name: str
    kind: str
    says: Sequence[str]
    text: Sequence[Line] = ()


@dataclass(frozen=True)
class Difference:
    """All that lies between two versions."""

    rules: Sequence[str] = ()
    steps: Sequence[Change] = field(default_factory=tuple)

    @property
    def count(self) -> int:
        return len(self.steps) + len(self.rules)

    def sentences(self) -> list[str]:
        return [*self.rules, *(f"{change.name}: {'; '.join(change.says)}." for change in self.steps)]


def between(before: FlowVersion | None, after: FlowVersion) -> Difference:
    """Return what `after` changes; before the first version there was nothing."""
    if before is None:
        return Difference()
    old, new = {step.key: step for step in before.steps.all()}, {step.key: step for step in after.steps.all()}
    changes = [_change(old.get(key), step) for key, step in new.items()]
    gone = [Change(step.key, step.name, "removed", ["removed"], _lines_of(step, "out")) for key, step in old.items() if key not in new]
    return Difference(list(_of_rules(before, after)), [change for change in changes if change] + gone)


def _of_rules(before: FlowVersion, after: FlowVersion) -> Iterator[str]:
    old, new = step_words.rules(before), step_words.rules(after)
    yield from (f"No longer: {_lowered(line)}" for line in old if line not in new)
    yield from (f"Now: {_lowered(line)}" for line in new if line not in old)


def _lowered(line: str) -> str:
    return line[:1].lower() + line[1:]


def _change(old: Step | None, new: Step) -> Change | None:
    if old is None:
        return Change(new.key, new.name, "added", [f"new, goes {step_words.goes(new)}"], _lines_of(new, "in"))
    says = list(_said(old, new))
    if not says:
        return None
    kind = "changed" if old.is_off == new.is_off else "off" if new.is_off else "on"
    return Change(new.key, new.name, kind, says, [*diff(old.content, new.content), *_diff_in_others(old.content, new.content)])


def _said(old: Step, new: Step) -> Iterator[str]:
    if old.is_off != new.is_off:
        yield "switched off" if new.is_off else "switched on"
    if old.name != new.name:
        yield f"called “{old.name}” before"
    yield from (*_of_moment(old, new), *_of_people(old, new))
    if old.offer_id != new.offer_id:
        yield f"promises “{new.offer}”" if new.offer else "promises nothing any more"
    if old.content != new.content:
        yield _of_content(old.content, new.content)
    if old.details != new.details:
        yield _lowered(step_words.does(new).rstrip(".")) or f"asks “{new.details.get('question', '')}”"
    if old.variants != new.variants:
        yield _lowered(step_words.variants(new).rstrip(".") or "Everybody gets the same words")
    if any(getattr(old, name) != getattr(new, name) for name in _FURTHER):
        yield "other settings"


def _of_people(old: Step, new: Step) -> Iterator[str]:
    if old.purpose != new.purpose:
        yield f"is {Purpose(new.purpose).label.lower()}, instead of {Purpose(old.purpose).label.lower()}"
    if old.writer_id != new.writer_id:
        yield f"comes from “{new.writer}”" if new.writer else "comes from who writes for the whole flow"
    if sorted(old.conditions) != sorted(new.conditions):
        yield _lowered((step_words.only_if(new) or "Goes without conditions.").rstrip("."))
    if old.instead_of != new.instead_of:
        yield _lowered((step_words.only_if(new) or "Goes in no other step’s place.").rstrip("."))
    elif old.only_if_id != new.only_if_id:
        yield f"only for those in “{new.only_if}”" if new.only_if else "for everyone"


def _of_moment(old: Step, new: Step) -> Iterator[str]:
    if step_words.goes(old) != step_words.goes(new):
        yield f"goes {step_words.goes(new)}, instead of {step_words.goes(old)}"
    yield from of_bounds(old, new)
    if old.use_by_hours != new.use_by_hours:
        yield f"may be {step_words.span(new.use_by_hours)} late, instead of {step_words.span(old.use_by_hours)}"


def of_bounds(old: Step, new: Step) -> Iterator[str]:
    """Yield what else moves some of a step's mails: a happy answer, and what it must stay ahead of."""
    if old.early_after_answer_hours != new.early_after_answer_hours:
        yield step_words.early(new) or "no longer brought forward by a happy answer"
    if step_words.bound(old) != step_words.bound(new):
        yield step_words.bound(new) or "no longer bound to stay ahead of anything"


def _of_content(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    parts = [name for name in ("subject", "preheader") if old.get(name) != new.get(name)]
    parts += ["text"] if old.get("blocks") != new.get("blocks") else []
    parts += [f"words in {languages.name(code)}" for code in _others(old, new)]
    return f"new {' and '.join(parts)}" if parts else "the mail changed"


def _others(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return the other languages in which two mails say different things."""
    return [code for code in dict.fromkeys([*old.get("in", {}), *new.get("in", {})]) if _lines_in(old, code) != _lines_in(new, code)]


def _lines_in(content: Mapping[str, Any], code: str) -> list[str]:
    return lines_of(content["in"][code]) if code in content.get("in", {}) else []


def _diff_in_others(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Line]:
    """Return the lines that differ in the mails' other languages, each under its name."""
    found: list[Line] = []
    for code in _others(old, new):
        found += [("same", f"In {languages.name(code)}:"), *_diff_lines(_lines_in(old, code), _lines_in(new, code))]
    return found


def diff(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Line]:
    """Return the lines that differ between two mails, each with one that stays around it."""
    return _diff_lines(lines_of(old), lines_of(new))


def _diff_lines(before: Sequence[str], after: Sequence[str]) -> list[Line]:
    found: list[Line] = []
    for group in difflib.SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(_AROUND):
        for tag, start, end, first, last in group:
            if tag == "equal":
                found += [("same", line) for line in before[start:end]]
            else:
                found += [("out", line) for line in before[start:end]] + [("in", line) for line in after[first:last]]
    return found


def lines_of(content: Mapping[str, Any]) -> list[str]:
    """Return a mail as lines to compare: subject, preheader, and every block by its kind and texts."""
    lines = [f"Subject: {content.get('subject', '')}", f"Preheader: {content.get('preheader', '')}"]
    for block in content.get("blocks", ()):
        texts = [*(str(block[name]) for name in ("text", "label", "url") if block.get(name)), *map(str, block.get("answers", ()))]
        gates = [f"{name} {block[name]}" for name in ("only", "if", "unless") if block.get(name)]
        kind = block["kind"].replace("_", " ").capitalize()
        head = f"{kind} ({', '.join(gates)})" if gates else kind
        whole = "\n".join(texts).splitlines()
        lines += [f"{head}: {whole[0]}", *whole[1:]] if whole else [head]
    return [line for line in lines if line.strip()]


def _lines_of(step: Step, kind: str) -> list[Line]:
    return [(kind, line) for line in lines_of(step.content)]
