"""Who works in a store: roles, invitations, and the link that lets somebody in once."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client

from stores import team, tokens
from stores.models import Invitation, Membership, User
from tests.factories.orders import NOW

URL = "/s/marlow/settings/team/"
PASSWORD = "kettle-and-lamp-9"


@pytest.fixture
def invited(store, alice):
    """Return an invitation's address."""
    _, token = team.invite(store, email="Nia@Example.com ", role="support", by=alice, now=NOW)
    return f"/invite/{token}/"


def role_of(user):
    return Membership.objects.get(user=user).role


def test_invites_by_mail_and_shows_the_link_once(store, alice, signed_in):
    browser = signed_in(alice)
    page = browser.post(URL, {"email": "nia@example.com", "role": "support"})
    link = page.context["secrets"][0][1]
    token = link.rstrip("/").rpartition("/")[2]
    assert Invitation.objects.get().digest == tokens.digest(token)
    assert token not in Invitation.objects.get().digest
    assert link in page.content.decode()
    assert link not in browser.get(URL).content.decode()
    [sent] = mail.outbox
    assert (sent.to, sent.from_email) == (["nia@example.com"], "Marlow & Finch <hello@marlow.example>")
    assert link in sent.body
    assert "Alice invites you to look after the customers of Marlow & Finch" in sent.body


def test_who_is_a_member_is_not_invited(store, alice, bob, signed_in):
    answer = signed_in(alice).post(URL, {"email": "BOB@example.com", "role": "support"})
    assert answer.status_code == 422
    assert "is a member already" in answer.content.decode()
    assert (Invitation.objects.count(), mail.outbox) == (0, [])


def test_a_newcomer_sets_a_name_and_a_password_and_is_in(invited, client):
    assert "Join Marlow &amp; Finch" in client.get(invited).content.decode()
    answer = client.post(invited, {"name": "Nia", "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (303, "/s/marlow/")
    nia = User.objects.get(email="nia@example.com")
    assert (nia.name, nia.check_password(PASSWORD), role_of(nia)) == ("Nia", True, "support")
    assert client.get("/s/marlow/").status_code == 200
    assert Client().get(invited).status_code == 410


def test_a_weak_password_is_refused_with_its_reason(invited, client):
    answer = client.post(invited, {"name": "Nia", "password": "short"})
    assert answer.status_code == 422
    assert "at least 10 characters" in answer.content.decode()
    assert not User.objects.filter(email="nia@example.com").exists()


def test_who_has_an_account_signs_in_and_joins(invited, client):
    nia = User.objects.create_user("nia@example.com", PASSWORD, name="Nia")
    page = client.get(invited).content.decode()
    assert f"/login/?next={invited}" in page
    client.post(invited, {"name": "Thief", "password": PASSWORD})
    assert not Membership.objects.filter(user=nia).exists()
    client.force_login(nia)
    assert client.post(invited)["Location"] == "/s/marlow/"
    assert role_of(nia) == "support"


def test_somebody_else_who_is_signed_in_does_not_join(invited, mallory, signed_in):
    browser = signed_in(mallory)
    assert "You are signed in as mallory@example.com" in browser.get(invited).content.decode()
    browser.post(invited, {"name": "M", "password": PASSWORD})
    assert not Membership.objects.filter(user=mallory, store__slug="marlow").exists()
    assert Invitation.objects.count() == 1


def test_a_link_works_for_seven_days(invited, client, travel):
    travel(NOW + timedelta(days=7, seconds=1))
    assert client.get(invited).status_code == 410
    assert client.post(invited, {"name": "Nia", "password": PASSWORD}).status_code == 410
    assert client.get("/invite/nonsense/").status_code == 410


def test_a_newer_invitation_ends_the_older(invited, store, alice, client):
    team.invite(store, email="nia@example.com", role="owner", by=alice, now=NOW)
    assert client.get(invited).status_code == 410
    assert Invitation.objects.get().role == "owner"


def test_an_invitation_is_taken_back(invited, alice, client, signed_in):
    assert signed_in(alice).post(f"{URL}invitations/{Invitation.objects.get().pk}/take-back/").status_code == 303
    assert client.get(invited).status_code == 410


def test_changes_a_role_and_removes(store, alice, bob, signed_in):
    browser, member = signed_in(alice), bob.memberships.get()
    browser.post(f"{URL}{member.pk}/role/", {"role": "marketer"})
    assert role_of(bob) == "marketer"
    browser.post(f"{URL}{member.pk}/remove/")
    assert not bob.memberships.exists()
    assert signed_in(bob).get("/s/marlow/").status_code == 404


@pytest.mark.parametrize(("verb", "data"), [("role", {"role": "viewer"}), ("remove", {})])
def test_the_last_owner_stays(store, alice, signed_in, verb, data):
    page = signed_in(alice).post(f"{URL}{alice.memberships.get().pk}/{verb}/", data, follow=True).content.decode()
    assert "Alice is the last owner" in page
    assert role_of(alice) == "owner"


def test_an_owner_may_leave_to_another(store, alice, bob, signed_in):
    team.change_role(bob.memberships.get(), "owner")
    answer = signed_in(alice).post(f"{URL}{alice.memberships.get().pk}/remove/")
    assert answer["Location"] == "/stores/"
    assert [member.user for member in store.memberships.all()] == [bob]


def test_nobody_below_an_owner_sees_the_team(store, mara, signed_in):
    browser = signed_in(mara)
    assert browser.get(URL).status_code == 403
    assert browser.post(URL, {"email": "x@example.com", "role": "owner"}).status_code == 403
    assert not Invitation.objects.exists()
