"""What a row of a rule may speak of, and in which words. Pure."""

from dataclasses import dataclass
from typing import Literal

Family = Literal[
    "number", "money", "share", "moment", "yearly", "choice", "text", "product", "bought", "category", "ordered", "event", "action",
    "answer", "interest", "segment", "sample",
]  # fmt: skip
Options = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class What:
    """One thing to ask about a customer: its name in the builder, and its sentence, in which {} is the comparison.

    `one` and `many` are the unit; `some` and `none` say that a date is known or not.
    """

    key: str
    family: Family
    label: str
    sentence: str
    section: str
    one: str = ""
    many: str = ""
    some: str = ""
    none: str = ""
    options: Options = ()


GROUPS: Options = (
    ("champions", "Champions"), ("loyal", "Loyal"), ("recent", "Recent"), ("needs_attention", "Needs attention"),
    ("at_risk", "At risk"), ("inactive", "Inactive"),
)  # fmt: skip
STAGES: Options = (
    ("prospect", "Prospect"), ("first_time", "First-time buyer"), ("active", "Active repeat buyer"), ("lapsing", "Lapsing"),
    ("lost", "Lost"),
)  # fmt: skip
MARKETING: Options = (("subscribed", "subscribed"), ("never", "never asked"), ("unsubscribed", "unsubscribed"), ("may_get", "may get it"))
SERVICE: Options = (("allowed", "may get it"), ("objected", "have objected to it"))

#: What customers and parcels do that a row may ask about. Entering a segment is none of it: a rule must not feed on itself.
EVENTS: Options = (
    ("mail.sent", "been sent a mail"), ("mail.clicked", "clicked in a mail"), ("mail.bounced", "had a mail bounce"),
    ("mail.complained", "marked a mail as spam"), ("reply.received", "replied to a mail"), ("answer.given", "given an answer"),
    ("review.given", "written a review"), ("referral.credited", "brought a friend who ordered"),
    ("order.cancelled", "had an order cancelled"), ("order.refunded", "had a refund"), ("order.received", "received an order"),
    ("shipment.delivered", "had a parcel delivered"), ("shipment.failed", "had a delivery fail"),
    ("shipment.returned", "had a parcel come back"), ("cart.started", "started a cart"), ("cart.abandoned", "left a cart behind"),
    ("cart.recovered", "come back to a cart"), ("flow.entered", "entered a flow"), ("task.opened", "had a task opened for them"),
    ("consent.granted", "given permission"), ("consent.withdrawn", "withdrawn permission"),
)  # fmt: skip

ORDERS, SCORES, DATES, PERSON, DID, OTHER = "Orders and money", "Scores and predictions", "Dates", "Person", "What they did", "Groups"

