"""Mails drawn from blocks: checked when saved, compiled once per version, filled per person.

Content (blocks) → MJML with its Liquid behind a shield → HTML with styles on the elements → two Liquid templates and a third for the
subject → per person, finished subject, HTML and text. Nothing here reads rows or the clock; values are plain words from the rooms above.
"""

from messaging.rendering.blocks import in_language, languages
from messaging.rendering.brand import Brand, brand_of
from messaging.rendering.checking import Problem, check
from messaging.rendering.errors import RenderError
from messaging.rendering.mail import CompiledMail, Rendered, compile_mail, compiled

__all__ = [
    "Brand", "CompiledMail", "Problem", "RenderError", "Rendered", "brand_of", "check", "compile_mail", "compiled", "in_language",
    "languages",
]  # fmt: skip
