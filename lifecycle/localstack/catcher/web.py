"""The catcher's page: a list, one mail, its parts, and the same as JSON. Reading only, for this machine only.

A mail's HTML is a stranger's: it is shown in a sandboxed frame, under a policy that runs no script and sends no form. Requests that name
another host are refused, or a web page could read the mails by pointing its own name at 127.0.0.1.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from lifecycle.localstack.catcher.mailbox import Mail, Mailbox, Part, Summary

_PER_PAGE = 100
_OWN_POLICY = "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
# Links may open a tab of their own, so that a mail's survey can be answered from here.
_SANDBOX = "allow-popups allow-popups-to-escape-sandbox"
_MAIL_POLICY = (
    f"sandbox {_SANDBOX}; default-src 'none'; img-src 'self' http: https: data:; style-src 'unsafe-inline'; frame-ancestors 'self'"
)
_PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
_CSS = (Path(__file__).parent / "page.css").read_bytes()


@dataclass(frozen=True)
class Answer:
    """What goes back: bytes with their type, and any further headers."""

    body: bytes
    content_type: str = "text/html; charset=utf-8"
    policy: str = _OWN_POLICY
    status: HTTPStatus = HTTPStatus.OK
    headers: dict[str, str] = field(default_factory=dict)


_NOT_FOUND = Answer(b"Not found.\n", "text/plain; charset=utf-8", status=HTTPStatus.NOT_FOUND)
_REFUSED = Answer(b"Ask by localhost.\n", "text/plain; charset=utf-8", status=HTTPStatus.FORBIDDEN)


def server(mailbox: Mailbox, port: int) -> ThreadingHTTPServer:
    """Return a server of 127.0.0.1 over the mailbox, listening."""

    class Requests(BaseHTTPRequestHandler):
        server_version, sys_version = "catcher", ""

        def do_GET(self) -> None:
            is_local = urlsplit(f"//{self.headers.get('Host', '')}").hostname in _HOSTS
            answer = respond(mailbox, self.path) if is_local else _REFUSED
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
            self.send_header("Content-Security-Policy", answer.policy)
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("Referrer-Policy", "no-referrer")
            self.send_header("Cache-Control", "no-store")
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)

        do_HEAD = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return ThreadingHTTPServer(("127.0.0.1", port), Requests)


def respond(mailbox: Mailbox, path: str) -> Answer:
    """Answer one request."""
    parts = urlsplit(path)
    words = [word for word in parts.path.split("/") if word]
    match words:
        case []:
            return _html(_list(mailbox, parse_qs(parts.query)))
        case ["page.css"]:
            return Answer(_CSS, "text/css; charset=utf-8")
        case ["api", "messages"]:
            return _json([_facts(summary) for summary in mailbox.summaries(mailbox.ids())])
        case ["api", "messages", id_] if mail := mailbox.read(id_):
            return _json(_all_facts(mail))
        case ["messages", id_, *rest] if mail := mailbox.read(id_):
            return _about(mail, rest)
    return _NOT_FOUND


def _about(mail: Mail, rest: Sequence[str]) -> Answer:
    match rest:
        case []:
            return _html(_one(mail))
        case ["html"]:
            return Answer(_shown(mail).encode(), policy=_MAIL_POLICY)
        case ["raw"]:
            return Answer(mail.raw, "message/rfc822", headers={"Content-Disposition": f'attachment; filename="{mail.summary.id}.eml"'})
        case ["parts", number] if number.isascii() and number.isdigit() and int(number) < len(mail.parts):
            return _part(mail.parts[int(number)])
    return _NOT_FOUND


def _part(part: Part) -> Answer:
    """Give a picture as such, and anything else as a plain download."""
    if part.content_type in _PICTURES:
        return Answer(part.content, part.content_type)
    name = re.sub(r"[^\w.-]", "_", part.name, flags=re.ASCII) or f"part-{part.number}"
    return Answer(part.content, "application/octet-stream", headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _shown(mail: Mail) -> str:
    """Return a mail's HTML with its enclosed pictures' addresses put in and its links opening outside the frame."""
    html = mail.body("text/html") or ""
    for part in mail.parts:
        if part.content_id:
            html = html.replace(f"cid:{part.content_id}", f"/messages/{mail.summary.id}/parts/{part.number}")
    base = '<base target="_blank">'
    head = re.search(r"<head\b[^>]*>", html, re.IGNORECASE)
    return html[: head.end()] + base + html[head.end() :] if head else base + html


def _list(mailbox: Mailbox, query: dict[str, list[str]]) -> str:
    ids = mailbox.ids()
    before = query.get("before", [""])[0]
    older = [id_ for id_ in ids if not before or id_ < before]
    shown = list(mailbox.summaries(older[:_PER_PAGE]))
    if not shown:
        return _page(
            "Mails",
            len(ids),
            '<h1>Mails</h1><p class="empty">No mail has arrived yet. This page looks again every five seconds.</p>',
            reload=True,
        )
    rows = "".join(_row(summary) for summary in shown)
    links = '<a href="/">Newest</a>' if before else ""
    if len(older) > _PER_PAGE:
        links += f'<a href="/?before={shown[-1].id}">Older</a>'
    table = (
        '<table class="mails"><thead><tr><th class="subject">Subject</th><th>To</th><th>From</th><th>Arrived (UTC)</th></tr></thead>'
        f"<tbody>{rows}</tbody></table><nav>{links}</nav>"
    )
    return _page("Mails", len(ids), f"<h1>Mails</h1>{table}", reload=not before)


def _row(summary: Summary) -> str:
    return (
        f'<tr><td class="subject"><a href="/messages/{summary.id}">{escape(summary.subject) or "(no subject)"}</a></td>'
        f"<td>{escape(summary.to)}</td><td>{escape(summary.sender)}</td><td>{_time(summary)}</td></tr>"
    )


def _one(mail: Mail) -> str:
    summary, here = mail.summary, f"/messages/{mail.summary.id}"
    blocks = [
        f"<h1>{escape(summary.subject) or '(no subject)'}</h1>",
        f"<dl class='facts'><dt>To</dt><dd>{escape(summary.to)}</dd><dt>From</dt><dd>{escape(summary.sender)}</dd>",
        f"<dt>Arrived (UTC)</dt><dd>{_time(summary)}</dd></dl>",
    ]
    if mail.body("text/html") is not None:
        blocks.append(f'<iframe title="The mail" sandbox="{_SANDBOX}" src="{here}/html"></iframe>')
    if (text := mail.body("text/plain")) is not None:
        blocks.append(f"<h2>Text</h2><pre>{escape(text)}</pre>")
    enclosed = [part for part in mail.parts if part.is_attachment or part.content_type not in ("text/plain", "text/html")]
    if enclosed:
        links = "".join(f'<li><a href="{here}/parts/{part.number}">{escape(part.name or part.content_type)}</a></li>' for part in enclosed)
        blocks.append(f"<h2>Enclosed</h2><ul>{links}</ul>")
    headers = "\n".join(f"{name}: {value}" for name, value in mail.headers)
    blocks.append(f"<h2>Headers</h2><pre>{escape(headers)}</pre>")
    blocks.append(f'<nav><a href="/">All mails</a><a href="{here}/raw">Download as .eml</a></nav>')
    return _page(summary.subject or "(no subject)", None, "".join(blocks))


def _page(title: str, count: int | None, body: str, *, reload: bool = False) -> str:
    refresh = '<meta http-equiv="refresh" content="5">' if reload else ""
    counted = "" if count is None else f"<span>{count} {'mail' if count == 1 else 'mails'}</span>"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)} · Mail catcher</title>{refresh}'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/page.css"></head>'
        f'<body><header><a href="/">Mail catcher</a>{counted}<span>Nothing here was sent to anybody.</span></header>'
        f"<main>{body}</main></body></html>"
    )


def _time(summary: Summary) -> str:
    return f'<time datetime="{summary.date.isoformat()}">{summary.date:%Y-%m-%d %H:%M:%S}</time>'


def _html(page: str) -> Answer:
    return Answer(page.encode(errors="replace"))


def _json(value: object) -> Answer:
    return Answer(json.dumps(value).encode(), "application/json")


def _facts(summary: Summary) -> dict[str, str]:
    return {"id": summary.id, "to": summary.to, "from": summary.sender, "subject": summary.subject, "date": summary.date.isoformat()}


def _all_facts(mail: Mail) -> dict[str, object]:
    bodies = {"text": mail.body("text/plain"), "html": mail.body("text/html")}
    return {**_facts(mail.summary), **bodies, "headers": [list(header) for header in mail.headers]}
