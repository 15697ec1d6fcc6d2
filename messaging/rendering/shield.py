"""Carry Liquid unharmed through MJML and CSS inlining, which re-parse the HTML and would move or escape it.

A tag becomes a comment (`<!--lq7z-->`: comments keep their place, even between table rows), an output becomes a word
(`lq7z`: the only thing that survives inside an attribute). `restored` puts them back and fails if any got lost. The words
carry a random part, so that no merchant's text can be mistaken for one.
"""

import re
import secrets

import css_inline
import mrml

from messaging.rendering.errors import RenderError

_OPTIONS = mrml.RenderOptions(fonts={})  # without this it links to a font service
_INLINER = css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True, minify_css=True)
#: MJML's own resets. The clients that need them read <style>, so they need not be on every cell.
_RESETS = re.compile(r'<style type="text/css">\n#outlook.*?</style>', re.DOTALL)


class Shield:
    """The Liquid of one mail, by number."""

    def __init__(self) -> None:
        self._codes: list[str] = []
        self._names = 0
        self._word = f"lq{secrets.token_hex(4)}n"
        self._token = re.compile(rf"<!--{self._word}(\d+)z-->|{self._word}(\d+)z")

    def tag(self, code: str) -> str:
        """Return a stand-in for `{% … %}` or a run of them; not for use inside an attribute."""
        return f"<!--{self.out(code)}-->"

    def out(self, code: str) -> str:
        """Return a stand-in for `{{ … }}`, good in text and in attributes."""
        return f"{self._word}{self._kept(code)}z"

    def name(self) -> str:
        """Return a variable name nobody else uses in this mail."""
        self._names += 1
        return f"own{self._names}"

    def restored(self, html: str) -> str:
        """Return `html` with the Liquid back in its place; raise RenderError if the compiler dropped any."""
        seen: set[int] = set()

        def code(match: re.Match[str]) -> str:
            number = int(match.group(1) or match.group(2))
            seen.add(number)
            return self._codes[number]

        template = self._token.sub(code, html)
        lost = set(range(len(self._codes))) - seen
        if lost:
            raise RenderError(f"{self._codes[min(lost)]} was lost while the mail was compiled")
        return template

    def _kept(self, code: str) -> int:
        self._codes.append(code)
        return len(self._codes) - 1


def compiled(mjml: str, *, direction: str, kept_css: str) -> str:
    """Return the HTML of an MJML document, its styles on the elements; `kept_css` stays a sheet in the head."""
    try:
        output = mrml.to_html(mjml, render_options=_OPTIONS)
    except Exception as error:  # the binding raises plain OSErrors
        raise RenderError(f"The mail's frame could not be compiled: {error}") from error
    html = output.content if direction == "ltr" else _mirrored(output.content)
    resets = "".join(_RESETS.findall(html))
    inlined = _INLINER.inline(_RESETS.sub("", html))
    return inlined.replace("</head>", f'{resets}<style type="text/css">{kept_css}</style></head>', 1)


def _mirrored(html: str) -> str:
    """Turn what MJML wrote for left-to-right around; the style sheets in the head say their side themselves."""
    head, end, body = html.partition("</head>")
    for ltr, rtl in (("direction:ltr", "direction:rtl"), ("text-align:left", "text-align:right"), ('align="left"', 'align="right"')):
        body = body.replace(ltr, rtl)
    return head + end + body
