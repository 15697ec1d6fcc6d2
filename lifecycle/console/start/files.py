"""Files of orders in the set-up: the pages of `console.imports`, below its steps."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from lifecycle.console import imports
from lifecycle.console.start import progress
from stores.access import StoreRequest, page
from stores.models import Membership

OWNER = Membership.Role.OWNER


def _draw(request: StoreRequest, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    setup = progress.of(request, progress.flow_of(request.store))
    around = {"section": "home", "setup": setup, "stage": "source"}
    return render(request, f"console/start/import_{name}.html", {**context, **around}, status=status)


HERE = imports.Frame("console:start_files", "console:start_import", "console:start_columns", _draw)


@page(OWNER)
def index(request: StoreRequest) -> HttpResponse:
    return imports.listing(request, HERE)


@page(OWNER)
def show(request: StoreRequest, pk: int) -> HttpResponse:
    return imports.one(request, pk, HERE)


@page(OWNER)
def columns(request: StoreRequest, pk: int) -> HttpResponse:
    return imports.mapping(request, pk, HERE)
