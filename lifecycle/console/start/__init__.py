"""The guided set-up: an empty store to an active flow in five steps, each a page that one can leave and come back to.

`progress` reads how far a store is; the other modules are one step each. Nothing here is a state of its own: a step is done when
the store has what it asks for. Only what a person has looked at is kept, in their session (`memory`).
"""
