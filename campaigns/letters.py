"""Writes the mail of a step: facts to values, values to words, words into the outbox's row."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings

from campaigns import again, planning, structured, subjects, values
from campaigns.models import Step
from campaigns.situation import Loaded, kept_lines
from catalog.models import Pairing
from customers.models import Customer
from messaging import permission, rendering
from messaging.models import Message, Purpose
from messaging.permission import Standing
from messaging.roads import accounts
from offers import giving
from offers.referral import joining
from orders.facts import milestones_of
from orders.models import Order
from stores import languages, phrases
from stores.models import Store
from surveys import answers, reviews

CHECK_IN = "check-in"


def draw(
    step: Step, store: Store, customer: Customer, order: Order | None, *, standing: Standing, pairings: Sequence[Pairing],
    offer: giving.Promise | None, message_token: str, check_in_token: str, now: datetime, last_item: str = "", variant: str = "",
    review_token: str = "", subject: subjects.Subject = subjects.NOTHING,
    refunded_minor: int | None = None,
    known: frozenset[int] = frozenset(), order_place: int = 0, language: str = "", is_marked: bool = False,
) -> rendering.Rendered:  # fmt: skip
    """Return a step's mail, in one of its wordings, to a customer, about an order if there is one; raise rendering.RenderError.

    With a `language` that it has words in, it is read in that one, whatever the customer speaks. Where `is_marked`, its blocks can be
    gone to.
    """
    content = step.content_of(variant)
    language = language if language in rendering.languages(content) else language_of(content, store, customer, order)
    said = rendering.in_language(content, language)
    facts = values.MailFacts(
        store=store,
        customer=customer,
        order=order,
        lines=kept_lines(order) if order else (),
        milestones=milestones_of(order, store) if order else None,
        parcels=list(order.shipments.all()) if order else (),
        pairings=pairings,
        may_get_marketing=permission.refusal(Purpose.MARKETING, standing) is None,
        offer=offer,
        check_in_token=check_in_token,
        message_token=message_token,
        public_url=settings.PUBLIC_URL,
        now=now,
        zone=planning.zone_for(customer, order, store),
        last_item=last_item,
        known=known,
        review_token=review_token,
        subject=subject,
        refunded_minor=refunded_minor,
        has_subscribed=standing.marketing == Customer.Marketing.SUBSCRIBED,
        words=phrases.of(language),
        content=said,
        program=joining.program_of(store, now=now) if "referral" in str(said) else None,
        order_place=order_place,
        sender_name=step.written_by.name if step.written_by else "",
    )
    told = structured.of(facts) if step.purpose == Purpose.TRANSACTIONAL else []
    key, brand = ("step", step.pk, step.revision, variant, language), rendering.brand_of(store, language)
    return rendering.compiled(key, said, brand, step.purpose, is_marked=is_marked).render(values.values(facts), told)


def language_of(content: Mapping[str, Any], store: Store, customer: Customer, order: Order | None) -> str:
    """Return the one language a mail speaks: what its customer, else the order, else the store speaks, of those offered and written."""
    held, offered = rendering.languages(content), languages.offered(store)
    written = [code for code in held if code in offered]
    return phrases.pick((customer.language, order.language if order else "", store.language), written or held[:1]) or held[0]


def imagine(loaded: Loaded, *, now: datetime) -> rendering.Rendered:
    """Return the mail of a due step as it would have gone, giving no code and asking nothing; raise rendering.RenderError."""
    run, step = loaded.run, loaded.run.step
    offer = giving.promise(step.offer, code="CODE", now=now) if step.offer else None
    return draw(
        step, run.store, run.customer, run.order, standing=loaded.standing, pairings=loaded.pairings, offer=offer,
        message_token="watched", check_in_token="watched", now=now, last_item=loaded.last_item, review_token="watched",
        variant=run.variant, subject=loaded.subject, known=loaded.known, order_place=loaded.order_place,
    )  # fmt: skip


def write(loaded: Loaded, *, offer: giving.Promise | None, now: datetime) -> Message:
    """Return the unsaved outbox row of a due step; raise rendering.RenderError."""
    run, step, order = loaded.run, loaded.run.step, loaded.run.order
    sender = accounts.sender_of(run.store, loaded.account, step.written_by)
    message = Message(
        store=run.store, customer_id=run.customer_id, order=order, dedupe_key=f"run:{run.pk}",
        flow=run.enrollment.flow.key, step=run.step_key, purpose=step.purpose, is_urgent=run.is_urgent,
        to_email=run.customer.email, to_name=run.customer.name, from_email=sender.email, from_name=sender.name,
        reply_to=sender.reply_to, created_at=now, due_at=now, use_by=run.use_by,
    )  # fmt: skip
    response = review = None
    if order and step.shows("question"):
        response = answers.ask(
            step.details.get("survey", CHECK_IN), store=run.store, customer=run.customer, order=order, now=now,
            question=step.details.get("question", ""),
        )  # fmt: skip
    if order and step.shows("stars"):
        review = reviews.ask(order, now=now)
    refunded_minor = None
    if order and step.anchor == Step.Anchor.REFUNDED:
        refunded_minor = again.still_to_tell(run, order)
        run.facts = {**run.facts, "told_minor": refunded_minor}
    drawn = draw(
        step, run.store, run.customer, order, standing=loaded.standing, pairings=loaded.pairings, offer=offer,
        message_token=message.token, check_in_token=response.token if response else "", now=now, last_item=loaded.last_item,
        variant=run.variant, review_token=review.token if review else "", subject=loaded.subject,
        refunded_minor=refunded_minor, known=loaded.known, order_place=loaded.order_place,
    )  # fmt: skip
    message.subject, message.html, message.text = drawn.subject, drawn.html, drawn.text
    if offer:
        run.facts = {**run.facts, "offer": offer.kept()}
    return message
