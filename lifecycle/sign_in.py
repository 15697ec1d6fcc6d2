"""The sign-in form as our pages draw it: labels above, one way to a new password below, no words inside the boxes."""

from typing import Any

from allauth.account.forms import LoginForm


class SignIn(LoginForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = ""
        self.fields["remember"].label = "Keep me signed in here"
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
