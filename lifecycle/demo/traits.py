"""What else is known of the demo shop's buyers and orders: birthdays, tags, places, where they came from. Dice of its own, a seed each."""

import random
from typing import Any

SOURCES = (("newsletter", 14), ("instagram", 20), ("google.com", 24), ("pinterest.com", 8), ("friends", 6), ("web", 28))
CODES = (("", 84), ("WELCOME10", 9), ("LATTE5", 4), ("AUTUMN15", 3))
#: As the checkout offers them; what comes the fast way takes `FAST_DAYS`.
METHODS = (("Standard", 72), ("Express", 16), ("Pick-up point", 12))
FAST, FAST_DAYS, FETCHED = "Express", 1, "Pick-up point"
TAGS = (("wholesale", 2), ("coffee club", 12), ("press", 1), ("cooking class", 6), ("gift buyer", 9))
#: Beside the first place of each land: city, region, postal code.
PLACES = {
    "DE": (("Leipzig", "Sachsen", "04109"), ("Hamburg", "Hamburg", "20457"), ("Berlin", "Berlin", "10115"),
           ("Köln", "Nordrhein-Westfalen", "50667"), ("München", "Bayern", "80331"), ("Freiburg", "Baden-Württemberg", "79098")),
    "FR": (("Rennes", "Bretagne", "35000"), ("Lyon", "Auvergne-Rhône-Alpes", "69001"), ("Paris", "Île-de-France", "75011")),
    "GB": (("Leeds", "England", "LS1 4AP"), ("Bristol", "England", "BS1 5TR"), ("Glasgow", "Scotland", "G1 1XQ")),
    "ES": (("Valencia", "Comunitat Valenciana", "46001"), ("Sevilla", "Andalucía", "41001")),
    "DK": (("Odense", "Syddanmark", "5000"), ("Aarhus", "Midtjylland", "8000")),
    "PL": (("Poznań", "Wielkopolskie", "61-001"), ("Gdańsk", "Pomorskie", "80-001")),
    "CH": (("Basel", "Basel-Stadt", "4001"), ("Zürich", "Zürich", "8001")),
    "US": (("Portland", "Oregon", "97201"), ("Austin", "Texas", "78701")),
}  # fmt: skip
#: People who bought under a second address: their number, whose it is, and the other address.
SECOND_ADDRESSES = {40: (0, "ana.ribeiro+coffee@example.com"), 41: (3, "jonaspetersen@example.com"), 42: (7, "giulia.moretti@example.com")}


def of_person(key: str) -> dict[str, Any]:
    """Return what is known of a person: the birthday of two in three (of some without the year), tags of some."""
    dice = random.Random(f"person {key}")
    known: dict[str, Any] = {}
    if dice.random() < 0.66:
        year = str(dice.randint(1950, 2004)) if dice.random() < 0.7 else "-"
        known["birthday"] = f"{year}-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}"
    tags = [tag for tag, share in TAGS if dice.randrange(100) < share]
    return {**known, "tags": tags} if tags else known


def of_order(key: str) -> dict[str, Any]:
    """Return where an order came from, and the code it was placed with."""
    dice = random.Random(f"order {key}")
    code = _one(dice, CODES)
    return {"source": _one(dice, SOURCES), "discount_codes": [code] if code else []}


def method(key: str) -> str:
    """Return how an order is to come: always the same."""
    return _one(random.Random(f"method {key}"), METHODS)


def place(country: str, city: str, key: str) -> dict[str, str]:
    """Return where a person of a land lives: always the same."""
    places = PLACES.get(country)
    if places is None:
        return {"city": city}
    dice = random.Random(f"place {key}")
    town, region, code = dice.choice(places)
    street = "".join(str(dice.randrange(10)) if letter.isdigit() else letter for letter in code[2:])  # a town has many postal codes
    return {"city": town, "region": region, "zip": code[:2] + street}


def _one(dice: random.Random, options: tuple[tuple[str, int], ...]) -> str:
    return dice.choices([word for word, _ in options], weights=[share for _, share in options])[0]
