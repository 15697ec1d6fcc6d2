"""Form fields: a list of short texts, one a line; an amount of money; the address of a page; a colour."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator

from stores import money


class Lines(forms.CharField):
    """A textarea whose value is a list of its non-empty lines."""

    def __init__(self, *, rows: int = 5, **options: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), **options)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        return [line.strip() for line in super().clean(value).splitlines() if line.strip()]


class Amount(forms.CharField):
    """An optional amount as people write it, with a point or a comma; its value is in minor units of `currency`, or None."""

    def __init__(self, *, currency: str = "EUR", **options: Any) -> None:
        super().__init__(required=False, widget=forms.TextInput(attrs={"class": "w-10", "inputmode": "decimal"}), **options)
        self.currency = currency

    def prepare_value(self, value: Any) -> Any:
        return money.to_wire(value, self.currency) if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        if not typed:
            return None
        try:
            minor = money.to_minor(typed if "." in typed else typed.replace(",", "."), self.currency)
        except money.NotMoney as error:
            raise forms.ValidationError(f"Enter an amount of {self.currency}, such as {money.to_wire(1000, self.currency)}.") from error
        if minor <= 0:
            raise forms.ValidationError("Enter an amount above nothing, or leave it empty.")
        return minor


def web_address(label: str, help_text: str = "") -> forms.URLField:
    """Return an optional field for a page's address; typed without a scheme it is https."""
    return forms.URLField(label=label, help_text=help_text, required=False, max_length=500, assume_scheme="https")


def color(label: str, help_text: str) -> forms.CharField:
    """Return a field for a colour; where there is no picker it is typed."""
    is_one = RegexValidator(r"^#[0-9a-fA-F]{6}$", "Write the colour as # and six digits, such as #2451a9.")
    picker = forms.TextInput(attrs={"type": "color", "class": "swatch"})
    return forms.CharField(label=label, help_text=help_text, validators=[is_one], widget=picker)
