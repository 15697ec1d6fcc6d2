"""One letter to one person: the outbox and its two-phase sending, its roads, what comes back, permission, links, and rendering.

It knows customers and orders, and nothing of flows: whoever queues a message says its purpose, content and use-by, and hands
`sending.drain` a gate for what else must hold at the last moment.
"""
