"""The API put together: routers, how errors read, and the open pages (docs, OpenAPI, the order format's JSON Schema)."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from ninja import NinjaAPI
from ninja.errors import ValidationError

from integrations.generic import formats
from integrations.payloads import NotJson
from lifecycle.api import reads, routing, writes
from lifecycle.api.keys import Key
from lifecycle.api.pages import BadCursor
from orders.incoming import Unusable

_ABOUT = (
    "Orders in, and everything that is held read back. Bearer key; amounts are decimal strings, times RFC 3339. "
    "POST answers 201 for what is new, else 200; repeats change nothing."
)

#: Importing them is what puts their calls on the router.
CALLS = (reads, writes)

api = NinjaAPI(title="Doorstep", version="1", auth=Key(), docs_url=None, urls_namespace="api-1", description=_ABOUT)
api.add_router("", routing.router)


@api.exception_handler(NotJson)
def _not_json(request: HttpRequest, error: NotJson) -> HttpResponse:
    return JsonResponse({"detail": f"The body is not JSON: {error}"}, status=400)


@api.exception_handler(Unusable)
def _unusable(request: HttpRequest, error: Unusable) -> HttpResponse:
    return JsonResponse({"detail": str(error)}, status=422)


@api.exception_handler(BadCursor)
def _bad_cursor(request: HttpRequest, error: BadCursor) -> HttpResponse:
    return JsonResponse({"detail": "cursor: take it from the `next` of the page before"}, status=422)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    problems = [f"{'.'.join(str(part) for part in each['loc'][1:]) or 'query'}: {each['msg']}" for each in error.errors]
    return JsonResponse({"detail": "; ".join(problems)}, status=422)


@api.get("/docs", auth=None, include_in_schema=False)
def docs(request: HttpRequest) -> HttpResponse:
    """Show the API as a plain page, made from the OpenAPI description: no script, nothing from elsewhere."""
    schema: Any = api.get_openapi_schema()
    calls = [{"method": method.upper(), "path": path, **call} for path, calls in schema["paths"].items() for method, call in calls.items()]
    return render(request, "api/docs.html", {"schema": schema, "calls": calls})


@api.get("/schemas/order.json", auth=None)
def order_schema(request: HttpRequest) -> HttpResponse:
    """The generic order format as JSON Schema: what POST /orders, hooks and files take."""
    return _schema(formats.Order)


@api.get("/schemas/product.json", auth=None)
def product_schema(request: HttpRequest) -> HttpResponse:
    """The generic product format as JSON Schema: what POST /products and hooks take, with the guide and what goes well with it."""
    return _schema(formats.Product)


def _schema(shape: type[formats.Shape]) -> HttpResponse:
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **shape.model_json_schema()}
    return JsonResponse(schema, content_type="application/schema+json")
