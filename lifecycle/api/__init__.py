"""The HTTP API: shops write in the generic format, and read back what is held. A key opens one store; its routers never ask which.

`keys` checks who calls, `writes` takes in, `reads` lists, `shapes` says what answers look like, `pages` cuts lists. Docs are open.
"""

from lifecycle.api.site import api

__all__ = ["api"]
