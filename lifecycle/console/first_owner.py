"""The first page of an empty installation: whoever comes first makes the owner's account. It is gone for good once anybody has one.

On a public server somebody else might be first, so in production the page asks for SETUP_TOKEN, which only the operator knows; without
that setting it makes nobody an owner.
"""

from typing import Any

from allauth.account.views import login as sign_in
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache

from lifecycle.console.answer import see
from lifecycle.console.invite import BACKEND, JoinForm
from stores import team
from stores.models import User


class OwnerForm(JoinForm):
    """An account like any other, and the operator's token where one is set."""

    email = forms.EmailField(label="E-mail address", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username"}))
    token = forms.CharField(
        label="Set-up token",
        help_text="The value of SETUP_TOKEN on your server.",
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("token", "email", "name", "password")

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, email="")
        if not settings.SETUP_TOKEN:
            del self.fields["token"]

    def clean_token(self) -> str:
        token: str = self.cleaned_data["token"]
        if not constant_time_compare(token, settings.SETUP_TOKEN):
            raise forms.ValidationError("This is not the token that stands in SETUP_TOKEN.")
        return token

    def clean(self) -> dict[str, Any]:
        self.user.email = self.cleaned_data.get("email", "").lower()
        return super().clean()


def entrance(request: HttpRequest) -> HttpResponse:
    """Sign in; where there is nobody yet to sign in as, make the first account."""
    if not User.objects.exists():
        return redirect("console:first_owner")
    answer: HttpResponse = sign_in(request)
    return answer


@never_cache
def show(request: HttpRequest) -> HttpResponse:
    """Ask for the owner's account and sign it in."""
    if User.objects.exists():
        raise Http404
    is_open = bool(settings.SETUP_TOKEN) or not settings.PRODUCTION
    form = OwnerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and is_open and form.is_valid():
        given = form.cleaned_data
        try:
            user = team.found(given["email"], given["password"], name=given["name"])
        except team.NotFirst:
            raise Http404 from None
        login(request, user, backend=BACKEND)
        messages.success(request, "Your account is made. Now open your store.")
        return see("console:store_new")
    return render(request, "console/first_owner.html", {"form": form, "is_open": is_open}, status=422 if form.errors else 200)
