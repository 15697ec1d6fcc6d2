"""The form of a mail account: the fields its provider needs, secrets that are never shown again, and who its mails come from."""

from collections.abc import Mapping
from typing import Any

from django import forms

from messaging import imprint
from messaging.models import Account
from messaging.roads import accounts, rates, trying
from messaging.roads.providers import Field, Provider
from stores.models import Store

_WIDE = {"autocomplete": "off", "spellcheck": "false"}
_PACE = ("per_minute", "per_domain_minute", "warm_up_from")


def _limit(label: str, hint: str) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, required=False, min_value=1, max_value=1_000_000, help_text=hint, widget=forms.NumberInput(attrs={"class": "w-10"}),
        error_messages={"min_value": "Enter 1 or more, or nothing for no limit."},
    )  # fmt: skip


class AccountForm(forms.Form):
    """Everything about one account; an empty secret keeps the one held."""

    stream = forms.ChoiceField(label="Which mails")
    from_email = forms.EmailField(label="From", required=False, max_length=254)
    from_name = forms.CharField(label="Sender’s name", required=False, max_length=120)
    reply_to = forms.EmailField(label="Replies go to", required=False, max_length=254)
    per_minute = _limit("Mails a minute, at most", "Empty: as many as there are. Order mails go first.")
    per_domain_minute = _limit("Mails a minute to one domain, at most", "Such as all addresses at one mailbox provider. Empty: any number.")
    warm_up_from = forms.DateField(
        label="First day of its warm-up", required=False,
        widget=forms.DateInput(attrs={"type": "date", "class": "w-20"}, format="%Y-%m-%d"),
        help_text=f"For an address or domain that is new: {rates.WARM_UP[0]} help mails and offers on the first day, then more each day, "
        f"without a limit after {len(rates.WARM_UP)} days. Order mails are not held. Empty: it is known already.",
    )  # fmt: skip

    def __init__(self, data: Mapping[str, Any] | None, *, account: Account, provider: Provider, store: Store) -> None:
        names = ("stream", "from_email", "from_name", "reply_to")
        held = {name: getattr(account, name) for name in (*names, *_PACE)}
        super().__init__(data, initial={**held, **account.options})
        self.account, self.provider, self.store = account, provider, store
        self.others = list(Account.objects.filter(store=store).exclude(pk=account.pk))
        taken = {other.stream for other in self.others}
        free = [choice for choice in Account.Stream.choices if choice[0] not in taken]
        self.fields["stream"].choices = free  # type: ignore[attr-defined]
        self.fields["stream"].help_text = "An account for one kind of mail goes before the one for all."
        self.fields["from_email"].help_text = f"Empty: {store.sender_email or 'the address under Sender'}."
        secrets = accounts.credentials(account) if account.pk else {}
        for field in provider.fields:
            self.fields[field.name] = _form_field(field, secrets.get(field.name, ""))
        if provider.hook and provider.hook.field:
            kept = accounts.hook_secrets(account).get("key", "") if account.pk else ""
            self.fields["hook_key"] = _form_field(provider.hook.field, kept)
            self.fields["hook_key"].required = False  # the provider shows it once the address below is entered there
        self.order_fields(["stream", *(field.name for field in provider.fields), *names[1:], "hook_key", *_PACE])

    def clean_port(self) -> str:
        port: str = self.cleaned_data["port"].strip()
        if not (port.isdecimal() and 0 < int(port) < 65536):
            raise forms.ValidationError("A port is a number such as 587.")
        return port

    def clean_region(self) -> str:
        region: str = self.cleaned_data["region"].strip().lower()
        if not region.replace("-", "").isalnum():
            raise forms.ValidationError("Write the region like eu-central-1.")
        return region

    def clean_hook_key(self) -> str:
        key: str = self.cleaned_data["hook_key"].strip()
        if key and self.provider.key == "sendgrid" and not trying.is_public_key(key):
            raise forms.ValidationError("This is not the public key that SendGrid shows.")
        return key

    def clean_reply_to(self) -> str:
        address: str = self.cleaned_data["reply_to"]
        if address and not imprint.hears(address):
            raise forms.ValidationError("Answers to this address would reach nobody. Enter one that somebody reads.")
        return address

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            self.put()
            if why := accounts.refusal_to_share(self.store, self.account, self.others):
                self.add_error("from_email", why)
        return cleaned

    def put(self) -> None:
        """Write what was entered into the account, unsaved."""
        cleaned = self.cleaned_data
        for name in ("stream", "from_email", "from_name", "reply_to"):
            setattr(self.account, name, cleaned.get(name, ""))
        for name in _PACE:
            setattr(self.account, name, cleaned.get(name))
        values = {field.name: (cleaned.get(field.name) or "").strip() for field in self.provider.fields}
        accounts.put(self.account, provider=self.provider.key, values=values, hook_key=cleaned.get("hook_key") or "")


def _form_field(field: Field, kept: str) -> forms.Field:
    hint = f"Kept{accounts.ending(kept)}. Leave it empty to keep it." if kept else field.help
    if field.choices:
        return forms.ChoiceField(label=field.label, choices=field.choices, help_text=hint, initial=field.default)
    if field.name == "topics":
        return forms.CharField(label=field.label, required=False, help_text=hint, widget=forms.Textarea(attrs={"rows": 3, **_WIDE}))
    kind = forms.PasswordInput if field.is_secret else forms.TextInput
    attrs = {**_WIDE, "autocomplete": "new-password"} if field.is_secret else _WIDE
    return forms.CharField(
        label=field.label, required=field.is_required and not kept, help_text=hint, initial=field.default, max_length=2000,
        widget=kind(attrs=attrs),
    )  # fmt: skip
