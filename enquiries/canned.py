"""Answers written once: which of them fits a question (PostgreSQL's full-text search), and how one reads for somebody."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.urls import reverse

from customers import names
from customers.models import Customer
from enquiries.models import CannedAnswer
from messaging import rendering
from messaging.rendering import environments, markup
from orders.models import Order
from stores import languages
from stores.models import Store

#: A question that has so many of the title's words asks for it, even if it has none of its keywords.
_ENOUGH_WORDS = 2
#: By the language of an answer: how PostgreSQL takes its words apart.
_CONFIGS = json.dumps({
    "ar": "arabic", "da": "danish", "de": "german", "en": "english", "es": "spanish", "fi": "finnish", "fr": "french", "hu": "hungarian",
    "it": "italian", "nb": "norwegian", "nl": "dutch", "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian",
    "sv": "swedish", "tr": "turkish",
})  # fmt: skip
_FIT = """
WITH held AS (
    SELECT id, title, keywords,
        COALESCE(%(configs)s::jsonb ->> lower(split_part(COALESCE(NULLIF(language, ''), %(shops)s), '-', 1)), 'simple')::regconfig AS config
    FROM enquiries_cannedanswer
    WHERE store_id = %(store)s AND (%(language)s = '' OR is_offered AND COALESCE(NULLIF(language, ''), %(own)s) = %(language)s)
), asked AS (
    SELECT config, to_tsvector(config, %(words)s) AS said FROM (SELECT DISTINCT config FROM held) AS each
), judged AS (
    SELECT id,
        (SELECT count(*) FROM regexp_split_to_table(keywords, '\\n') AS phrase
         WHERE trim(phrase) <> '' AND said @@ phraseto_tsquery(config, phrase)) AS phrases,
        (SELECT count(*) FROM unnest(tsvector_to_array(to_tsvector(config, title))) AS word
         WHERE word = ANY(tsvector_to_array(said))) AS words
    FROM held JOIN asked USING (config)
)
SELECT id FROM judged WHERE phrases > 0 OR words >= %(enough)s ORDER BY phrases DESC, words DESC, id LIMIT %(most)s
"""


class NotSayable(Exception):
    """The answer's Liquid does not hold; the text says where."""


@dataclass(frozen=True)
class Person:
    """Whom an answer is for, and what it is about."""

    store: Store
    customer: Customer | None
    order: Order | None


def fitting(store: Store, words: str, *, most: int = 1, offered_in: str = "") -> list[CannedAnswer]:
    """Return the answers that a question asks for, the best first: by its keywords (synonyms stand among them), else by its title.

    With `offered_in` only those that may be mailed by themselves, and are written in that language.
    """
    values: dict[str, str | int] = {
        "configs": _CONFIGS, "words": words[:4000], "store": store.pk, "shops": store.language, "own": languages.own(store),
        "language": offered_in, "enough": _ENOUGH_WORDS, "most": most,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_FIT, values)
        ids = [pk for (pk,) in cursor.fetchall()]
    held = CannedAnswer.objects.in_bulk(ids)
    return [held[pk] for pk in ids]


def check(body: str) -> None:
    """Raise NotSayable for Liquid that does not hold."""
    try:
        environments.parse(body, escaped=False)
        content = {"subject": "x", "blocks": [{"kind": "text", "text": body}]}
        rendering.compile_mail(content, brand=rendering.brand_of(Store(name="Shop")), purpose="transactional")
    except (environments.LiquidError, rendering.RenderError) as error:
        raise NotSayable(str(error).removeprefix("block 1, text: ")) from error


def written(answer: CannedAnswer, person: Person) -> str:
    """Return an answer as plain words for somebody; as in mails, a sentence that prints what is not known disappears."""
    known = values(person)
    try:
        parts = [environments.parse(markup.plain(part), escaped=False).render(**known) for part in markup.paragraphs(answer.body)]
    except environments.LiquidError:
        return answer.body
    return "\n\n".join(part.strip() for part in parts if part.strip())


def first_name(customer: Customer) -> str:
    """Return what to call a customer; nothing unless it is sure."""
    return customer.first_name or names.sure_given_name(customer.name, language=customer.language, country=customer.country)


def values(person: Person) -> Mapping[str, str]:
    """Return the words that an answer may name."""
    order, store = person.order, person.store
    return {
        "first_name": first_name(person.customer) if person.customer else "",
        "order_number": str(order) if order else "",
        "tracker_url": settings.PUBLIC_URL + reverse("public:tracker", args=[order.token]) if order else "",
        "store_name": store.name,
        "return_days": str(store.return_days),
        "warranty_months": str(store.warranty_months),
    }
