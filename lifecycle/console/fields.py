"""Form fields: a list of short texts, one a line; the address of a page."""

from typing import Any

from django import forms


class Lines(forms.CharField):
    """A textarea whose value is a list of its non-empty lines."""

    def __init__(self, *, rows: int = 5, **options: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), **options)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        return [line.strip() for line in super().clean(value).splitlines() if line.strip()]


def web_address(label: str) -> forms.URLField:
    """Return an optional field for a page's address; typed without a scheme it is https."""
    return forms.URLField(label=label, required=False, max_length=500, assume_scheme="https")
