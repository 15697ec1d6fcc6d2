"""Every address × every role × own and foreign store, against one table. An address that is missing from the table fails."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from campaigns.models import Flow, RehearsalRun, RunAct, StepRun
from campaigns.one_off import drafts
from catalog.models import Pairing, Product
from customers import events, tasks_for_staff
from customers.models import Customer, Merge, SavedView
from enquiries import conversations
from enquiries.files import File
from enquiries.letters import Letter
from enquiries.models import CannedAnswer, Mention
from integrations.files.reading import Reading
from integrations.models import Connection, ImportJob, InboxItem
from messaging.models import Message, Suppression
from offers.models import Offer
from orders.models import Order
from segments import saving
from segments.models import BulkAct
from segments.rules import EVERYONE
from stores import clock, pictures, team
from stores.models import ApiKey
from surveys import reviews
from tests.journeys.conftest import open_shop, order
from tests.messaging.providers_speaking import account
from tests.stores.test_logos import picture

ANON, VIEWER, SUPPORT, MARKETER, OWNER, STRANGER = "anon", "viewer", "support", "marketer", "owner", "stranger"
RANK = [VIEWER, SUPPORT, MARKETER, OWNER]

#: name → (lowest role that may look, lowest role that may post); None: that method is not offered.
TABLE: dict[str, tuple[str | None, str | None]] = {
    "home": (VIEWER, None),
    "search": (VIEWER, None),
    "flows": (VIEWER, None),
    "flow_new": (MARKETER, MARKETER),
    "flow": (VIEWER, None),
    "flow_preview": (VIEWER, None),
    "flow_people": (VIEWER, None),
    "flow_results": (VIEWER, None),
    "flow_hold_out": (None, MARKETER),
    "flow_activate": (MARKETER, MARKETER),
    "flow_rehearsal": (MARKETER, None),
    "flow_rehearse": (MARKETER, MARKETER),
    "flow_rehearsed": (MARKETER, MARKETER),
    "flow_pause": (None, MARKETER),
    "flow_watch": (None, MARKETER),
    "flow_send": (None, MARKETER),
    "flow_switch": (None, MARKETER),
    "flow_step": (VIEWER, None),
    "flow_edit": (MARKETER, None),
    "flow_edit_step": (MARKETER, MARKETER),
    "flow_rules": (MARKETER, MARKETER),
    "flow_edit_act": (None, MARKETER),
    "flow_wordings": (None, MARKETER),
    "flow_languages": (None, MARKETER),
    "flow_test": (None, MARKETER),
    "runs_act": (None, SUPPORT),
    "runs_undo": (None, SUPPORT),
    "flow_publish": (MARKETER, MARKETER),
    "flow_undo": (None, MARKETER),
    "flow_history": (VIEWER, None),
    "flow_restore": (None, MARKETER),
    "campaigns": (VIEWER, None),
    "campaign_new": (MARKETER, MARKETER),
    "campaign": (VIEWER, MARKETER),
    "campaign_mail": (VIEWER, MARKETER),
    "campaign_mail_test": (None, MARKETER),
    "campaign_languages": (None, MARKETER),
    "campaign_preview": (VIEWER, None),
    "campaign_test": (None, MARKETER),
    "campaign_act": (None, MARKETER),
    "calendar": (VIEWER, None),
    "customers": (VIEWER, None),
    "customers_act": (None, SUPPORT),
    "bulk_undo": (None, SUPPORT),
    "view_save": (None, SUPPORT),
    "view_remove": (None, MARKETER),
    "customer": (VIEWER, None),
    "customer_merge": (VIEWER, SUPPORT),
    "merge_undo": (None, SUPPORT),
    "customer_note": (None, SUPPORT),
    "customer_withdraw": (None, SUPPORT),
    "customer_grant": (None, SUPPORT),
    "customer_segments": (VIEWER, None),
    "customer_undo": (None, SUPPORT),
    "customer_act_on_all": (None, SUPPORT),
    "customer_act": (None, SUPPORT),
    "customer_privacy": (OWNER, OWNER),
    "customer_export": (None, OWNER),
    "mail": (VIEWER, None),
    "mail_frame": (VIEWER, None),
    "mail_small": (VIEWER, None),
    "messages": (VIEWER, None),
    "deliverability": (VIEWER, None),
    "engagement": (VIEWER, None),
    "settings_actions": (MARKETER, MARKETER),
    "settings_topics": (MARKETER, MARKETER),
    "settings_languages": (MARKETER, MARKETER),
    "languages_teach": (None, MARKETER),
    "settings_thanks": (OWNER, None),
    "write_key": (None, OWNER),
    "groups": (VIEWER, None),
    "segments": (VIEWER, MARKETER),
    "segment_new": (MARKETER, MARKETER),
    "segments_count": (None, MARKETER),
    "segment": (VIEWER, MARKETER),
    "segment_members": (VIEWER, None),
    "segment_edit": (None, MARKETER),
    "segment_export": (SUPPORT, None),
    "segment_act": (None, MARKETER),
    "orders": (VIEWER, None),
    "order": (VIEWER, None),
    "order_mark": (None, SUPPORT),
    "answers": (VIEWER, None),
    "carts": (VIEWER, None),
    "reviews": (VIEWER, None),
    "review_act": (None, SUPPORT),
    "review_pages": (MARKETER, None),
    "review_photo": (VIEWER, None),
    "tasks": (VIEWER, None),
    "colleagues": (SUPPORT, None),
    "mention_see": (None, SUPPORT),
    "inbox": (VIEWER, None),
    "conversation": (VIEWER, None),
    "conversation_answer": (None, SUPPORT),
    "conversation_writing": (VIEWER, SUPPORT),
    "conversation_look": (VIEWER, None),
    "conversation_take_back": (None, SUPPORT),
    "conversation_file": (VIEWER, None),
    "conversation_act": (None, SUPPORT),
    "customer_conversation": (None, SUPPORT),
    "customer_help": (SUPPORT, None),
    "customer_help_act": (None, SUPPORT),
    "task_assign": (None, SUPPORT),
    "settings_desk": (MARKETER, MARKETER),
    "desk_door": (None, OWNER),
    "canned_new": (MARKETER, MARKETER),
    "canned": (MARKETER, MARKETER),
    "canned_remove": (None, MARKETER),
    "task_close": (None, SUPPORT),
    "task_reopen": (None, SUPPORT),
    "products": (VIEWER, None),
    "product": (VIEWER, MARKETER),
    "pairing_add": (None, MARKETER),
    "pairings": (VIEWER, None),
    "pairing_choose": (None, MARKETER),
    "pairing_block": (None, MARKETER),
    "pairing_remove": (None, MARKETER),
    "offers": (VIEWER, None),
    "offer_new": (MARKETER, MARKETER),
    "offer_rules": (None, MARKETER),
    "offer_counter": (OWNER, OWNER),
    "referrals": (VIEWER, MARKETER),
    "offer": (VIEWER, MARKETER),
    "connections": (OWNER, OWNER),
    "connection_ask": (None, OWNER),
    "inputs": (OWNER, None),
    "inputs_retry": (None, OWNER),
    "input": (OWNER, None),
    "input_retry": (None, OWNER),
    "imports": (OWNER, OWNER),
    "import_piece": (None, OWNER),
    "import": (OWNER, OWNER),
    "import_columns": (OWNER, OWNER),
    "import_bad_rows": (OWNER, None),
    "import_undo": (None, OWNER),
    "import_example": (OWNER, None),
    "keys": (OWNER, OWNER),
    "key_revoke": (None, OWNER),
    "settings": (OWNER, OWNER),
    "settings_brand": (OWNER, OWNER),
    "settings_logo": (None, OWNER),
    "settings_domain": (OWNER, OWNER),
    "settings_sender": (OWNER, OWNER),
    "settings_writers": (None, OWNER),
    "settings_sending": (MARKETER, MARKETER),
    "settings_log": (MARKETER, None),
    "mail_accounts": (MARKETER, None),
    "mail_account_new": (OWNER, OWNER),
    "marketing_trust": (None, OWNER),
    "mail_account": (OWNER, OWNER),
    "mail_account_test": (None, OWNER),
    "mail_account_remove": (None, OWNER),
    "suppressions": (VIEWER, None),
    "suppression_add": (None, SUPPORT),
    "suppressions_import": (None, MARKETER),
    "suppressions_export": (SUPPORT, None),
    "suppression_lift": (None, SUPPORT),
    "team": (OWNER, OWNER),
    "team_change": (None, OWNER),
    "team_remove": (None, OWNER),
    "invitation_take_back": (None, OWNER),
    "start": (MARKETER, None),
    "start_later": (None, MARKETER),
    "start_source": (OWNER, None),
    "start_connect": (OWNER, OWNER),
    "start_try": (None, OWNER),
    "start_shopify": (OWNER, OWNER),
    "start_woocommerce": (OWNER, OWNER),
    "start_demo": (None, OWNER),
    "start_files": (OWNER, OWNER),
    "start_import": (OWNER, OWNER),
    "start_columns": (OWNER, OWNER),
    "start_brand": (OWNER, OWNER),
    "start_preview": (MARKETER, MARKETER),
    "start_frame": (MARKETER, None),
    "start_test": (MARKETER, MARKETER),
    "start_activate": (MARKETER, MARKETER),
}

#: What a POST must say to be understood.
BODY = {
    "team_change": {"role": "viewer"}, "flow_switch": {"choice": "ours"}, "flow_edit_act": {"step": "tips"},
    "flow_wordings": {"act": "add"}, "flow_languages": {"act": "right"}, "campaign_languages": {"act": "right"},
    "flow_test": {"me": "on"}, "flow_hold_out": {"holdout": "5"}, "customer_withdraw": {"topic": "marketing"},
    "customer_grant": {"topic": "service"}, "customers_act": {"verb": "tag"}, "runs_act": {"verb": "skip"},
    "customer_help_act": {"email": "ana"}, "customer_conversation": {"way": "call", "text": "She rang."},
}  # fmt: skip

#: The verb of an address that has one; the others know "skip".
VERB = {
    "flow_edit_act": "off", "customer_act_on_all": "hold", "segment_act": "refresh", "campaign_act": "copy", "order_mark": "received",
    "review_act": "show", "conversation_act": "close", "customer_help_act": "correct-address",
}  # fmt: skip

#: How a file that is there to be imported is read.
COLUMNS = Reading("customers", heads=["email"], targets=["email"], samples=[["ana@example.com"]], currency="EUR", timezone="UTC")

#: Pages of no store: who is signed in sees their own.
PERSONAL = {"store_new", "front", "stores", "me", "shortcuts", "status", "styleguide"}


def patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from patterns(entry, path)
        else:
            yield path, entry


def staff_patterns() -> dict[str, str]:
    return {entry.name or "": path for path, entry in patterns(get_resolver()) if path.startswith("s/<slug:store>/")}


@pytest.fixture
def world(store, at, alice, mara, bob, vic, mallory):
    """Store `marlow` with one of everything; returns the arguments each address may need."""
    clock.set_to(at("2026-11-02 09:00"))
    shop = open_shop(store)
    shop.tell("orders/create", order(at=clock.read()))
    customer = Customer.objects.get()
    now, flow = clock.read(), Flow.objects.get()
    task = tasks_for_staff.open_task(customer, kind="call", key="k", title="Call her", due_at=now, now=now)
    letter = Letter("ana@example.com", "Ana", "Hello", "Hello", files=(File("a.txt", "text/plain", 1, b"a"),))
    talk = conversations.receive(store, letter, now=now)
    said = talk.messages.get(direction="in")
    answer = CannedAnswer.objects.create(store=store, title="Hours", body="Nine to five.", changed_at=now)
    invited, _ = team.invite(store, email="new@example.com", role="viewer", by=alice, now=now)
    item = InboxItem.objects.first()
    assert item is not None and flow.version is not None
    photo = pictures.drawn(picture(size=(40, 40)))
    review = reviews.give(reviews.ask(Order.objects.get(), now=now), stars=4, photos=[photo], now=now)
    return {
        "store": store.slug,
        "key": "post-purchase",
        "step_key": "tips",
        "pk": {
            "customer": customer.pk, "order": Order.objects.get().pk, "task": task.pk, "review": review.pk, "conversation": talk.pk,
            "mention": Mention.objects.create(store=store, customer=customer, user=bob, text="@Bob", at=now).pk,
            "canned": answer.pk, "product": Product.objects.get(external_id="kettle").pk, "offer": Offer.objects.get().pk,
            "input": item.pk, "key": ApiKey.objects.get().pk,
            "import": ImportJob.objects.create(
                store=store, file_name="a.csv", started_at=now, state="checked", file="imports/gone", reading=COLUMNS.as_json()
            ).pk,
            "campaign": drafts.create(store, name="News", content={"subject": "News", "blocks": [{"kind": "divider"}]}, now=now).pk,
            "team": vic.memberships.get().pk, "invitation": invited.pk,
            "view": SavedView.objects.create(store=store, name="Vips", query="tag=vip", created_at=now).pk,
            "merge": Merge.objects.create(store=store, customer=customer, gone_id=1, gone_name="Ada", at=now, undone_at=now).pk,
            "connection": Connection.objects.create(store=store, platform="shopify", live_since=now, created_at=now).pk,
            "bulk": BulkAct.objects.create(store=store, verb="tag", tag="vip", people=[customer.pk], at=now).pk,
            "run": RunAct.objects.create(store=store, flow=flow, verb="skip", runs=[], at=now).pk,
            "mail": account(store, "smtp", now=now).pk,
            "segment": saving.create(store, name="All", rule=EVERYONE, now=now).pk,
            "pairing": Pairing.objects.get().pk,
            "flow": RehearsalRun.objects.create(
                store=store, flow=flow, version=flow.version, days=30, since=now, until=now, asked_at=now
            ).pk,
            "suppression": Suppression.objects.create(store=store, email_key="gone@example.com", cause="manual", at=now).pk,
        },
        "number": 1,
        "subject": "orders",
        "event": _undoable(customer, now),
        "run": StepRun.objects.filter(state="waiting").values_list("pk", flat=True)[0],
        "message": Message.objects.get(step="confirmation").pk,
        "said": said.pk,
        "photo": review.photos.get().pk,
        "file": said.attachments.get().pk,
        "pairing": Pairing.objects.get().pk,
        "users": {VIEWER: vic, SUPPORT: bob, MARKETER: mara, OWNER: alice, STRANGER: mallory},
    }  # fmt: skip


def _undoable(customer, now):
    """Return something staff did that can be asked to be taken back."""
    events.record(customer, "staff.acted", at=now, key="done", now=now, data={"text": "Started", "undo": ["flow", 0]})
    return customer.events.get(key="done").pk


def address(name: str, world: dict[str, Any]) -> str:
    needed = re.findall(r"<\w+:(\w+)>", staff_patterns()[name])
    kind = (
        "customer"
        if name in ("mail", "mail_frame", "mail_small")
        else "product"
        if name in ("pairing_add", "pairing_remove")
        else "import"
        if name in ("start_import", "start_columns")
        else name.partition("_")[0].removesuffix("s")
    )
    if name in ("conversation_look", "conversation_take_back"):
        world = {**world, "message": world["said"]}
    given = {**world, "pk": world["pk"].get(kind), "verb": VERB.get(name, "skip")}
    return reverse(f"console:{name}", kwargs={word: given[word] for word in needed})


def expected(role: str, name: str, method: str) -> set[int]:
    looks, posts = TABLE[name]
    lowest = looks if method == "get" else posts
    if role == ANON:
        return {302}
    if role == STRANGER:
        return {404, 405}
    floor = lowest or looks or VIEWER
    if method == "post":
        floor = max(floor, SUPPORT, key=RANK.index)
    if RANK.index(role) < RANK.index(floor):
        return {403, 405}
    if lowest is None:
        return {405} if method == "get" else {200, 405}  # a page that only shows something shows it to a POST, too
    return {200} if method == "get" else {200, 302, 303, 409, 422}


def test_every_staff_address_is_in_the_table():
    assert set(staff_patterns()) == set(TABLE)


def test_every_other_address_is_public_on_purpose_or_personal():
    from stores.access import PUBLIC

    odd = []
    for path, entry in patterns(get_resolver()):
        plain = "/" + path.replace("^", "").split("<")[0].split("(")[0]
        if not path.startswith("s/<slug:store>/") and not plain.startswith(PUBLIC) and entry.name not in PERSONAL:
            odd.append((plain, entry.name))
    allauth = {name for _, name in odd if name and name.startswith("account_")}
    assert [row for row in odd if row[1] not in allauth and row[0] != "/"] == []


@pytest.mark.parametrize("role", [ANON, VIEWER, SUPPORT, MARKETER, OWNER, STRANGER])
@pytest.mark.parametrize("method", ["get", "post"])
def test_each_role_gets_what_the_table_says(world, role, method):
    wrong = []
    for name in TABLE:
        client = Client()
        if role != ANON:
            client.force_login(world["users"][role], backend="allauth.account.auth_backends.AuthenticationBackend")
        answer = getattr(client, method)(address(name, world), BODY.get(name) if method == "post" else None)
        allowed = expected(role, name, method)
        if answer.status_code not in allowed or (role == ANON and not answer.headers["Location"].startswith("/login/")):
            wrong.append(f"{name}: {answer.status_code}, not one of {sorted(allowed)}")
    assert not wrong, "\n".join(wrong)


def test_nobody_reaches_another_stores_rows_through_their_own(world, other, mallory):
    client = Client()
    client.force_login(mallory, backend="allauth.account.auth_backends.AuthenticationBackend")
    wrong = []
    for name in TABLE:
        path = address(name, world).replace(f"/s/{world['store']}/", f"/s/{other.slug}/")
        if any(word in staff_patterns()[name] for word in ("<int:", "<slug:key>")):
            for method in ("get", "post"):
                answer = getattr(client, method)(path)
                if answer.status_code not in (404, 405):
                    wrong.append(f"{method} {name}: {answer.status_code}")
    assert wrong == []
