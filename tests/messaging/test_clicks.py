"""Who followed a link: traces of scanners and of people, and the rule that tells them apart."""

from datetime import UTC, datetime, timedelta

import pytest

from messaging import clicks
from messaging.clicks import Seen, Verdict

SENT = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Safari/604.1"


def seen(seconds: float, link: int = 1, agent: str = CHROME, net: str = "203.0.113.0/24", kind: str = "") -> Seen:
    return Seen(link, SENT + timedelta(seconds=seconds), agent, net, kind)


def judged(trace: list[Seen]) -> list[Verdict]:
    return [clicks.judge(click, [other for other in trace if other is not click], sent_at=SENT) for click in trace]


@pytest.mark.parametrize(
    ("method", "agent", "purpose", "verdict"),
    [
        ("HEAD", CHROME, "", Verdict("machine", "head")),
        ("GET", CHROME, "prefetch;prerender", Verdict("machine", "prefetch")),
        ("GET", "", "", Verdict("machine", "no_agent")),
        ("GET", "  ", "", Verdict("machine", "no_agent")),
        ("GET", "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", "", Verdict("machine", "scanner")),
        ("GET", "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/120.0.0.0 Safari/537.36", "", Verdict("machine", "scanner")),
        ("GET", "BarracudaCentral/1.0", "", Verdict("machine", "scanner")),
        ("GET", "python-requests/2.32.3", "", Verdict("machine", "scanner")),
        ("GET", "Go-http-client/2.0", "", Verdict("machine", "scanner")),
        ("GET", "SkypeUriPreview Preview/0.5", "", Verdict("machine", "scanner")),
        ("GET", CHROME, "", None),
        ("GET", PHONE, "", None),
        ("GET", "Mozilla/5.0 (Linux; Android 13; CUBOT NOTE 20) Chrome/142.0.0.0 Mobile Safari/537.36", "", None),
    ],
)
def test_a_request_that_says_what_it_is_is_believed(method, agent, purpose, verdict):
    assert clicks.at_once(method=method, agent=agent, purpose=purpose) == verdict


def test_a_person_reads_and_follows_two_links():
    assert judged([seen(95), seen(140, link=2)]) == [Verdict("human"), Verdict("human")]


def test_nobody_clicks_within_ten_seconds_of_the_sending():
    assert judged([seen(9.9), seen(10.1, link=2)]) == [Verdict("machine", "too_soon"), Verdict("human")]
    assert judged([seen(-1)]) == [Verdict("machine", "too_soon")]


def test_a_filter_that_opens_every_link_is_a_machine_from_its_first_click_on():
    filtering = [seen(60 + number / 4, link=number) for number in range(5)]
    assert set(judged(filtering)) == {Verdict("machine", "burst")}


def test_three_links_in_three_seconds_are_a_person_who_is_quick():
    assert judged([seen(60), seen(61.5, link=2), seen(63, link=3)]) == [Verdict("human")] * 3


def test_one_link_pressed_three_times_is_no_burst():
    assert judged([seen(60), seen(60.3), seen(60.6)]) == [Verdict("human")] * 3


def test_what_stands_beside_a_machines_click_is_unsure():
    head = seen(60, kind="machine")
    assert clicks.judge(seen(75), [head], sent_at=SENT) == Verdict("unsure", "near_machine")
    assert clicks.judge(seen(75, net="198.51.100.0/24"), [head], sent_at=SENT) == Verdict("human")
    assert clicks.judge(seen(75, agent=PHONE), [head], sent_at=SENT) == Verdict("human")
    assert clicks.judge(seen(121), [head], sent_at=SENT) == Verdict("human")


def test_an_agent_that_is_no_browser_and_no_known_program_is_unsure():
    assert judged([seen(60, agent="Outlook-iOS/2.0")]) == [Verdict("unsure", "odd_agent")]


def test_of_a_mail_whose_sending_is_unknown_the_haste_is_not_judged():
    assert clicks.judge(seen(1), [], sent_at=None) == Verdict("human")


def test_every_reason_has_its_words():
    given = {"head", "prefetch", "no_agent", "scanner", "too_soon", "burst", "near_machine", "odd_agent", ""}
    assert set(clicks.REASONS) == given
