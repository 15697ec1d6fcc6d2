"""What a sending domain's DNS says, in twenty broken variants and the good ones."""

import base64
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from messaging.domains import dns_check
from messaging.domains.dns_check import NoAnswer, Setup
from messaging.roads import signing


def made(bits: int) -> str:
    return signing.public_of(rsa.generate_private_key(65537, bits))


KEYS = {bits: made(bits) for bits in (1024, 2048)}
OURS = Setup("shop.example", selector="doorstep202611", public_key=KEYS[2048])
HOST = "doorstep202611._domainkey.shop.example"
GRID = Setup("shop.example", "SendGrid", "", ("s1", "s2"), own_return_path=True)
GUN = Setup("news.shop.example", "Mailgun", "mailgun.org", ("mailo", "smtp"))
GOOD = {
    ("shop.example", "TXT"): ["google-site-verification=x", "v=spf1 mx ip4:192.0.2.1 ~all"],
    (HOST, "TXT"): [dns_check.dkim_record(KEYS[2048])],
    ("_dmarc.shop.example", "TXT"): ["v=DMARC1; p=quarantine; rua=mailto:dmarc@shop.example"],
    ("shop.example", "MX"): ["10 mail.shop.example."],
}
GUNS = {
    ("news.shop.example", "TXT"): ["v=spf1 include:mailgun.org ~all"],
    ("mailgun.org", "TXT"): ["v=spf1 include:_spf.mailgun.org ~all"],
    ("_spf.mailgun.org", "TXT"): ["v=spf1 ip4:192.0.2.0/24 ~all"],
    ("smtp._domainkey.news.shop.example", "TXT"): [f"k=rsa; p={KEYS[2048]}"],
    ("_dmarc.shop.example", "TXT"): ["v=DMARC1;p=reject;rua=mailto:dmarc@shop.example"],
    ("news.shop.example", "MX"): ["10 mxa.mailgun.org."],
}


def zone(records):
    return lambda name, kind: records.get((name, kind), [])


def states(setup, records):
    return {finding.subject: finding.state for finding in dns_check.check(setup, zone(records))}


def finding(setup, records, subject):
    return next(found for found in dns_check.check(setup, zone(records)) if found.subject == subject)


@pytest.mark.parametrize(("setup", "records"), [(OURS, GOOD), (GUN, GUNS)])
def test_a_domain_that_is_set_up_is_good_throughout(setup, records):
    assert set(states(setup, records).values()) == {"good"}


def spf(text):
    return {("shop.example", "TXT"): text if isinstance(text, list) else [text]}


def dkim(text):
    return {(HOST, "TXT"): text if isinstance(text, list) else [text]}


def dmarc(text):
    return {("_dmarc.shop.example", "TXT"): text if isinstance(text, list) else [text]}


MANY = " ".join(f"include:p{number}.example" for number in range(11))


@pytest.mark.parametrize(
    ("broken", "subject", "state", "words"),
    [
        (spf([]), "SPF", "bad", "There is no SPF record."),
        (spf(["v=spf1 mx ~all", "v=spf1 a -all"]), "SPF", "bad", "There are 2 SPF records, and then none counts."),
        (spf(f"v=spf1 {MANY} ~all"), "SPF", "bad", "more than 10 make it worthless"),
        (spf("v=spf1 mx +all"), "SPF", "bad", "which lets everybody send"),
        (spf("v=spf1 include mx ~all"), "SPF", "bad", "“include” is nothing an SPF record knows"),
        (spf("v=spf1 mx"), "SPF", "warn", "It does not say what to think of all other servers."),
        (spf("v=spf1 include:a.example include:b.example include:c.example ~all"), "SPF", "warn", "3 of the names in it lead nowhere."),
        (dkim([]), "DKIM", "bad", f"There is no key at {HOST}. Paste the record below."),
        (dkim("v=DKIM1; k=rsa; p="), "DKIM", "bad", "The key is empty (p=), which says that it was withdrawn."),
        (dkim(dns_check.dkim_record(KEYS[2048][:200])), "DKIM", "bad", "it was cut or changed in pasting"),
        (dkim(dns_check.dkim_record(made(2048))), "DKIM", "bad", "There is another key than ours"),
        (dkim([dns_check.dkim_record(KEYS[2048])] * 2), "DKIM", "bad", "There are two keys at one name"),
        (dkim(dns_check.dkim_record(KEYS[2048]) + "; t=y"), "DKIM", "warn", "only a test (t=y)"),
        (dmarc([]), "DMARC", "bad", "There is no DMARC record."),
        (dmarc(["v=DMARC1; p=none; rua=x", "v=DMARC1; p=reject; rua=x"]), "DMARC", "bad", "There are two DMARC records"),
        (dmarc("v=DMARC1; rua=mailto:x@shop.example"), "DMARC", "bad", "It has no policy"),
        (dmarc("v=DMARC1; p=maybe; rua=mailto:x@shop.example"), "DMARC", "bad", "It has no policy"),
        (dmarc("v=DMARC1; p=none"), "DMARC", "warn", "Nobody is told who else sends in your name"),
        ({("shop.example", "MX"): ["0 ."]}, "Return path", "bad", "null MX"),
        ({("shop.example", "MX"): []}, "Return path", "bad", "Nothing takes mail for this domain"),
        ({("shop.example", "MX"): [], ("shop.example", "A"): ["192.0.2.1"]}, "Return path", "warn", "There is no MX record"),
        ({("mail.shop.example", "CNAME"): ["real.example."]}, "Return path", "warn", "is an alias (CNAME)"),
    ],
)
def test_each_broken_variant_is_named(broken, subject, state, words):
    found = finding(OURS, {**GOOD, **broken}, subject)
    assert (found.state, words in found.words) == (state, True), found.words
    others = {name: held for name, held in states(OURS, {**GOOD, **broken}).items() if name != subject}
    assert set(others.values()) == {"good"}


