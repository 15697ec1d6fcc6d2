"""A mail whose code the shop makes: it is asked for ahead of time, and the mail waits for it."""

from campaigns import codes
from campaigns.models import Step, StepRun
from campaigns.tasks import sweep_until_quiet
from messaging.models import Message
from stores import clock
from tests.offers.shops import counter, made_offer, shop

__all__ = ["counter", "made_offer", "shop"]


def test_the_code_is_there_when_the_mail_is_due_and_a_mail_without_its_code_waits_for_it(shop, counter, made_offer, live_flow, placed, at):
    step = live_flow.version.steps.get(key="confirmation")
    Step.objects.filter(pk=step.pk).update(anchor="placed", offset_hours=5, offer=made_offer, purpose="service")
    clock.set_to(at("2026-11-20 09:00"))
    early, late = placed("1"), placed("2", email="tom@example.com")
    sweep_until_quiet()
    clock.set_to(at("2026-11-20 11:30"))
    StepRun.objects.filter(order=late).update(due_at=at("2026-11-20 09:01"), wake_at=at("2026-11-20 09:01"))  # staff brought it forward
    assert codes.keep(now=clock.read()) == 0 and len(shop.codes) == 1  # two and a half hours ahead
    sweep_until_quiet()
    held = StepRun.objects.get(order=late, step=step)
    assert (held.state, held.reason, Message.objects.count()) == ("held", "making_code", 0)
    assert codes.keep(now=clock.read()) == 1 and len(shop.codes) == 2
    clock.set_to(at("2026-11-20 14:00"))
    sweep_until_quiet()
    facts = [StepRun.objects.get(order=order, step=step).facts["offer"]["code"] for order in (early, late)]
    assert sorted(facts) == sorted(shop.codes)
