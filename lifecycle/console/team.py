"""The people of a store: roles, and invitations whose link is shown once and mailed."""

import logging
from smtplib import SMTPException

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.mail import EmailMessage
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST

from lifecycle.console import preferences
from lifecycle.console.account import person
from lifecycle.console.answer import see
from stores import clock, team
from stores.access import StoreRequest, page
from stores.models import Invitation, Membership

log = logging.getLogger(__name__)
Role = Membership.Role
#: What a role may do, in a sentence.
MAY = {
    Role.OWNER: "everything, and this page",
    Role.MARKETER: "flows, products, offers, and all that support may",
    Role.SUPPORT: "hold, skip and send a customer's mails, keep notes, close tasks",
    Role.VIEWER: "read everything, change nothing",
}


class InviteForm(forms.Form):
    email = forms.EmailField(label="E-mail address", max_length=254)
    role = forms.ChoiceField(choices=[(role.value, f"{role.label}: {may}") for role, may in MAY.items()], initial=Role.SUPPORT)


@page(Role.OWNER)
def index(request: StoreRequest) -> HttpResponse:
    """List members and open invitations; a new link stands on the answer to its form, and never again."""
    now, link, sent = clock.read(), "", False
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            invitation, token = team.invite(request.store, **form.cleaned_data, by=person(request), now=now)
            link = settings.PUBLIC_URL + reverse("console:invite", args=[token])
            sent = _mail(invitation, link)
            form = InviteForm()
        except team.AlreadyIn:
            form.add_error("email", "This person is a member already. Change the role in the list.")
    context = {
        "section": "settings", "now": now, "form": form, "secrets": [("Link", link)] if link else [], "sent": sent,
        "members": Membership.objects.filter(store=request.store).select_related("user").order_by("user__name", "user__email"),
        "invitations": Invitation.objects.filter(store=request.store).order_by("-created_at"),
        "roles": Role.choices, "tabs": preferences.tabs_of(request, "team"), "tabs_label": "Settings",
    }  # fmt: skip
    return render(request, "console/team.html", context, status=422 if form.errors else 200)


def _mail(invitation: Invitation, link: str) -> bool:
    """Mail the link by the site's road; say whether it went. The owner holds the link either way."""
    store = invitation.store
    text = render_to_string("console/invite_mail.txt", {"invitation": invitation, "store": store, "link": link})
    sender = f"{store.name} <{store.sender_email}>" if store.sender_email else None
    try:
        EmailMessage(f"{store.name}: your invitation", text, sender, [invitation.email]).send()
    except (OSError, SMTPException):
        log.warning("The invitation of store %s could not be mailed", store.slug, exc_info=True)
        return False
    return True


@require_POST
@page(Role.OWNER)
def change(request: StoreRequest, pk: int) -> HttpResponse:
    membership = get_object_or_404(Membership.objects.select_related("user"), store=request.store, pk=pk)
    role = request.POST.get("role", "")
    if role not in Role.values:
        raise Http404
    try:
        team.change_role(membership, role)
        messages.success(request, f"{membership.user} is {Role(role).label.lower()} now.")
    except team.LastOwner:
        messages.error(request, f"{membership.user} is the last owner. Make somebody else owner first.")
    return see("console:team" if membership.user != request.user or role == Role.OWNER else "console:home", request.store.slug)


@require_POST
@page(Role.OWNER)
def remove(request: StoreRequest, pk: int) -> HttpResponse:
    membership = get_object_or_404(Membership.objects.select_related("user"), store=request.store, pk=pk)
    try:
        team.remove(membership)
        messages.success(request, f"{membership.user} is out of the store. Their notes stay.")
    except team.LastOwner:
        messages.error(request, f"{membership.user} is the last owner. Make somebody else owner first.")
        return see("console:team", request.store.slug)
    return see("console:stores") if membership.user == request.user else see("console:team", request.store.slug)


@require_POST
@page(Role.OWNER)
def take_back(request: StoreRequest, pk: int) -> HttpResponse:
    invitation = get_object_or_404(Invitation, store=request.store, pk=pk)
    Invitation.objects.filter(pk=invitation.pk).delete()
    messages.success(request, f"The invitation to {invitation.email} is taken back: its link is dead.")
    return see("console:team", request.store.slug)
