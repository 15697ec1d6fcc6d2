"""The links of mails: /c/<token>/ leads to the address that was stored for it, and nowhere else."""

import logging

from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe

from lifecycle.networks import known_network_of
from lifecycle.public.door import opened_by
from messaging import links
from messaging.models import Link
from stores import clock

_log = logging.getLogger(__name__)


class _ToTheWeb(HttpResponseRedirect):
    allowed_schemes = ["http", "https"]


@require_safe
@opened_by(Link.objects.all)
def follow(request: HttpRequest, link: Link) -> HttpResponse:
    """Lead on to a link's target; that the click could not be kept is our trouble, not the customer's."""
    try:
        with transaction.atomic():
            links.clicked(
                link, at=clock.read(), method=request.method or "", agent=request.headers.get("User-Agent", ""),
                network=known_network_of(request),
                purpose=request.headers.get("Sec-Purpose") or request.headers.get("Purpose") or request.headers.get("X-Moz") or "",
            )  # fmt: skip
    except DatabaseError:
        _log.exception("a click on link %s was not kept", link.pk)
    return _ToTheWeb(link.url)
