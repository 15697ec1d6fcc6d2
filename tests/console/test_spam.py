"""SpamAssassin's verdict as it is read and asked for."""

import pytest

from campaigns.writing import spam

REPORT = """X-Spam-Status: No, score=3.1 required=5.0
Subject: hello

Content analysis details:   (3.1 points, 5.0 required)

 pts rule name              description
---- ---------------------- --------------------------------------------------
-0.0 NO_RELAYS              Informational: message was not relayed via SMTP
 0.8 HTML_IMAGE_ONLY_28     BODY: HTML: images with 2400-2800 bytes of
                            words
 2.3 SUBJ_ALL_CAPS          Subject is all capitals

"""


def test_a_report_is_read_the_gravest_rule_first_and_its_sentence_whole():
    verdict = spam.read(REPORT)
    assert verdict is not None
    assert (verdict.score, verdict.limit, verdict.is_spam) == (3.1, 5.0, False)
    assert [(rule.name, rule.points, rule.says) for rule in verdict.rules] == [
        ("SUBJ_ALL_CAPS", 2.3, "Subject is all capitals"),
        ("HTML_IMAGE_ONLY_28", 0.8, "BODY: HTML: images with 2400-2800 bytes of words"),
    ]
    assert spam.read("cannot open rules") is None


@pytest.mark.django_db
def test_a_mail_is_judged_only_where_the_program_is_there_and_somebody_asks(flow, mara, signed_in, monkeypatch, tmp_path):
    browser, address = signed_in(mara), f"/s/marlow/flows/{flow.key}/edit/steps/tips/"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "SpamAssassin" not in browser.get(f"{address}?spam=1").content.decode()
    program = tmp_path / "spamassassin"
    program.write_text(f"#!/bin/sh\n/bin/cat > '{tmp_path}/asked'\n/bin/cat <<'END'\n{REPORT}END\n")
    program.chmod(0o755)
    assert "Ask SpamAssassin</a>" in browser.get(address).content.decode()
    assert not (tmp_path / "asked").exists()
    page = browser.get(f"{address}?spam=1").content.decode()
    assert "SpamAssassin: 3.1 points, spam from 5.0 on" in page
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in (tmp_path / "asked").read_text()
