"""Rows of a file read as people, one a row."""

from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO

from customers import identity, traits
from customers.models import Customer
from integrations.files import table, values
from integrations.files.orders import Unit, too_wide
from integrations.files.reading import Reading
from orders.incoming import CustomerData

_LONGEST_ID = 110


def units(file: BinaryIO, reading: Reading, *, after: int = 0) -> Iterator[Unit]:
    """Yield each person who stands after a line, or why they cannot be taken; the first row of somebody counts.

    Who stands there again is told as a repeat, of which only a no to marketing is taken.
    """
    rows = table.rows(file, reading.written)
    next(rows, None)
    places = reading.places
    seen: dict[str, tuple[str, str]] = {}  # by each name of somebody, how their first row calls them: kept of millions
    for row in rows:
        said = {name: row.cells[place] for name, place in places.items() if place < len(row.cells) and row.cells[place]}
        problem = row.problem or too_wide(row, reading)
        person = None
        if not problem:
            try:
                person = _person(said, reading)
            except values.NotSaid as error:
                problem = str(error)
        if person is None:
            if row.line > after:
                yield Unit(row.line, None, problem, [list(row.cells)])
            continue
        names = {person.external_id, identity.email_key(person.email) or ""} - {""}
        first = next((seen[name] for name in names if name in seen), None)
        if row.line > after:
            yield Unit(row.line, person) if first is None else Unit(row.line, _no_of(person, first), is_repeat=True)
        seen |= dict.fromkeys(names, first or (person.external_id, person.email))


def _person(said: dict[str, str], reading: Reading) -> CustomerData:
    email, name = said.get("email", ""), said.get("external_id", "")
    if not email and not name:
        raise values.NotSaid("the row has no e-mail address and no customer id")
    if email and identity.email_key(email) is None:
        raise values.NotSaid(f"email: {email[:60]!r} is not an address that a mail could reach")
    if len(name) > _LONGEST_ID:
        raise values.NotSaid(f"external_id: it is longer than {_LONGEST_ID} letters")
    word = values.consent(said.get("marketing_consent", ""))
    if values.refusal(said.get("suppressed", "")):
        word = Customer.Marketing.UNSUBSCRIBED.value
    return CustomerData(
        external_id=name,
        email=email,
        name=said.get("name") or f"{said.get('first_name', '')} {said.get('last_name', '')}".strip(),
        first_name=said.get("first_name", ""),
        phone=said.get("phone", ""),
        language=said.get("locale", ""),
        country=values.country(said.get("country", "")),
        city=said.get("city", ""),
        region=said.get("region", ""),
        postal_code=said.get("postal_code", ""),
        birthday=_birthday(said, reading),
        tags=values.tags(said["tags"]) if "tags" in said else None,
        marketing=word,
        # the date in a file is that of the yes; when a no was said it does not tell, and it holds from now
        marketing_at=_moment(said, "consent_at", reading) if word == Customer.Marketing.SUBSCRIBED else None,
        updated_at=_moment(said, "updated_at", reading),
    )


def _no_of(person: CustomerData, first: tuple[str, str]) -> CustomerData:
    is_no = person.marketing == Customer.Marketing.UNSUBSCRIBED
    word = person.marketing if is_no else Customer.Marketing.NEVER.value
    return CustomerData(external_id=first[0], email=first[1], marketing=word)


def _birthday(said: dict[str, str], reading: Reading) -> traits.Birthday | None:
    try:
        return values.birthday(said.get("birthday", ""), reading.dates)
    except values.NotSaid as problem:
        raise values.NotSaid(f"birthday: {problem}") from problem


def _moment(said: dict[str, str], name: str, reading: Reading) -> datetime | None:
    if name not in said:
        return None
    try:
        return values.moment(said[name], reading.dates, reading.zone)
    except values.NotSaid as problem:
        raise values.NotSaid(f"{name}: {problem}") from problem
