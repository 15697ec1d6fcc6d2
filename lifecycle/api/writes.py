"""What shops may post: one thing in the generic format, taken in at once. 201 for what is new, else 200."""

from typing import Any, Literal

from ninja import Schema, Status

from integrations import connections, inbox, payloads
from integrations.generic import formats
from lifecycle.api.keys import ApiRequest
from lifecycle.api.routing import router
from stores import clock


class Taken(Schema):
    """What became of it."""

    result: Literal["new", "changed", "unchanged"]
    external_id: str


class Problem(Schema):
    """What is wrong, naming the field."""

    detail: str


_ANSWERS = {201: Taken, 200: Taken, 400: Problem, 422: Problem}


def _body(shape: type[formats.Shape]) -> dict[str, Any]:
    schema = shape.model_json_schema()
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _take(request: ApiRequest, topic: str) -> Any:
    store = request.auth
    payload = payloads.read_object(request.body)
    outcome = inbox.apply(store, topic, payload, now=clock.read(), live_since=connections.live_since(store))
    return Status(201 if outcome.result == "new" else 200, {"result": outcome.result, "external_id": outcome.external_id})


@router.post("/orders", response=_ANSWERS, openapi_extra=_body(formats.Order))
def post_order(request: ApiRequest) -> Any:
    """Take in an order as it is now; older data than held is ignored."""
    return _take(request, "orders")


@router.post("/shipments", response=_ANSWERS, openapi_extra=_body(formats.ShipmentOfOrder))
def post_shipment(request: ApiRequest) -> Any:
    """Take in news of a parcel; it may come before its order."""
    return _take(request, "shipments")


@router.post("/refunds", response=_ANSWERS, openapi_extra=_body(formats.RefundOfOrder))
def post_refund(request: ApiRequest) -> Any:
    """Take in a refund; it may come before its order."""
    return _take(request, "refunds")


@router.post("/customers", response=_ANSWERS, openapi_extra=_body(formats.Customer))
def post_customer(request: ApiRequest) -> Any:
    """Take in what is known of a person, and what they allow."""
    return _take(request, "customers")


@router.post("/products", response=_ANSWERS, openapi_extra=_body(formats.Product))
def post_product(request: ApiRequest) -> Any:
    """Take in a product."""
    return _take(request, "products")
