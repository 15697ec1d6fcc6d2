"""Whole mails, byte for byte. After a change that is meant: `GOLDENS=write make test` (or pytest on this file), and read the difference."""

import os
import shutil
import subprocess
from email import message_from_bytes
from pathlib import Path

import pytest

from tests.campaigns.golden_mails import CASES, TOKEN, addresses, content, message
from tests.messaging.mail_lint import lint, parsed, parts

FOLDER = Path(__file__).parents[1] / "goldens"
PURPOSE = {"confirmation": "transactional", "tips": "service", "goes-well": "marketing", "check-in": "service", "thanks": "marketing"}


@pytest.fixture(autouse=True)
def public_url(settings):
    settings.PUBLIC_URL = "https://mail.example"


@pytest.mark.parametrize("case", CASES)
def test_a_mail_is_byte_for_byte_what_it_was(case):
    path = FOLDER / f"{case}.eml"
    if os.environ.get("GOLDENS") == "write":
        FOLDER.mkdir(exist_ok=True)
        path.write_bytes(content(case))
    assert content(case) == path.read_bytes()


def test_every_golden_mail_has_its_case():
    assert {path.stem for path in FOLDER.glob("*.eml")} == set(CASES)


@pytest.mark.parametrize("case", CASES)
def test_the_linter_finds_nothing(case):
    assert lint(content(case), purpose=PURPOSE[CASES[case][0]]) == []


@pytest.mark.parametrize("case", CASES)
def test_both_parts_are_what_was_drawn(case):
    made = message(case)
    drawn = [("text/plain", made.text.replace("\n", "\r\n")), ("text/html", made.html.replace("\n", "\r\n"))]
    assert parts(content(case)) == drawn


def test_a_naughty_name_stays_within_its_header():
    read = parsed(content("naughty"))
    assert read.keys().count("Bcc") == 0
    assert [found.addr_spec for found in read["To"].addresses] == ["ana@example.com"]


@pytest.mark.parametrize("case", [case for case in CASES if PURPOSE[CASES[case][0]] != "transactional"])
def test_what_can_be_unsubscribed_says_so_in_its_headers_and_its_words(case):
    way = f"https://mail.example/u/{TOKEN}/"
    assert parsed(content(case))["List-Unsubscribe"] == f"<{way}>"
    assert way in message(case).html and way in message(case).text


def test_a_confirmation_leads_straight_and_the_others_by_way_of_us():
    counted = {case: any("/c/" in found for found in addresses(message(case))) for case in ("confirmation", "goes-well", "thanks")}
    assert counted == {"confirmation": False, "goes-well": True, "thanks": True}


@pytest.mark.parametrize("case", ["confirmation", "tips", "goes-well", "check-in", "thanks"])
def test_spamassassins_own_rules_let_a_mail_pass(case):
    """Local rules only (-L); the score at which it calls a mail spam is 5."""
    if shutil.which("spamassassin") is None:
        pytest.skip("SpamAssassin is not installed on this machine.")
    said = subprocess.run(["spamassassin", "-L", "-t"], input=content(case), capture_output=True, check=True, timeout=120).stdout
    score = message_from_bytes(said)["X-Spam-Status"].partition("score=")[2].split()[0]
    assert float(score) < 2.5, said[-3000:].decode(errors="replace")
