"""What the demo shop sells, what its buyers should know, and what goes well together."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Good:
    """A product with its guide; `pairs` are (product, reason)."""

    sku: str
    title: str
    price: str
    headline: str = ""
    tips: tuple[str, ...] = ()
    mistake: str = ""
    care: str = ""
    kind: str = "physical"
    category: str = ""
    tags: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()


GOODS = (
    Good(
        "kettle", "Pour-over kettle", "79.00", "a first brew",
        (
            "Rinse it twice with hot water: the first boil takes the workshop dust with it.",
            "Fill it to the lower mark for one cup, to the upper for three.",
            "Let it rest thirty seconds after the boil: 94 degrees is kinder to the beans.",
            "Pour in slow circles from the middle outwards, half the water first.",
        ),
        "Do not leave water standing in it overnight: the base draws lime.",
        "Once a month a spoon of citric acid, a boil, a rinse.",
        pairs=(
            ("filters", "38 people added filters within a month"),
            ("grinder", "A burr grinder makes the biggest difference after the kettle"),
        ),
        category="Brewing", tags=("coffee", "steel"),
    ),
    Good(
        "grinder", "Hand grinder", "119.00", "an even grind",
        (
            "Start at eighteen clicks for pour-over, twelve for a moka pot.",
            "Hold it at a slight angle: the beans feed more evenly.",
            "Grind just before you brew; the aroma is gone in ten minutes.",
        ),
        "Never wash the burrs with water. A dry brush is all they need.",
        "Brush it out every second week.",
        pairs=(("beans", "Grinder owners try this roast first"),),
        category="Brewing", tags=("coffee",),
    ),
    Good(
        "board", "Walnut board", "64.00", "a board for twenty years",
        (
            "Oil it once before the first use and let it drink overnight.",
            "Wash it by hand and stand it on its edge to dry.",
            "Lemon and coarse salt take out garlic.",
        ),
        "Not in the dishwasher: one wash can split it.",
        "A spoon of oil whenever it looks thirsty.",
        pairs=(("oil", "Nine in ten board owners keep a bottle beside it"),),
        category="Kitchen", tags=("wood", "gift"),
    ),
    Good("filters", "Paper filters, 100", "7.50", category="Supplies", tags=("coffee", "refill")),
    Good("beans", "House roast, 500 g", "14.90", category="Coffee", tags=("coffee", "refill")),
    Good("oil", "Board oil", "12.00", category="Supplies", tags=("wood", "refill")),
    Good("mug", "Stoneware mug", "18.00", category="Tableware", tags=("gift",)),
    Good(
        "scale", "Brew scale", "45.00", "the same good cup twice",
        (
            "Put the mug on it first, then press tare: only the coffee counts.",
            "Sixteen grams of water to one of coffee is a good first try.",
            "Start its timer with the first drop.",
        ),
        "Keep it dry: wipe it, do not rinse it.",
        "Two AAA batteries a year; take them out before a long trip.",
        pairs=(("kettle", "Most scales in our shop stand beside this kettle"),),
        category="Brewing", tags=("coffee",),
    ),
    Good("course", "Home barista course, video", "39.00", kind="digital", category="Classes", tags=("coffee",)),
    Good("evening", "Barista evening in Hamburg", "59.00", kind="service", category="Classes", tags=("coffee", "gift")),
)  # fmt: skip
BY_SKU = {good.sku: good for good in GOODS}
