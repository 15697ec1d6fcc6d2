"""The page behind an invitation's link: set a name and a password and join, or sign in and join."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import login, password_validation
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from lifecycle.console.answer import see
from stores import clock, team
from stores.models import Invitation, Membership, User

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class JoinForm(forms.Form):
    name = forms.CharField(label="Your name", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        label="Password",
        help_text="Ten characters or more.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, data: Any = None, *, email: str) -> None:
        super().__init__(data)
        self.user = User(email=email)

    def clean(self) -> dict[str, Any]:
        self.user.name = self.cleaned_data.get("name", "")
        try:
            password_validation.validate_password(self.cleaned_data.get("password", ""), self.user)
        except forms.ValidationError as error:
            if "password" in self.cleaned_data:
                self.add_error("password", error)
        return self.cleaned_data


@never_cache
def show(request: HttpRequest, token: str) -> HttpResponse:
    """Let somebody join by their link; a dead link answers 410."""
    invitation = team.invitation_of(token, now=clock.read())
    if invitation is None:
        return render(request, "console/invite_gone.html", status=410)
    is_theirs = isinstance(request.user, User) and request.user.email == invitation.email
    is_known = User.objects.filter(email=invitation.email).exists()
    form = JoinForm(request.POST if request.method == "POST" and not is_known else None, email=invitation.email)
    if request.method == "POST":
        if isinstance(request.user, User) and is_theirs:
            return _joined(request, team.join(invitation, request.user))
        if not is_known and not request.user.is_authenticated and form.is_valid():
            return _joined(request, _arrive(request, form, invitation))
    context = {
        "invitation": invitation, "form": form, "is_theirs": is_theirs, "is_known": is_known,
        "sign_in": f"{reverse('account_login')}?next={request.path}",
    }  # fmt: skip
    return render(request, "console/invite.html", context, status=422 if form.errors else 200)


def _arrive(request: HttpRequest, form: JoinForm, invitation: Invitation) -> Membership:
    """Make the account, let it join, and sign it in."""
    user = User.objects.create_user(invitation.email, form.cleaned_data["password"], name=form.cleaned_data["name"])
    membership = team.join(invitation, user)
    login(request, user, backend=BACKEND)
    return membership


def _joined(request: HttpRequest, membership: Membership) -> HttpResponse:
    messages.success(request, f"You are in. Your role here is {membership.get_role_display().lower()}.")
    return see("console:home", membership.store.slug)
