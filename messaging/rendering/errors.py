"""What can go wrong with a mail's content."""


class RenderError(Exception):
    """A mail that cannot be drawn; the message says why, in words for the merchant."""