@pytest.mark.parametrize(
    ("setup", "broken", "subject", "state", "words"),
    [
        (GUN, {("news.shop.example", "TXT"): ["v=spf1 mx -all"]}, "SPF", "bad", "It does not name Mailgun (include:mailgun.org)."),
        (
            GUN, {("smtp._domainkey.news.shop.example", "TXT"): [f"p={KEYS[1024]}"]}, "DKIM", "warn",
            "The key has 1024 bits, which is short",
        ),
        (
            GUN,
            {
                ("smtp._domainkey.news.shop.example", "TXT"): [], ("smtp._domainkey.shop.example", "TXT"): [f"p={KEYS[2048]}"],
                ("_dmarc.shop.example", "TXT"): ["v=DMARC1; p=reject; adkim=s; rua=x"],
            },
            "DMARC", "bad", "It wants a signature of news.shop.example itself (adkim=s), and the key stands at shop.example.",
        ),
        (GUN, {("_dmarc.shop.example", "TXT"): ["v=DMARC1; p=reject; sp=off; rua=x"]}, "DMARC", "bad", "It has no policy"),
        (GUN, {("smtp._domainkey.news.shop.example", "TXT"): []}, "DKIM", "bad", "Paste the record that Mailgun shows"),
    ],
)  # fmt: skip
def test_each_broken_variant_of_a_provider_is_named(setup, broken, subject, state, words):
    found = finding(setup, {**GUNS, **broken}, subject)
    assert (found.state, words in found.words) == (state, True), found.words


def test_a_provider_with_its_own_return_path_needs_no_spf_here_and_none_that_is_strict():
    assert finding(GRID, {}, "SPF").words == "None is needed here: bounces go to SendGrid, whose own record counts."
    strict = finding(GRID, dmarc("v=DMARC1; p=none; aspf=s; rua=x"), "DMARC")
    assert (strict.state, "aspf=s" in strict.words) == ("warn", True)


def test_a_provider_whose_keys_have_names_of_their_own_is_not_judged():
    found = finding(Setup("shop.example", "Postmark", own_return_path=True), GOOD, "DKIM")
    assert (found.state, found.words) == (
        "unknown", "Postmark makes this key and signs with it. Copy the record from its page on domains.",
    )  # fmt: skip


def test_the_record_to_paste_keeps_what_is_there_and_adds_the_provider():
    two = {**GUNS, ("news.shop.example", "TXT"): ["v=spf1 mx -all", "v=spf1 ip4:192.0.2.9 include:other.example ?all"]}
    assert finding(GUN, two, "SPF").value == "v=spf1 mx ip4:192.0.2.9 include:other.example include:mailgun.org ~all"
    assert finding(GUN, {}, "SPF").value == "v=spf1 include:mailgun.org ~all"
    assert finding(OURS, {}, "SPF").value == ""


def test_what_to_paste_says_type_host_and_value():
    found = {row.subject: (row.kind, row.host, row.value) for row in dns_check.check(OURS, zone({}))}
    assert found["DKIM"] == ("TXT", HOST, f"v=DKIM1; k=rsa; p={KEYS[2048]}")
    assert found["DMARC"] == ("TXT", "_dmarc.shop.example", "v=DMARC1; p=none; rua=mailto:postmaster@shop.example")


def test_a_record_that_includes_itself_is_read_to_an_end():
    around = {("shop.example", "TXT"): ["v=spf1 include:a.example ~all"], ("a.example", "TXT"): ["v=spf1 include:shop.example"]}
    assert finding(OURS, {**GOOD, **around}, "SPF").state == "good"


def test_silent_name_servers_are_no_verdict():
    def silent(name, kind):
        raise NoAnswer("LifetimeTimeout")

    found = dns_check.check(OURS, silent)
    assert {row.state for row in found} == {"unknown"}
    assert found[1].value == dns_check.dkim_record(KEYS[2048])


def test_an_ed25519_key_is_as_good_as_a_long_one():
    raw = ed25519.Ed25519PrivateKey.generate().public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    record = f"v=DKIM1; k=ed25519; p={base64.b64encode(raw).decode()}"
    assert states(replace(OURS, public_key=""), {**GOOD, (HOST, "TXT"): [record]})["DKIM"] == "good"


@pytest.mark.parametrize(
    ("given", "worst"),
    [(["good", "warn", "bad", "unknown"], "bad"), (["good", "warn", "unknown"], "unknown"), (["warn", "good"], "warn"), ([], "good")],
)
def test_one_word_for_a_domain_is_its_worst(given, worst):
    assert dns_check.worst(given) == worst


@pytest.mark.parametrize(
    ("domain", "above"), [("shop.example", "shop.example"), ("a.b.shop.example", "shop.example"), ("news.shop.co.uk", "shop.co.uk")]
)
def test_the_organisation_of_a_domain(domain, above):
    assert dns_check.organisation(domain) == above
