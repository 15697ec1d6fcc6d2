"""A store's mail accounts: by which provider each stream goes and who it comes from, tried for real; and what guards its good name."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from campaigns import flows
from lifecycle.console import changes, preferences
from lifecycle.console.account import person
from lifecycle.console.account_form import AccountForm
from lifecycle.console.answer import back, see
from messaging import imprint
from messaging.models import Account, MarketingStop
from messaging.returning import guard_rails
from messaging.roads import accounts, trying
from messaging.roads.providers import PROVIDERS, Provider
from stores import clock
from stores.access import StoreRequest, may, page
from stores.models import Membership

OWNER = Membership.Role.OWNER


@page(Membership.Role.MARKETER)
def index(request: StoreRequest) -> HttpResponse:
    """List the roads mails take, and what was seen of them."""
    store, now = request.store, clock.read()
    held = list(Account.objects.filter(store=store).order_by("stream"))
    streams = {account.stream for account in held}
    context = {
        **_around(request), "now": now, "accounts": [(account, PROVIDERS[account.provider]) for account in held],
        "fallback": accounts.sender_of(store, None),
        "has_rest": "all" not in streams and len(streams) < 2, "can_add": len(held) < len(Account.Stream.values),
        "figures": guard_rails.figures(store, now=now), "stops": MarketingStop.objects.filter(store=store).order_by("-at")[:5],
        "lacks": imprint.lacking(store),
    }  # fmt: skip
    return render(request, "console/mail_accounts.html", context)


@page(OWNER)
def new(request: StoreRequest) -> HttpResponse:
    """Ask for the provider, then for what it needs."""
    provider = PROVIDERS.get(request.GET.get("provider", ""))
    account = Account(store=request.store, created_at=clock.read())
    if provider is None:
        context = {**_around(request), "now": clock.read(), "providers": PROVIDERS.values()}
        return render(request, "console/mail_account_new.html", context)
    return _edit(request, account, provider)


@page(OWNER)
def show(request: StoreRequest, pk: int) -> HttpResponse:
    account = _account(request, pk)
    return _edit(request, account, PROVIDERS[account.provider])


def _edit(request: StoreRequest, account: Account, provider: Provider) -> HttpResponse:
    form = AccountForm(request.POST if request.method == "POST" else None, account=account, provider=provider, store=request.store)
    if request.method == "POST" and form.is_valid():
        changes.note_form(request, form, about=f"{provider.label}, {account.get_stream_display().lower()}")
        if account._state.adding:
            changes.note(request, f"Mail account for {account.get_stream_display().lower()}", "none", provider.label)
        form.put()
        account.save()
        messages.success(
            request, f"Saved. {account.get_stream_display()} go by {provider.label} from now on. Try it before the next one does."
        )
        return see("console:mail_account", request.store.slug, account.pk)
    context: dict[str, Any] = {
        **_around(request), "now": clock.read(), "account": account, "provider": provider, "form": form,
        "is_new": account.pk is None, "hook": _hook(account, provider) if account.pk else None,
    }  # fmt: skip
    return render(request, "console/mail_account.html", context, status=422 if form.errors else 200)


def _hook(account: Account, provider: Provider) -> dict[str, str] | None:
    """Return what to enter at the provider so that it tells us what became of the mails; None for one that tells nothing."""
    if provider.hook is None:
        return None
    address = f"{settings.PUBLIC_URL}{account.hook_path}"
    if provider.hook.field is None and provider.key != "amazon_ses":
        secret = accounts.hook_secrets(account).get("key", "")
        scheme, _, rest = address.partition("://")
        address = f"{scheme}://{secret}@{rest}"
    return {"address": address, "where": provider.hook.where}


@require_POST
@page(OWNER)
def try_it(request: StoreRequest, pk: int) -> HttpResponse:
    account = _account(request, pk)
    user = person(request)
    problem = trying.road(account, store=request.store, to=user.email, now=clock.read())
    if problem:
        messages.error(request, f"That did not work: {problem}")
    elif PROVIDERS[account.provider].is_smtp:
        messages.success(request, "The server took the name and password. Mails can go.")
    else:
        messages.success(request, f"The provider took a mail to {user.email}.")
    return see("console:mail_account", request.store.slug, pk)


@require_POST
@page(OWNER)
def remove(request: StoreRequest, pk: int) -> HttpResponse:
    account = _account(request, pk)
    account.delete()
    label = PROVIDERS[account.provider].label
    changes.note(request, f"Mail account for {account.get_stream_display().lower()}", label, "removed")
    messages.success(request, f"Removed. {account.get_stream_display()} take the next road there is, and its keys are forgotten.")
    return see("console:mail_accounts", request.store.slug)


@require_POST
@page(OWNER)
def trust(request: StoreRequest) -> HttpResponse:
    """Let the marketing go on that the guard rails stopped."""
    changes.note(request, "Marketing that the guard rails stopped", "stopped", "goes on")
    flows.trust_marketing(request.store, by=person(request), now=clock.read())
    messages.success(request, "Marketing goes on. What was sent before now no longer counts against the shop.")
    return back(request, "console:mail_accounts", request.store.slug)


def _account(request: StoreRequest, pk: int) -> Account:
    account = get_object_or_404(Account, store=request.store, pk=pk)
    if account.provider not in PROVIDERS:
        raise Http404
    return account


def _around(request: StoreRequest) -> dict[str, Any]:
    """Return what every page of it has: the tabs of the settings, for those who may see them."""
    is_owner = may(request.membership, OWNER)
    return {
        "section": "settings", "tabs": preferences.tabs_of(request, "mail_accounts"), "tabs_label": "Settings",
        "is_owner": is_owner,
    }  # fmt: skip
