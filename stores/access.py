"""The only door: who may come in without signing in, and what a role may do in a store.

Everything is refused unless its path stands in PUBLIC. A store's pages answer 404 to strangers (they learn nothing) and 403
to members whose role is not enough.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import PermissionDenied
from django.db.models import Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.module_loading import import_string

from stores import ticks
from stores.models import Membership, SendingStop, Store

#: The one list of what needs no session: sign-in, machines (which bring their own keys), the customers' pages (random tokens), and the
#: pictures of the shops, their logos among them.
PUBLIC = (
    "/login/", "/password/", "/hooks/", "/api/v1/", "/v1/", "/t/", "/q/", "/u/", "/p/", "/m/", "/i/", "/l/", "/g/", "/c/", "/o/", "/r/",
    "/a/", "/b/", "/f/", "/track/", "/thanks/", "/y/", "/e/", "/w/", "/ask/", "/reviews/", "/v/",
    "/static/", "/invite/", "/healthz", "/favicon.ico", "/apple-touch-icon.png", "/robots.txt", "/.well-known/",
)  # fmt: skip

_RANK = {Membership.Role.VIEWER: 0, Membership.Role.SUPPORT: 1, Membership.Role.MARKETER: 2, Membership.Role.OWNER: 3}
_STOP_WORDS = Subquery(SendingStop.objects.values("why"))
P = ParamSpec("P")


class DenyByDefault(LoginRequiredMiddleware):
    """Send whoever is not signed in to the sign-in page, except on PUBLIC paths; what a view says of itself does not count."""

    def process_view(self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any) -> HttpResponseBase | None:
        if request.path.startswith(PUBLIC) or request.user.is_authenticated:
            return None
        return self.handle_no_permission(request, view_func)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Nobody signs up by themselves: people are invited, made by `manage.py create_store`, or come first to an empty
    installation."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class StoreRequest(HttpRequest):
    """A request to one store's page by a member of it."""

    store: Store
    membership: Membership
    minutes_behind: int  # sending, of all stores; 0 while that is not worth a word
    stop_words: str | None  # why the whole installation sends nothing, perhaps ""; None while it does


def may(membership: Membership, role: str) -> bool:
    """Say whether a member's role is `role` or above it."""
    return _RANK[Membership.Role(membership.role)] >= _RANK[Membership.Role(role)]


def page(
    role: str = Membership.Role.VIEWER,
) -> Callable[[Callable[Concatenate[StoreRequest, P], HttpResponse]], Callable[..., HttpResponse]]:
    """Turn a view of `(request, …)` into a view of a store's URL: `store` (slug) is taken from the path, and `request.store` is set.

    Raises Http404 for strangers, PermissionDenied for members below `role`. Any POST needs at least support.
    """

    def wrap(view: Callable[Concatenate[StoreRequest, P], HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def inner(request: Any, *args: Any, store: str, **kwargs: Any) -> HttpResponse:
            memberships = Membership.objects.select_related("store").annotate(behind=ticks.PULSE_BEHIND, stop_words=_STOP_WORDS)
            membership = import_string(settings.STAFF_COUNTS)(memberships).filter(store__slug=store, user=request.user).first()
            if membership is None:
                raise Http404
            needed = max(role, Membership.Role.SUPPORT, key=lambda r: _RANK[Membership.Role(r)]) if request.method == "POST" else role
            if not may(membership, needed):
                raise PermissionDenied
            request.store, request.membership = membership.store, membership
            request.minutes_behind, request.stop_words = ticks.minutes(membership.behind), membership.stop_words
            return view(request, *args, **kwargs)

        return inner

    return wrap
