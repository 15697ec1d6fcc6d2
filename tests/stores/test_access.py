"""The one door: what is open without signing in, and what a role may do."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse

from stores import access
from stores.models import Membership, User

pytestmark = pytest.mark.django_db

ROLES = ["viewer", "support", "marketer", "owner"]


@pytest.mark.parametrize(("role", "allowed"), [("viewer", ["viewer"]), ("support", ROLES[:2]), ("marketer", ROLES[:3]), ("owner", ROLES)])
def test_a_role_may_what_those_below_it_may(role, allowed):
    assert [needed for needed in ROLES if access.may(Membership(role=role), needed)] == allowed


@pytest.fixture
def enter(rf, store):
    """Call a page of `marlow` that needs a role, as a user; return "in" or how it ended."""

    def go(user, needed="viewer", method="get", slug="marlow") -> str:
        @access.page(needed)
        def view(request, number):
            assert (request.store, request.membership.user, number) == (store, user, 7)
            return HttpResponse("in" if access.may(request.membership, needed) else "above")

        request = getattr(rf, method)("/")
        request.user = user
        try:
            return str(view(request, store=slug, number=7).content.decode())
        except (Http404, PermissionDenied) as error:
            return type(error).__name__

    return go


def test_strangers_find_nothing_not_even_that_a_store_is_there(enter, mallory, bob):
    assert [enter(mallory), enter(mallory, method="post"), enter(bob, slug="other"), enter(bob, slug="no-such-store")] == ["Http404"] * 4


@pytest.mark.parametrize(("needed", "inside"), [("viewer", 4), ("support", 3), ("marketer", 2), ("owner", 1)])
def test_a_page_lets_in_its_role_and_those_above(enter, vic, bob, mara, alice, needed, inside):
    outcomes = [enter(user, needed) for user in (vic, bob, mara, alice)]
    assert outcomes == ["PermissionDenied"] * (4 - inside) + ["in"] * inside


def test_a_viewer_posts_nowhere_even_where_they_may_look(enter, vic, bob):
    assert [enter(vic, method="post"), enter(bob, method="post")] == ["PermissionDenied", "in"]


def test_who_has_left_is_a_stranger(enter, bob):
    Membership.objects.filter(user=bob).delete()
    assert enter(bob) == "Http404"


@pytest.mark.parametrize("path", ["/", "/stores/", "/me/", "/s/marlow/", "/s/marlow/customers/", "/no-such-page/", "/hooks", "/loginx/"])
def test_without_signing_in_every_other_path_leads_to_the_sign_in_page_or_nowhere(client, store, path):
    answer = client.get(path)
    assert (answer.status_code, answer.get("Location", "").split("?")[0]) in [(302, "/login/"), (404, ""), (301, "/hooks/")]
    assert b"Marlow" not in answer.content


def test_public_paths_are_whole_segments_or_single_pages():
    assert [path for path in access.PUBLIC if not path.startswith("/")] == []
    assert [path for path in access.PUBLIC if not path.endswith("/")] == [
        "/healthz", "/favicon.ico", "/apple-touch-icon.png", "/robots.txt",
    ]  # fmt: skip


def test_nobody_signs_up_by_themselves(client, db):
    body = {"email": "eve@example.com", "password1": "correct horse battery", "password2": "correct horse battery"}
    for path in ("/signup/", "/login/signup/"):
        assert client.post(path, body).status_code in (200, 302, 404)
    assert not User.objects.exists()
    assert not access.AccountAdapter().is_open_for_signup(HttpRequest())


def test_a_person_who_was_switched_off_cannot_come_in(client, alice):
    client.force_login(alice)
    assert client.get("/s/marlow/").status_code == 200
    alice.is_active = False
    alice.save()
    assert client.get("/s/marlow/").status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/signup/", "/inactive/", "/confirm-email/", "/no/such/page/"])
def test_a_library_cannot_open_a_door_that_is_not_on_the_list(client, path):
    answer = client.post(path)
    assert answer.status_code in (302, 404)
    if answer.status_code == 302:
        assert answer["Location"].startswith("/login/")
