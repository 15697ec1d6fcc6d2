"""A mail as the whole answer, for an <iframe>: it may show pictures and its own styles, and do nothing else (ux 3g)."""

from django.http import HttpResponse
from django.utils.html import format_html

POLICY = "sandbox; default-src 'none'; img-src 'self' https: data:; style-src 'unsafe-inline'; frame-ancestors 'self'"


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
