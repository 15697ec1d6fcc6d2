"""What a shop keeps for its other mails, and what it brings along: kept blocks and whole mails, and files of MJML or HTML."""

from typing import Any

from django.contrib import messages

from campaigns.writing import shelf
from lifecycle.console.flow_editor.content import KINDS, with_block
from lifecycle.console.flow_editor.line import staff_of
from messaging.rendering import importing
from stores import clock
from stores.access import StoreRequest

VERBS = frozenset({"keep", "keep-mail", "use", "forget", "import"})
#: The button that adds a kept block begins with this.
ADDS = "add:kept:"


def act(request: StoreRequest, content: dict[str, Any], act: str) -> tuple[dict[str, Any], int]:
    """Do what a button says ("keep:2", "keep-mail", "use:17", "forget:17", "import"); return the content and the number to stand at."""
    verb, _, given = act.partition(":")
    number = int(given) if given.isdecimal() and len(given) < 18 else 0
    if verb == "keep":
        return _keep(request, content, number), number
    if verb == "keep-mail":
        name = request.POST.get("keep_as", "").strip()
        shelf.keep(request.store, content, name=name or content["subject"], by=staff_of(request), now=clock.read())
        messages.success(request, "The mail is kept: any other can begin with it.")
    elif verb == "forget" and shelf.forget(request.store, number):
        messages.success(request, "It is kept no longer. Mails that were made with it stay as they are.")
    elif verb == "use" and (kept := shelf.find(request.store, number, is_mail=True)):
        return {**content, **kept.content}, 0
    elif verb == "import":
        return _imported(request, content), 0
    return content, 0


def add(request: StoreRequest, content: dict[str, Any], given: str) -> tuple[dict[str, Any], int]:
    """Put a kept block into a mail."""
    kept = shelf.find(request.store, int(given), is_mail=False) if given.isdecimal() and len(given) < 18 else None
    return with_block(content, kept.content) if kept else (content, 0)


def _keep(request: StoreRequest, content: dict[str, Any], number: int) -> dict[str, Any]:
    if 0 < number <= len(content["blocks"]):
        block = content["blocks"][number - 1]
        label = KINDS[block["kind"]][0]
        words = next((str(block[name]) for name in ("text", "label", "alt", "name", "html") if block.get(name)), "")
        kept = shelf.keep(request.store, block, name=f"{label}: {words}" if words else label, by=staff_of(request), now=clock.read())
        messages.success(request, f"“{kept.name}” is kept: every mail can add it.")
    return content


def _imported(request: StoreRequest, content: dict[str, Any]) -> dict[str, Any]:
    """Return the mail of an uploaded file; without a subject of its own it keeps the one there is."""
    upload = request.FILES.get("mail_file")
    if upload is None:
        messages.error(request, "Choose a file of MJML or HTML first.")
        return content
    try:
        found = importing.read(upload.read(importing.LARGEST + 1))
    except importing.CannotImport as refusal:
        messages.error(request, f"Nothing was taken over. {refusal}")
        return content
    lost = f" Left out: {', '.join(found.left_out[:6])}." if found.left_out else ""
    messages.success(request, f"{_counted(len(found.content['blocks']))} taken over.{lost}")
    said = {name: value for name, value in found.content.items() if value}
    return {**content, **said}


def _counted(number: int) -> str:
    return "1 block is" if number == 1 else f"{number} blocks are"
