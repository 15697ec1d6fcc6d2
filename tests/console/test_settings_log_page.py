"""Every change of what a shop sends is written down with whoever made it, and no secret with it."""

from campaigns.models import StepSwitch
from stores.models import SettingChange

LOG = "/s/marlow/settings/log/"


def log() -> list[tuple[str, str, str, str]]:
    return list(SettingChange.objects.order_by("pk").values_list("what", "before", "after", "by_name"))


def test_a_changed_rule_stands_there_with_both_values_and_who_changed_it(store, flow, mara, alice, signed_in):
    said = {
        "quiet_from": "21:00", "quiet_until": "08:00", "marketing_days": ["1", "5"], "cap_mails": "", "cap_days": "7",
        "track_clicks": "none", "consent_months": "24",
        "cart_quiet_hours": "1", "asks_for_reviews": "on", f"flow-{flow.pk}-cap_mails": "3", f"flow-{flow.pk}-cap_days": "7",
        f"flow-{flow.pk}-priority": "10",
    }  # fmt: skip
    assert signed_in(mara).post("/s/marlow/settings/sending/", said).status_code == 303
    assert log() == [
        ("Quiet from", "nothing", "21:00", str(mara)),
        ("Quiet until", "nothing", "08:00", str(mara)),
        ("Offers go out on", "Mon, Tue, Wed, Thu, Fri, Sat, Sun", "Mon, Fri", str(mara)),
        ("Count clicks on links to the shop", "In help and marketing mails", "In no mail", str(mara)),
        (f"{flow}, mails at most", "nothing", "3", str(mara)),
    ]
    assert signed_in(mara).post("/s/marlow/settings/sending/", said).status_code == 303
    assert SettingChange.objects.count() == 5
    page = signed_in(alice).get(LOG).content.decode()
    assert "Mon, Tue, Wed, Thu, Fri, Sat, Sun" in page and str(mara) in page


def test_an_accounts_secret_is_changed_and_never_written_down(store, alice, signed_in):
    said = {"stream": "all", "server_token": "very-secret-token", "from_email": "", "from_name": "Jo", "reply_to": ""}
    browser = signed_in(alice)
    browser.post("/s/marlow/settings/accounts/new/?provider=postmark", said)
    assert ("Mail account for all mails", "none", "Postmark") in [row[:3] for row in log()]
    assert SettingChange.objects.filter(before="kept secret", after="another, kept secret").count() == 1
    assert not any("very-secret-token" in word for row in log() for word in row)


def test_switches_of_a_flow_stand_there_too(store, flow, mara, signed_in):
    browser = signed_in(mara)
    browser.post(f"/s/marlow/flows/{flow.key}/pause/")
    browser.post(f"/s/marlow/flows/{flow.key}/steps/confirmation/switch/", {"choice": "shop"})
    assert [row[:3] for row in log()] == [
        (f"Flow “{flow}”", "Active", "Paused"),
        ("Who sends “Confirmation”", "Doorstep sends it", "The shop already sends it"),
    ]
    assert StepSwitch.objects.get(flow=flow).choice == "shop"


def test_an_empty_log_says_what_will_stand_there(store, mara, signed_in):
    assert "Nothing was changed yet" in signed_in(mara).get(LOG).content.decode()
