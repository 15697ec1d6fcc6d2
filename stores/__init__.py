"""Whose shop is this, and who may enter: users, stores, memberships and keys; and what every room needs to know of a store.

`clock` is the only reader of time, `access` the only door, `money` and `links` say how amounts and addresses are written.
`partitions` keeps the tables that are parted by month or day. The lowest room: it imports no other.
"""
