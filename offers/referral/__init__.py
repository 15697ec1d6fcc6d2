"""Customers who bring friends: `joining` takes a friend's address, `crediting` waits for their first paid order, `rewarding` pays.

`likeness` (pure) tells when the friend is nobody else than who brought them, by what `hinting` reads. The mails are `letters`.
"""
