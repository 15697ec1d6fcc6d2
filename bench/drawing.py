"""Mails drawn a second for orders of 1, 3 and 30 items, beside bare python-liquid with the same templates; and how heavy the mails are."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from datetime import datetime
from time import perf_counter
from typing import Any

from bench import shop
from bench.figures import Figure
from campaigns import recipes, values
from campaigns.models import Step
from campaigns.writing import example, preview
from campaigns.writing.preview import Sample
from messaging.rendering import bidi, brand, mail, remarks
from orders.facts import milestones_of
from stores import clock

_SECONDS = 2.0
_BESIDE = "python-liquid alone: the same templates parsed once, the values at hand; nothing worded, folded or checked"
_LIMIT = "from where it is warned of"


def measure() -> Iterator[Figure]:
    now = clock.read()
    store = shop.open_shop("drawing", now=now)
    version = recipes.install(store, "post-purchase", now=now).version
    assert version is not None
    steps = list(version.steps.select_related("version__flow", "offer__store"))
    made_up = example.sample(store, now=now)
    for count in (1, 3, 30):
        sample = _of_lines(made_up, count)
        ours, bare = _ways(steps[0], sample, now=now)
        yield Figure(f"confirmations drawn, order of {count}", "/s", _rate(ours), _rate(bare), _BESIDE)
        for step in steps if count == 3 else steps[:1]:
            weight = remarks.weight_of(preview.mail_for(step, sample, now=now))
            yield Figure(f"{step.name}, order of {count}", "kB", weight / 1000, remarks.HEAVY / 1000, _LIMIT)


def _of_lines(made_up: Sample, count: int) -> Sample:
    """Return the sample with so many lines of the same product."""
    order = copy.copy(made_up.order)
    assert order is not None
    loaded = {"lines": [copy.copy(line) for line in made_up.lines for _ in range(count)], "shipments": list(order.shipments.all())}
    order._prefetched_objects_cache = loaded  # type: ignore[attr-defined]  # as if they had been loaded
    return replace(made_up, order=order)


def _ways(step: Step, sample: Sample, *, now: datetime) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Return what draws a mail from loaded facts, and what only fills its three templates."""
    order = sample.order
    assert order is not None
    facts = values.MailFacts(
        store=order.store, customer=order.customer, order=order, lines=sample.lines,
        milestones=milestones_of(order, order.store), parcels=list(order.shipments.all()), pairings=sample.pairings,
        may_get_marketing=True, offer=None, check_in_token="1",
        message_token="2", public_url="https://mail.example/", now=now, zone=sample.zone, content=step.content,
    )  # fmt: skip
    compiled = mail.compile_mail(step.content, brand=brand.brand_of(order.store), purpose=step.purpose)
    ready = {**bidi.ready(values.values(facts), "ltr"), "brand": asdict(compiled.brand), "mail_title": "Got it"}
    parsed = [template.parsed for template in (compiled.subject, compiled.html, compiled.text)]
    return lambda: compiled.render(values.values(facts)), lambda: [template.render(**ready) for template in parsed]


def _rate(draw: Callable[[], Any]) -> float:
    """Return how often a second something can be done."""
    draw()
    began, times = perf_counter(), 0
    while (spent := perf_counter() - began) < _SECONDS:
        draw()
        times += 1
    return times / spent
