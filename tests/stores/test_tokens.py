"""Random names, and what is sealed to be read again."""

import re

import pytest
from cryptography.fernet import InvalidToken

from stores import tokens


def test_public_tokens_hold_128_bits_and_never_repeat():
    made = {tokens.public_token() for _ in range(1000)}
    assert len(made) == 1000
    assert all(re.fullmatch(r"[\w-]{22}", token) for token in made)


def test_keys_and_secrets_say_what_they_are_and_are_256_bits_long():
    assert re.fullmatch(r"dk_[\w-]{43}", tokens.api_key())
    assert re.fullmatch(r"[0-9a-f]{64}", tokens.secret())
    assert tokens.api_key() != tokens.api_key()
    assert tokens.digest("dk_known") == "2c1f14beb8ac2ac8624f7b823e07f196f4ac7569245c412350ed730d1a78085e"


@pytest.mark.parametrize("text", ["s3cret", "", "ключ 🔑", "x" * 10_000, "line\nbreak\0"])
def test_what_is_sealed_is_read_back_and_looks_different_each_time(text):
    first, second = tokens.seal(text), tokens.seal(text)
    assert first != second
    assert text == "" or text not in first
    assert (tokens.unseal(first), tokens.unseal(second)) == (text, text)


def test_a_rotated_key_still_opens_what_was_sealed_before_and_seals_anew(settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "old" * 20, []
    old = tokens.seal("s3cret")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new" * 20, ["older" * 20, "old" * 20]
    assert tokens.unseal(old) == "s3cret"
    fresh = tokens.seal("s3cret")
    settings.SECRET_KEY_FALLBACKS = []
    assert tokens.unseal(fresh) == "s3cret"
    with pytest.raises(InvalidToken):
        tokens.unseal(old)


@pytest.mark.parametrize(
    "change", [lambda sealed: sealed[:-4] + "AAA=", lambda sealed: sealed[1:], lambda sealed: "", lambda sealed: "s3cret"]
)
def test_what_was_tampered_with_is_refused(change):
    with pytest.raises(InvalidToken):
        tokens.unseal(change(tokens.seal("s3cret")))
