"""What to call a person, when it is sure enough to say. Pure."""

import re

#: Languages and countries that write the family name first.
_FAMILY_FIRST = frozenset({"hu", "ja", "zh", "ko", "vi", "km", "mn"}) | frozenset({"HU", "JP", "CN", "TW", "HK", "KR", "VN", "KH", "MN"})
_TITLES = "mr mrs ms miss mx dr prof sir dame lady lord herr frau fräulein mme mlle monsieur madame sr sra srta don doña dhr mevr"
_STAND_INS = "the team company firma family familie familia guest gast customer kunde test"
_NOT_A_GIVEN_NAME = frozenset(f"{_TITLES} {_STAND_INS}".split())
_COMPANY = re.compile(
    r"\b(gmbh|ag|kg|ug|ltd|llc|llp|inc|corp|co|bv|nv|sa|sas|sarl|srl|spa|oy|ab|as|aps|plc|pty|shop|store)\b\.?|[&@/0-9]", re.I
)
_GIVEN = re.compile(r"[^\W\d_]{2,}(?:['’-][^\W\d_]{2,})*")


def sure_given_name(name: str, *, language: str = "", country: str = "") -> str:
    """Return the given name of a full name, or "" unless it is sure: two to five words, given name first, no title, no firm.

    A wrong first name is worse than none, so "A. Silva", "Dr. Silva", "Silva GmbH" and names from where the family comes first give "".
    """
    words = name.split()
    if not 2 <= len(words) <= 5 or {language[:2].lower(), country.upper()} & _FAMILY_FIRST or "," in name or _COMPANY.search(name):
        return ""
    first = words[0]
    if not _GIVEN.fullmatch(first) or first.casefold() in _NOT_A_GIVEN_NAME or (first.isupper() and len(first) > 1 and first.isascii()):
        return ""
    return first if not first.islower() or not first.isascii() else first.capitalize()


def is_plain(name: str) -> bool:
    """Say whether a given name may be told to strangers: one or two words of letters, so that nobody's name is a message or a link."""
    words = name.split()
    return 1 <= len(words) <= 2 and len(name) <= 40 and all(_GIVEN.fullmatch(word) for word in words)
