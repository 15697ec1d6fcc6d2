"""The values a mail's templates may use, each explained to merchants and with a sample. Pure."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Variable:
    """One value: what it is, and how it may look."""

    what: str
    sample: Any


VARIABLES: dict[str, Variable] = {
    "first_name": Variable("First name, if it is sure", "Ana"),
    "store_name": Variable("The shop", "Marlow & Finch"),
    "sender_name": Variable("Who signs the mails", "Jo at Marlow & Finch"),
    "sender_first": Variable("Their first name, if a person is named", "Jo"),
    "shop_url": Variable("The shop's pages", "https://shop.example/"),
    "last_item": Variable("What they bought last, in a mail without an order", "Copper Kettle"),
    "may_get_marketing": Variable("Whether offers may be shown to this customer", True),
    "things_words": Variable("What a mail without an order is about, in few words", "Copper Kettle and 2 other things"),
    "thing_url": Variable("Where it is bought: the cart, or the product’s page", "https://shop.example/cart"),
    "later_url": Variable("Where one asks to be reminded of a cart later", "https://mail.example/w/k3mQ/"),
    "was_asked": Variable("Whether they asked to be reminded", False),
    "lasts_words": Variable("How long it lasts most buyers", "6 weeks"),
    "because": Variable("Why they get it, where no order is the reason", "You get this because you are a customer of the shop."),
    "order_number": Variable("Number of the order", "#1042"),
    "placed_words": Variable("Day of the order", "3 November"),
    "items": Variable(
        "The items: name, quantity, unit_price, price (of all of them), picture, url",
        [
            {
                "name": "Copper Kettle, 1 l",
                "quantity": 1,
                "unit_price": "€89.00",
                "price": "€89.00",
                "picture": "",
                "url": "https://shop.example/kettle",
            }
        ],
    ),
    "has_pictures": Variable("Whether any item has a picture", False),
    "item_count": Variable("How many items", 1),
    "first_item": Variable("Short name of the most costly item", "Copper Kettle"),
    "bought_words": Variable("The order in few words", "Copper Kettle and 2 other things"),
    "total": Variable("What the order cost", "€89.00"),
    "sums": Variable(
        "What the total is made of, where the shop tells and it adds up: label, amount",
        [{"label": "Items", "amount": "€85.00"}, {"label": "Shipping", "amount": "€4.00"}],
    ),
    "tax_in_total": Variable("The tax that stands in the total, where the shop tells it", "€14.21"),
    "refunded": Variable("What was given back, if anything", ""),
    "expected_day": Variable("When it comes, short: today, tomorrow, Friday, around Friday", "Friday"),
    "expected_words": Variable("When it comes, in full", "Friday 6 November"),
    "silent_words": Variable("The day of the last news of a parcel that has gone silent", "Monday 2 November"),
    "promised_words": Variable("The day that was first promised, in full", "Wednesday 4 November"),
    "order_place": Variable("Which order of theirs it is, 1 the first; without an order, how many they have", 1),
    "bought_names": Variable("What was bought, by every name it goes by, for tests", ["copper kettle, 1 l", "kettles"]),
    "countdowns": Variable("How long until a day: left, day", {"offer": {"left": "3 days left", "day": "Sunday 29 November"}}),
    "is_moved": Variable("Whether the day lies behind the one first promised", False),
    "was_fetched": Variable("Whether they picked it up themselves", False),
    "has_arrived": Variable("Whether everything has arrived", False),
    "has_parcel": Variable("Whether there is anything to deliver", True),
    "landing_words": Variable("Where it is, to start a line with", "Landing tomorrow"),
    "stage": Variable("Stage of the delivery, for tests", "on_its_way"),
    "stage_index": Variable("Stage of the delivery, 1 to 5", 3),
    "stage_words": Variable("Stage of the delivery, in words", "On its way"),
    "carrier": Variable("Who carries it", "DHL"),
    "tracking_url": Variable("The carrier's own page", "https://carrier.example/track/1"),
    "pickup_place": Variable("Where a parcel waits to be picked up, if it was told", "Corner Shop, Rua Nova 9, Lisboa"),
    "pickup_until": Variable("The last day it is kept there, in full", "Friday 13 November"),
    "parcel_count": Variable("How many parcels", 1),
    "ship_to": Variable("Where it goes, in one line", "Ana Ribeiro, Rua Nova 1, 1100 Lisboa"),
    "tracker_url": Variable("The order's page with you", "https://mail.example/t/k3mQ/"),
    "check_in_url": Variable("The page of the check-in question", "https://mail.example/q/k3mQ/"),
    "review_url": Variable("The page of the review", "https://mail.example/r/k3mQ/"),
    "browser_url": Variable("This mail as a page", "https://mail.example/m/k3mQ/"),
    "calendar_url": Variable("The offer's end for a calendar", "https://mail.example/i/k3mQ/"),
    "unsubscribe_url": Variable("Where this mail is unsubscribed from", "https://mail.example/u/k3mQ/"),
    "preferences_url": Variable("Where the customer chooses what to get", "https://mail.example/p/k3mQ/"),
    "until_words": Variable("The day that what started the flow names, in full", "Friday 27 November"),
    "missing": Variable("What is out of stock, or what the flow was started for", "Copper Kettle"),
    "lessons": Variable(
        "The lessons of the most costly item that has any, at most four: title, text",
        [{"title": "Pour in circles", "text": "From the middle outwards, slowly."}] * 4,
    ),
    "lessons_item": Variable("Short name of the product they are about", "Copper Kettle"),
    "call_url": Variable("Where a call is booked", "https://shop.example/call"),
    "call_item": Variable("What the call is about", "Copper Kettle"),
    "film_url": Variable("The film of that product", "https://shop.example/film"),
    "account_url": Variable("Where an account is made, with the address filled in", "https://shop.example/account/register"),
    "referral_url": Variable("Where they get their link to bring a friend; empty while nobody can", "https://mail.example/b/k3mQ/"),
    "referral_gives": Variable("What the friend gets", "€10 off"),
    "referral_gets": Variable("What they get for a friend", "€10 off"),
    "renew_url": Variable("Where they say that mails may go on", "https://mail.example/p/k3mQ/?renew=1"),
    "price_before": Variable("What it cost before its price dropped", "€89.00"),
    "price_now": Variable("What it costs now, in a mail about one product", "€79.00"),
    "return_until": Variable("Last day to return it", "Sunday 6 December"),
    "warranty_until": Variable("Last day of the warranty", "Saturday 6 November 2027"),
    "tips": Variable(
        "Tips by product, at most two: title, headline, steps, mistake, care, video_url",
        [
            {
                "title": "Copper Kettle",
                "headline": "3 steps to a first brew",
                "steps": ["Rinse it.", "Fill it to the line.", "Pour slowly."],
                "mistake": "Boiling it dry.",
                "care": "Wipe it with a soft cloth.",
                "video_url": "",
            }
        ],
    ),
    "tips_item": Variable("Short name of the first product with tips", "Copper Kettle"),
    "tips_title": Variable("What the first tips lead to", "3 steps to a first brew"),
    "pairings": Variable(
        "What goes well with it, at most three: name, reason, price, picture, url",
        [{"name": "Paper filters", "reason": "They fit the pot.", "price": "€6.00", "picture": "", "url": "https://shop.example/filters"}],
    ),
    "pairings_title": Variable("How many of them, in words", "One small thing"),
    "offer_value": Variable("What the offer gives", "€10 off"),
    "offer_code": Variable("The code of this customer", "THANKS-4F7K"),
    "offer_url": Variable("Where it is used", "https://shop.example/"),
    "offer_from": Variable("When it begins, where that is still to come", "Friday 27 November, 09:00 Berlin time"),
    "offer_until": Variable("Its end with hour and place", "Sunday 29 November, 23:59 Berlin time"),
    "offer_day": Variable("Its last day", "Sunday 29 November"),
    "offer_terms": Variable("What it is good for, where that is not everything", "When you spend €50.00 or more."),
}
