"""A person's own pages: their stores, their name and theme."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from lifecycle.console.answer import see
from stores import clock
from stores.models import User


class MeForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ["name", "theme", "toast_seconds", "shortcuts"]
        labels = {"shortcuts": "Keyboard shortcuts", "toast_seconds": "Show what was done for"}
        help_texts = {
            "name": "As colleagues see it beside your notes.",
            "theme": "Light, dark, or as this device is set.",
            "toast_seconds": "Refusals stay until you leave the page.",
        }


def front(request: HttpRequest) -> HttpResponse:
    return redirect("console:stores")


def stores(request: HttpRequest) -> HttpResponse:
    """Let a person choose a store; who has one goes straight in (unless they ask with ?all)."""
    user = person(request)
    mine = list(user.memberships.select_related("store").order_by("store__name"))
    if len(mine) == 1 and "all" not in request.GET:
        return redirect("console:home", mine[0].store.slug)
    return render(request, "console/stores.html", {"memberships": mine})


def me(request: HttpRequest) -> HttpResponse:
    user = person(request)
    form = MeForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return see("console:me")
    return render(request, "console/me.html", {"form": form, "now": clock.read()}, status=422 if form.errors else 200)


def person(request: HttpRequest) -> User:
    """Return who is signed in; a store's pages let nobody else through."""
    assert isinstance(request.user, User)
    return request.user
