"""What is held, read back: orders, people with their past and their plans, mails, tasks."""

from typing import Annotated, Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404
from ninja import Query

from campaigns.models import StepRun
from customers import identity
from customers.models import Customer, Event, Task
from lifecycle.api import pages, shapes
from lifecycle.api.keys import ApiRequest
from lifecycle.api.pages import Page, Paging
from lifecycle.api.routing import router
from messaging.models import Message
from orders.models import Order
from surveys import published

Asked = Annotated[Paging, Query()]


@router.get("/orders", response=shapes.Orders)
def list_orders(
    request: ApiRequest, paging: Asked, email: str = "", financial_status: str = "", fulfillment_status: str = ""
) -> Page[dict[str, Any]]:
    """List orders, the newest first."""
    found = _orders(request)
    if email:
        found = found.filter(customer__email_key=identity.email_key(email) or "")
    if financial_status:
        found = found.filter(financial_status=financial_status)
    if fulfillment_status:
        found = found.filter(fulfillment_status=fulfillment_status)
    return pages.cut(found, paging, by="-placed_at", show=shapes.order)


@router.get("/orders/{path:external_id}", response=shapes.Order)
def show_order(request: ApiRequest, external_id: str) -> dict[str, Any]:
    """Show one order by the shop's own id."""
    found = _orders(request).filter(external_id=external_id.replace("\0", "")).first()
    if found is None:
        raise Http404
    return shapes.order(found)


def _orders(request: ApiRequest) -> QuerySet[Order]:
    return Order.objects.filter(store=request.auth).select_related("customer").prefetch_related("lines__product", "refunds", "shipments")


@router.get("/customers", response=shapes.Customers)
def list_customers(request: ApiRequest, paging: Asked, email: str = "") -> Page[dict[str, Any]]:
    """List customers, the newest first; `email` finds one, in whatever case."""
    found = Customer.objects.filter(store=request.auth).select_related("metrics", "store").prefetch_related("identities")
    if email:
        key = identity.email_key(email)
        found = found.filter(email_key=key) if key else found.filter(email=email)
    return pages.cut(found, paging, by="-id", show=shapes.customer)


@router.get("/customers/{int:pk}/events", response=shapes.Events)
def list_events(request: ApiRequest, pk: int, paging: Asked, kind: str = "") -> Page[dict[str, Any]]:
    """List what happened to a customer, the latest first."""
    found = Event.objects.filter(store=request.auth, customer=_customer(request, pk))
    if kind:
        found = found.filter(kind=kind)
    return pages.cut(found, paging, by="-occurred_at", show=shapes.event)


@router.get("/customers/{int:pk}/planned", response=shapes.Planned)
def list_planned(request: ApiRequest, pk: int, paging: Asked) -> Page[dict[str, Any]]:
    """List every mail that was or is planned for a customer, in due order; of a waiting one the date is a forecast."""
    found = StepRun.objects.filter(store=request.auth, customer=_customer(request, pk)).select_related("enrollment__flow", "order")
    return pages.cut(found, paging, by="due_at", show=shapes.planned)


def _customer(request: ApiRequest, pk: int) -> Customer:
    found = Customer.objects.filter(store=request.auth, pk=pk).first() if pk < 2**63 else None
    if found is None:
        raise Http404
    return found


@router.get("/messages", response=shapes.Messages)
def list_messages(
    request: ApiRequest, paging: Asked, email: str = "", order: str = "", state: str = "", step: str = ""
) -> Page[dict[str, Any]]:
    """List mails, the newest first."""
    found = Message.objects.filter(store=request.auth).select_related("order").defer("html", "text")
    if email:
        found = found.filter(customer__email_key=identity.email_key(email) or "")
    if order:
        found = found.filter(order__external_id=order)
    if state:
        found = found.filter(state=state)
    if step:
        found = found.filter(step=step)
    return pages.cut(found, paging, by="-id", show=shapes.message)


@router.get("/tasks", response=shapes.Tasks)
def list_tasks(request: ApiRequest, paging: Asked, state: str = "", email: str = "") -> Page[dict[str, Any]]:
    """List what staff must do, the most urgent first."""
    orders = Order.objects.filter(customer=OuterRef("customer"), number=OuterRef("order_number")).order_by("-placed_at", "-id")
    found = Task.objects.filter(store=request.auth).select_related("customer")
    found = found.annotate(order_external_id=Subquery(orders.values("external_id")[:1]))
    if state:
        found = found.filter(state=state)
    if email:
        found = found.filter(customer__email_key=identity.email_key(email) or "")
    return pages.cut(found, paging, by="due_at", show=shapes.task)


@router.get("/reviews", response=shapes.Reviews)
def list_reviews(request: ApiRequest, paging: Asked, product: str = "") -> Page[dict[str, Any]]:
    """List the reviews that may be shown, the newest first; `product` is the shop's own id of one."""
    found = published.reviews(request.auth, product).select_related("product")
    return pages.cut(found, paging, by="-given_at", show=shapes.review)
