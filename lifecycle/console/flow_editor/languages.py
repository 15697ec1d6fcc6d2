"""A mail in the languages of its shop: a tab for each, begun from words there are, and known to be behind once the mail's own change."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from campaigns import translating
from campaigns.models import Step
from campaigns.writing import drafts, history, taught
from lifecycle.console.answer import SeeOther
from lifecycle.console.flow_editor import wordings
from lifecycle.console.flow_editor.line import MARKETER, edited, flow_of, staff_of
from stores import clock, languages
from stores.access import StoreRequest, page
from stores.models import Store

#: Begin a language with the words Doorstep has for it.
OURS = "ours"


@dataclass(frozen=True)
class Tab:
    """One language of a mail; `code` is "" for its own, `state` says what it lacks."""

    code: str
    name: str
    state: str


def chosen(request: StoreRequest, step: Step) -> str:
    """Return the language that a form or an address names; "" is the mail's own, in which alone other wordings are tried."""
    given = request.POST.get("in", request.GET.get("in", ""))
    return given if given in _others(request.store, step) and not wordings.chosen(request, step) else ""


def _others(store: Store, step: Step) -> list[str]:
    """Return the languages a mail is offered or written in beside its own."""
    own = translating.own(step.content)
    return [code for code in dict.fromkeys([*languages.offered(store), *step.content.get("in", {})]) if code != own]


def said(step: Step, wording: str, language: str) -> Mapping[str, Any]:
    """Return what a mail says in a wording or a language; what is not written in that one goes out in its own."""
    found: Mapping[str, Any] = step.content.get("in", {}).get(language) or step.content_of(wording)
    return found


def changes(step: Step, wording: str, language: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """Return what changes of a step when it says this in a wording or a language that it is written in."""
    if not language:
        return wordings.changes(step, wording, content)
    return {"content": translating.changed(step.content, language, content)} if language in step.content.get("in", {}) else {}


def read_in(step: Step, language: str) -> str:
    """Return the language in which the page shows the mail: the one that is open, or the mail's own where it is not written in that."""
    return language if language in step.content.get("in", {}) else translating.own(step.content)


def query(wording: str, language: str) -> str:
    """Return the end of the address of a wording or a language."""
    return f"?in={language}" if language else f"?wording={wording}" if wording else ""


def context(request: StoreRequest, step: Step, language: str) -> dict[str, Any]:
    """Return what the page says of the languages of a mail, and of the one that is open."""
    own, written, others = translating.own(step.content), step.content.get("in", {}), _others(request.store, step)
    is_written = not language or language in written
    tabs = [Tab("", languages.name(own), ""), *(_tab(step, code, request.store) for code in others)]
    return {
        "language": language, "read_in": read_in(step, language), "language_tabs": tabs if others else [],
        "own_language": languages.name(own), "language_name": languages.name(language) if language else "",
        "is_written": is_written, "is_behind": bool(language and is_written and translating.is_behind(step.content, language)),
        "sources": [(code, languages.name(code)) for code in (own, *written) if code != language],
        "has_ours": not is_written and taught.words_for(step, language) is not None,
    }  # fmt: skip


def _tab(step: Step, code: str, store: Store) -> Tab:
    is_written = code in step.content.get("in", {})
    state = "not written" if not is_written else "behind" if translating.is_behind(step.content, code) else ""
    return Tab(code, languages.name(code), state if code in languages.offered(store) else "not offered")


@require_POST
@page(MARKETER)
def act(request: StoreRequest, key: str, step_key: str) -> HttpResponse:
    """Begin a language from another or with our words, say that it is still right, or take it out; all of it in the draft."""
    flow = flow_of(request, key)
    step = edited(flow).steps.select_related("version").filter(key=step_key).first()
    if step is None or not step.is_mail:
        raise Http404
    language = chosen(request, step)
    content = done(request, step, language)
    if content is not None:
        by, now = staff_of(request), clock.read()
        with history.kept(flow, f"the languages of “{step.name}” are changed", by=by, now=now):
            drafts.edit(flow, step.key, revision=step.revision, changes={"content": content}, by=by, now=now)
    address = reverse("console:flow_edit_step", args=[request.store.slug, flow.key, step.key])
    return SeeOther(address + query("", language))


def done(request: StoreRequest, step: Step, language: str) -> dict[str, Any] | None:
    """Return a mail with what a button says done to one of its languages, and say so; None where that cannot be."""
    verb = request.POST.get("act", "")
    if verb not in _VERBS:
        raise Http404
    content, words = _VERBS[verb](request, step, language) if language else (None, "")
    if content is None:
        messages.error(request, "There are no words to do that with. Choose another way.")
    else:
        messages.success(request, words)
    return content


#: The mail with what was done to it, None where that cannot be, and what is said.
_Done = tuple[dict[str, Any] | None, str]


def _begin(request: StoreRequest, step: Step, language: str) -> _Done:
    source, name = request.POST.get("from", OURS), languages.name(language)
    words = taught.words_for(step, language) if source == OURS else _held(step, source)
    if words is None:
        return None, ""
    whose = "our words" if source == OURS else f"the words in {languages.name(source)}"
    return translating.put(step.content, language, words), f"{name} begins with {whose}. Change what you want."


def _held(step: Step, language: str) -> Mapping[str, Any] | None:
    own = step.content if language == translating.own(step.content) else None
    found: Mapping[str, Any] | None = step.content.get("in", {}).get(language, own)
    return found


def _right(request: StoreRequest, step: Step, language: str) -> _Done:
    if language not in step.content.get("in", {}):
        return None, ""
    return translating.confirmed(step.content, language), f"{languages.name(language)} is up to date."


def _remove(request: StoreRequest, step: Step, language: str) -> _Done:
    if language not in step.content.get("in", {}):
        return None, ""
    own = languages.name(translating.own(step.content))
    return translating.without(step.content, language), f"{languages.name(language)} is taken out. The mail goes in {own}."


_VERBS: dict[str, Callable[[StoreRequest, Step, str], _Done]] = {"begin": _begin, "right": _right, "remove": _remove}
