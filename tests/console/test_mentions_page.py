"""Colleagues called in notes: who is meant, where they see it, and that it goes once they have."""

import pytest

from enquiries import conversations, desk_work, mentions
from enquiries.letters import Letter
from enquiries.models import Mention
from stores.models import User
from tests.factories.orders import NOW


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("@Bob can you look?", ["Bob Stone", "Bob Stern"]),
        ("ask @bob   stone, please", ["Bob Stone"]),
        ("@mara@example.com wrote; @Bobby too", []),
        ("(@mara) and @Mara again", ["Mara"]),
        ("write to bob@stone.example", []),
        ("@sales knows", ["sales@example.com"]),
    ],
)
def test_the_fullest_name_that_fits_is_meant(text, meant):
    people = [User(pk=n, name=name) for n, name in enumerate(["Bob Stone", "Bob Stern", "Mara"], start=1)]
    people.append(User(pk=9, email="sales@example.com"))
    assert [person.name or person.email for person in mentions.named(text, people)] == meant


def test_a_colleague_who_is_named_sees_it_on_home_and_under_tasks_until_they_say_so(order, bob, mara, vic, signed_in):
    marlow, his, hers = f"/s/marlow/customers/{order.customer_id}/", signed_in(bob), signed_in(mara)
    assert his.get("/s/marlow/colleagues/").json() == ["Mara"]
    his.post(f"{marlow}note/", {"text": "@Mara, @Bob and @Vic: she wants <b>blue</b>"})
    mention = Mention.objects.get()
    assert (mention.user, mention.by, mention.customer) == (mara, bob, order.customer)
    for page in ("/s/marlow/", "/s/marlow/tasks/"):
        assert "she wants &lt;b&gt;blue&lt;/b&gt;" in hers.get(page).content.decode()
        assert "Mentioned you" not in his.get(page).content.decode()
    his.post(f"/s/marlow/mentions/{mention.pk}/seen/")
    assert list(mentions.unseen(order.store, mara)) == [mention]
    hers.post(f"/s/marlow/mentions/{mention.pk}/seen/")
    assert "Mentioned you" not in hers.get("/s/marlow/").content.decode()


def test_a_note_in_a_conversation_leads_there(store, bob, mara, signed_in):

    talk = conversations.receive(store, Letter("who@example.com", "Who", "Hi", "Hi"), now=NOW)
    desk_work.note(talk, text="@mara do we know them?", by=bob, now=NOW)
    assert f"/s/marlow/inbox/{talk.pk}/" in signed_in(mara).get("/s/marlow/tasks/").content.decode()
