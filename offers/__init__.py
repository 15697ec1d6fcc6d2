"""What shops promise: offers, the codes people get of them, and what becomes of these.

`giving` gives a person a code within what `allowance` (pure) lets them have; codes come from a pool, are one shared code, or are made at
the shop by `making`, in two phases. `reader` learns from orders which were used; `figures` says what the open ones may cost. `referral` is
about friends whom customers bring.
"""
