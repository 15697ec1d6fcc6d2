"""Who may get what: the table of purposes (contracts, "Permission"). Pure."""

from dataclasses import dataclass

from messaging.reasons import Reason


@dataclass(frozen=True)
class Standing:
    """What is known of one customer's permission at one store; `is_invalid`: elsewhere their address turned out to be none."""

    has_address: bool
    is_erased: bool
    is_suppressed: bool
    marketing: str
    objects_to_service: bool
    soft_opt_in: bool
    strict_service: bool
    is_invalid: bool = False


def refusal(purpose: str, standing: Standing) -> Reason | None:
    """Return why a mail of this purpose may not go to this customer, or None if it may."""
    if standing.is_erased:
        return Reason.ERASED
    if not standing.has_address:
        return Reason.NO_ADDRESS
    if standing.is_suppressed:
        return Reason.SUPPRESSED
    if purpose == "service":
        return _service(standing)
    if purpose == "marketing":
        return _marketing(standing)
    return None


def _service(standing: Standing) -> Reason | None:
    if standing.objects_to_service:
        return Reason.UNSUBSCRIBED
    if standing.strict_service and standing.marketing != "subscribed":
        return Reason.NO_CONSENT
    return None


def _marketing(standing: Standing) -> Reason | None:
    if standing.marketing == "unsubscribed":
        return Reason.UNSUBSCRIBED
    if standing.marketing == "never" and not standing.soft_opt_in:
        return Reason.NO_CONSENT
    return None
