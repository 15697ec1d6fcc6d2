"""The two Liquid languages of a mail: one that escapes for HTML, one for plain text. Small on purpose.

Merchants write this. So: few tags, few filters, no loading of other templates, limits on loops and output, and no range
literals (`(1..1000000000) | join` would eat all memory in spite of the limits). Filters that multiply text (replace, split,
times) and the one that switches escaping off are left out.
"""

import re
from html import unescape
from typing import Any

import liquid
from liquid.exceptions import LiquidError, LiquidSyntaxError
from markupsafe import Markup

TAGS = frozenset({"assign", "break", "capture", "case", "comment", "continue", "echo", "for", "if", "unless"})
FILTERS = frozenset({
    "append", "at_least", "at_most", "capitalize", "ceil", "default", "downcase", "first", "floor", "join", "last", "link",
    "lstrip", "minus", "plus", "prepend", "remove", "reverse", "round", "rstrip", "size", "slice", "strip", "truncate",
    "truncatewords", "upcase",
})  # fmt: skip

CODE = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"", re.DOTALL)
_WEB = re.compile(r"https?://[^/?#]|mailto:.", re.IGNORECASE)
_UNFIT = str.maketrans({'"': "%22", "'": "%27", "<": "%3C", ">": "%3E", "\\": "%5C", "`": "%60", "{": "%7B", "}": "%7D"})
_INTERNAL = frozenset({"content", "output", "illegal"})


def link(value: Any) -> str | None:
    """Return an address that may stand in a link (http, https, mailto), else None. The result still gets escaped."""
    address = (unescape(str(value)) if isinstance(value, Markup) else str(value or "")).strip()
    if not _WEB.match(address) or " " in address or not address.isprintable():  # every other white space is not printable
        return None
    return address.translate(_UNFIT)


class _Environment(liquid.Environment):
    loop_iteration_limit = 2_000
    output_stream_limit = 200_000
    local_namespace_limit = 200_000
    context_depth_limit = 12

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        super().setup_tags_and_filters(extra=extra)
        self.tags = {name: tag for name, tag in self.tags.items() if name in TAGS or name in _INTERNAL}
        self.filters = {name: fn for name, fn in self.filters.items() if name in FILTERS}
        self.add_filter("link", link)


ESCAPED = _Environment(autoescape=True)
PLAIN = _Environment(autoescape=False)


def parse(source: str, *, escaped: bool) -> liquid.BoundTemplate:
    """Return a parsed template; raise LiquidError, with the position, for what it may not say."""
    refuse_ranges(source)
    return (ESCAPED if escaped else PLAIN).from_string(source)


def refuse_ranges(source: str) -> None:
    """Raise LiquidSyntaxError where a tag holds `..` outside quotation marks."""
    for code in CODE.finditer(source):
        if ".." in _QUOTED.sub("", code.group()):
            raise LiquidSyntaxError(f"ranges such as (1..9) are not available, position {code.start()}", token=None)


__all__ = ["CODE", "ESCAPED", "FILTERS", "PLAIN", "TAGS", "LiquidError", "link", "parse", "refuse_ranges"]
