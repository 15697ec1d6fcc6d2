"""API keys: made once, shown once, revoked at any time."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from engagement.models import WriteKey
from lifecycle.console import preferences
from lifecycle.console.answer import see
from stores import clock, tokens
from stores.access import StoreRequest, page
from stores.models import ApiKey, Membership

OWNER = Membership.Role.OWNER


@page(OWNER)
def index(request: StoreRequest) -> HttpResponse:
    """List keys; a new one stands on the answer to its form, and never again."""
    now, made, problem = clock.read(), "", ""
    if request.method == "POST":
        name = request.POST.get("name", "").strip()[:80]
        problem = "" if name else "Give the key a name, such as the program that uses it."
        made = ApiKey.issue(request.store, name=name, now=now) if name else ""
    keys = ApiKey.objects.filter(store=request.store).order_by("revoked_at", "-created_at")
    context = {
        "section": "settings", "now": now, "keys": keys, "secrets": [("Key", made)] if made else [], "made": made, "problem": problem,
        "tabs": preferences.tabs_of(request, "keys"), "tabs_label": "Settings", "public_url": settings.PUBLIC_URL,
        "write_key": WriteKey.objects.filter(store=request.store).first(),
    }  # fmt: skip
    return render(request, "console/keys.html", context, status=422 if problem else 200)


@require_POST
@page(OWNER)
def make_write_key(request: StoreRequest) -> HttpResponse:
    """Make the store's write key, or another in its place: what still uses the old one is no longer heard."""
    WriteKey.objects.update_or_create(
        store=request.store, defaults={"key": tokens.write_key(), "made_at": clock.read(), "last_used_at": None}
    )
    messages.success(request, "The write key is new. Put it into your shop’s pages.")
    return see("console:keys", request.store.slug)


@require_POST
@page(OWNER)
def revoke(request: StoreRequest, pk: int) -> HttpResponse:
    key = get_object_or_404(ApiKey, store=request.store, pk=pk)
    ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=clock.read())
    messages.success(request, f"{key.name} is revoked: requests with it are refused from now on.")
    return see("console:keys", request.store.slug)
