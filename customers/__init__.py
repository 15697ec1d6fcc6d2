"""Who they are, what happened to them, what they allowed.

`events.record` is the one wire of the product: everything that happens to a customer is an append-only Event, at once the
timeline that support reads and the trigger of every flow. `consent` keeps the permission ledger, `identity` finds who a
shop means, `tasks_for_staff` opens and closes what a person must do.
"""
