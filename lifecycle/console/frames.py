"""A mail as the whole answer, for an <iframe>: it may show pictures and its own styles, and do nothing else (ux 3g)."""

from contextlib import suppress
from hashlib import sha256

from django.core.cache import cache
from django.http import HttpResponse
from django.utils.html import format_html
from redis import RedisError

from messaging.rendering import Rendered
from stores.access import StoreRequest

POLICY = "sandbox; default-src 'none'; img-src 'self' https: data:; style-src 'unsafe-inline'; frame-ancestors 'self'"


#: A frame asks for its mail at once.
_SECONDS = 60


def keep(request: StoreRequest, mail: Rendered) -> str:
    """Keep a mail that was drawn for the frame on its page, which another process may be asked for; return its name in the address."""
    name = sha256(f"{mail.html}\0{mail.text}".encode()).hexdigest()[:32]
    with suppress(RedisError):  # then it is drawn again
        cache.set(_key(request, name), (mail.html, mail.text), timeout=_SECONDS)
    return name


def kept(request: StoreRequest) -> HttpResponse | None:
    """Answer the mail that ?drawn= names, if it is still there."""
    with suppress(RedisError):
        if held := cache.get(_key(request, request.GET.get("drawn", "")[:32])):
            return answered(request, *held)
    return None


def answered(request: StoreRequest, html: str, text: str) -> HttpResponse:
    """Answer a mail in the view that the address names."""
    return framed_text(text) if request.GET.get("view") == "text" else framed(html)


def _key(request: StoreRequest, name: str) -> str:
    return f"drawn:{request.store.pk}:{name}"


def framed(html: str) -> HttpResponse:
    """Answer a mail's HTML; scripts never run in it. Views add `xframe_options_sameorigin`."""
    return HttpResponse(html, headers={"Content-Security-Policy": POLICY})


def framed_text(text: str) -> HttpResponse:
    """Answer a mail's text part as a plain reader shows it."""
    style = "margin:16px;font:14px/1.45 ui-monospace,monospace;white-space:pre-wrap;color:#1d2126;background:#fff"
    page = format_html(
        '<!doctype html><html lang="en"><title>Text part</title><body style="margin:0"><pre style="{}">{}</pre></body></html>', style, text
    )
    return framed(page)