_ALL = (
    What("orders_count", "number", "Number of orders", "have placed {}", ORDERS, "order", "orders"),
    What("spent", "money", "Total spent", "have spent {}", ORDERS),
    What("average_order", "money", "Average order", "spend {} on an average order", ORDERS),
    What("items_count", "number", "Items bought", "have bought and kept {}", ORDERS, "item", "items"),
    What("returns_count", "number", "Orders with a return", "have sent something back from {}", ORDERS, "order", "orders"),
    What("refunded", "money", "Refunds", "have been given back {}", ORDERS),
    What("coupon_orders", "number", "Orders with a discount code", "have used a discount code in {}", ORDERS, "order", "orders"),
    What("days_between", "number", "Days between orders", "order on average every {}", ORDERS, "day", "days"),
    What("first_product", "product", "First product", "bought {} first", ORDERS),
    What("first_source", "text", "Source of the first order", "came by {}", ORDERS),
    What("last_source", "text", "Source of the last order", "came last by {}", ORDERS),
    What("rfm_group", "choice", "Group (RFM)", "are {}", SCORES, options=GROUPS),
    What("stage", "choice", "Lifecycle stage", "are at the stage {}", SCORES, options=STAGES),
    What("rfm_recency", "number", "Recency score, 1 to 5", "have a recency score of {}", SCORES),
    What("rfm_frequency", "number", "Frequency score, 1 to 5", "have a frequency score of {}", SCORES),
    What("rfm_monetary", "number", "Money score, 1 to 5", "have a money score of {}", SCORES),
    What("p_alive", "share", "Chance to buy again", "are {} likely to buy again", SCORES),
    What("churn_risk", "share", "Risk of losing them", "are lost with a risk of {}", SCORES),
    What("expected_orders", "number", "Orders expected in 90 days", "are expected to place {} in 90 days", SCORES, "order", "orders"),
    What("expected_value", "money", "Money expected in 90 days", "are expected to spend {} in 90 days", SCORES),
    What("value_score", "number", "Score: close to buying", "score {} for being close to buying", SCORES),
    What("impact_score", "number", "Score: moves others", "score {} for moving others", SCORES),
    What("interest", "interest", "Interest in a topic", "are interested in {}", SCORES),
    What("first_order", "moment", "First order", "placed their first order {}", DATES, some="have ordered", none="have never ordered"),
    What("second_order", "moment", "Second order", "placed their second order {}", DATES,
         some="have ordered a second time", none="have not ordered a second time"),
    What("last_order", "moment", "Last order", "placed their last order {}", DATES, some="have ordered", none="have never ordered"),
    What("next_order", "moment", "Expected next order", "are expected to order next {}", DATES,
         some="are expected to order again", none="are not expected to order again"),
    What("customer_since", "moment", "Known since", "became known {}", DATES),
    What("birthday", "yearly", "Birthday", "have their birthday {}", DATES),
    What("anniversary", "yearly", "Anniversary of the first order", "have the anniversary of their first order {}", DATES),
    What("country", "text", "Country", "live in {}", PERSON),
    What("region", "text", "Region or state", "live in the region {}", PERSON),
    What("city", "text", "City", "live in the city {}", PERSON),
    What("postal_code", "text", "Postal code, its beginning", "have a postal code that begins with {}", PERSON),
    What("language", "text", "Language", "speak {}", PERSON),
    What("tag", "text", "Tag", "are tagged {}", PERSON),
    What("marketing", "choice", "Offers and news", "are {} for offers and news", PERSON, options=MARKETING),
    What("service", "choice", "Help mails", "are {} for help mails", PERSON, options=SERVICE),
    What("ordered", "ordered", "Ordered", "ordered", DID),
    What("bought", "bought", "Bought a product", "bought {}", DID),
    What("category", "category", "Bought from a category", "bought from {}", DID),
    What("product_tag", "category", "Bought a product tagged", "bought something tagged {}", DID),
    What("event", "event", "Did, or had happen", "{}", DID, options=EVENTS),
    What("action", "action", "Tracked action", "done “{}”", DID),
    What("answer", "answer", "Answered, 1 to 5", "answered {}", DID),
    What("segment", "segment", "Segment or list", "are in {}", OTHER),
    What("sample", "sample", "Random sample", "are in a random {} of everybody", OTHER),
)  # fmt: skip

CATALOGUE = {what.key: what for what in _ALL}

COMPARE: Options = (("at_least", "at least"), ("at_most", "at most"), ("exactly", "exactly"), ("between", "between"))
TOP = ("top_percent", "among the highest")
#: The verbs a family's rows may have, with their words in the builder.
OPS: dict[Family, Options] = {
    "number": COMPARE,
    "money": COMPARE,
    "share": COMPARE,
    "moment": (
        ("in_last", "in the last"), ("before_last", "longer ago than"), ("between", "between two days"),
        ("known", "ever"), ("unknown", "never"),
    ),
    "yearly": (("in_next", "within the next"), ("this_month", "this month"), ("in_month", "in the month")),
    "choice": (("any", "is"), ("none", "is not")),
    "text": (("any", "is any of"), ("none", "is none of")),
    "product": (("any", "is any of"), ("none", "is none of")),
    "bought": (("did", "bought any of"), ("did_together", "bought together, in one order"), ("did_not", "did not buy any of")),
    "category": (("did", "bought from any of"), ("did_not", "did not buy from any of")),
    "ordered": (("did", "have"), ("did_not", "have not")),
    "event": (("did", "have"), ("did_not", "have not")),
    "action": (("did", "have"), ("did_not", "have not")),
    "answer": (("at_most", "at most"), ("at_least", "at least"), ("exactly", "exactly"), ("did_not", "nothing")),
    "interest": (("any", "are interested in any of"), ("none", "are interested in none of")),
    "segment": (("any", "are in"), ("none", "are not in")),
    "sample": (("any", "are in"),),
}  # fmt: skip
_NEXT_ORDER: Options = (("in_next", "within the next"), ("between", "between two days"), ("known", "ever"), ("unknown", "never"))
WHEN: Options = (
    ("ever", "at any time"), ("in_last", "in the last"), ("between", "between two days"),
    ("since_segment", "since entering a segment"),
)  # fmt: skip
#: Families that ask what happened, how often, and when.
TIMED: frozenset[Family] = frozenset({"bought", "category", "ordered", "event", "action", "answer"})
SECTIONS = (ORDERS, DATES, DID, SCORES, PERSON, OTHER)


def ops_of(what: What) -> Options:
    """Return the verbs of a row, with their words."""
    if what.key == "next_order":
        return _NEXT_ORDER
    if what.key == "customer_since":
        return OPS["moment"][:3]
    return (*COMPARE, TOP) if what.key == "spent" else OPS[what.family]
