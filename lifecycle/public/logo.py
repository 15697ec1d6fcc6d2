"""A shop's logo, for mails and the customers' pages. Its address names its content, so it may be kept for good."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from stores.models import Logo


@require_safe
def picture(request: HttpRequest, digest: str) -> HttpResponse:
    content = Logo.objects.filter(digest=digest).values_list("content", flat=True).first() if digest.isascii() else None
    if content is None:
        raise Http404
    return HttpResponse(bytes(content), content_type="image/png", headers={"Cache-Control": "public, max-age=31536000, immutable"})
