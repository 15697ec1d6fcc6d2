"""A picture that a shop put into its mails. Its address names its content, so it may be kept for good."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from stores import pictures
from stores.models import Picture


@require_safe
def show(request: HttpRequest, digest: str, kind: str) -> HttpResponse:
    """Answer a picture by its digest; its size stands in the address for mails to read."""
    found = Picture.objects.filter(digest=digest, kind=kind).values_list("content", flat=True).first() if digest.isascii() else None
    if found is None:
        raise Http404
    return HttpResponse(bytes(found), content_type=pictures.TYPES[kind], headers={"Cache-Control": "public, max-age=31536000, immutable"})
