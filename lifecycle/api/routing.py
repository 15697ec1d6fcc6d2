"""The one router: reads and writes of a path must share it, or one of them would hide the other's methods."""

from ninja import Router

router = Router()
