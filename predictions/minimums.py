"""When there is too little to learn from, and how that is said: a number made of little would be believed."""

CUSTOMERS = 200
REPEAT_BUYERS = 50
HISTORY_DAYS = 90


def needs(*, customers: int, repeat_buyers: int, history_days: int) -> str:
    """Return in words what a store still lacks before anything can be expected of its customers; "" if it has enough."""
    wanted = [
        (customers, CUSTOMERS, "customers with an order"),
        (repeat_buyers, REPEAT_BUYERS, "customers who came back on another day"),
        (history_days, HISTORY_DAYS, "days of orders"),
    ]
    missing = [f"{least} {what} (so far {count})" for count, least, what in wanted if count < least]
    return f"Needs {' and '.join(missing)}." if missing else ""
