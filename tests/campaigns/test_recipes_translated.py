"""The recipes in other languages: every mail whole, of the same values, short, calm, and in one way of speaking to somebody."""

import re
from html import unescape

import pytest

from campaigns import recipes
from campaigns.models import Step
from campaigns.one_off import drafts as campaign_drafts
from campaigns.one_off import recipes as one_off
from campaigns.recipes import translated
from campaigns.writing import copy_test, new_step
from messaging import rendering
from offers import wording
from stores import clock, languages, phrases
from tests.campaigns.mail_facts import PLACED, STORE
from tests.campaigns.recipe_mails import STEPS, drawn

OTHERS = [code for code in translated.LANGUAGES if code != phrases.ENGLISH]
_CODE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}")
_NAME = re.compile(r"\b[a-z]+_[a-z_]+\b|\blessons\[\d\]\.\w+|\bcarrier\b|\bmissing\b|\brefunded\b")
#: What would be another way of speaking to somebody than the language keeps to.
OTHERWISE = {
    "de": r"\b([Dd]u|[Dd]ir|[Dd]ich|[Dd]ein\w*|euch|euer|eure\w*)\b", "fr": r"\b(tu|te|toi|ton|ta|tes)\b",
    "es": r"\b(usted|ustedes|vosotros|vuestr\w+|Recibe|Responda|Elija)\b", "pt-BR": r"\b(tu|teu|tua|vós|ti|convosco)\b",
    "ar": r"\b(أنتم|لكم|بكم|منكم|معكم|إليكم|عليكم|طلبكم|طلباتكم|حضرتكم?|سيادتكم?)\b",
}  # fmt: skip


def spoken_of(content) -> list[set[str]]:
    """Return the values each block speaks of; the subject and the preheader beside it count as one."""
    head = f"{content['subject']} {content['preheader']}"
    blocks = [" ".join([block.get("text", ""), block.get("label", ""), block.get("url", "")]) for block in content["blocks"]]
    return [{name for code in _CODE.findall(text) for name in _NAME.findall(code)} for text in (head, *blocks)]


@pytest.mark.parametrize("code", OTHERS)
def test_every_text_of_every_recipe_and_new_mail_has_its_words_and_none_is_left_over(code):
    campaigns = [recipe.content for recipe in one_off.of(STORE, now=PLACED).values()]
    contents = [*(step["content"] for step in STEPS.values()), *new_step.MAILS, *campaigns]
    said = {text for content in contents for text in translated.texts(content)}
    held = phrases.read(translated.FOLDER / f"{code}.po").said
    assert said ^ set(held) == set()


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_speaks_of_the_values_its_english_speaks_of(code):
    for place, step in STEPS.items():
        english, other = (spoken_of(translated.in_language(step["content"], each)) for each in (phrases.ENGLISH, code))
        assert english[1:] == other[1:], place
        assert other[0] <= set().union(*english), place


@pytest.mark.parametrize("code", OTHERS)
@pytest.mark.parametrize("more", [{}, {"name": "", "may_get_marketing": False}], ids=["rich", "bare"])
def test_each_translated_mail_passes_the_copy_test(code, more):
    faults = [f"{'/'.join(place)}: {fault}" for place in STEPS for fault in faults_of(place, drawn(*place, code, **more), code)]
    assert faults == []


def missed(place: tuple[str, str], code: str, mail: rendering.Rendered) -> set[str]:
    """Return the questions of the editor's copy test that a mail does not pass."""
    content = translated.in_language(STEPS[place]["content"], code)
    assert content is not None
    return {answer.question for answer in copy_test.of(content, mail) if not answer.is_good}


def faults_of(place: tuple[str, str], mail: rendering.Rendered, code: str) -> list[str]:
    preview = re.search(r"mso-hide:all\">([^<\u034f]+)", mail.html)
    shown = unescape(preview[1]).strip() if preview else ""
    words = " ".join([mail.subject, shown, mail.text])
    tests = {
        f"subject of {len(mail.subject)}: {mail.subject}": 6 <= len(mail.subject) <= 45,
        f"preheader of {len(shown)}: {shown}": 40 <= len(shown) <= 90,
        "shouts": "!" not in words,
        "a placeholder is left": not re.search(r"\{\{|\{%|lq[0-9a-f]{8}n|\bNone\b|Liquid", words + mail.html),
        "a hole in a sentence": not re.search(r" [.,:;]|\s,|\(\)|  |, ,|(?<!\.)\.\.(?!\.)|„“|«\s*»", mail.subject + mail.text),
        "two buttons": mail.html.count('class="ba"') <= 1,
        "English": not re.search(r"\b(your|you|reply|order|arriving)\b", words, re.IGNORECASE),
        "another way of speaking": not re.search(OTHERWISE[code], words),
        "its language": f'lang="{code}"' in mail.html,
        "what its English passes": missed(place, code, mail) <= missed(place, phrases.ENGLISH, drawn(*place)),
        "a straight quote": not re.search("[\"']", words),
    }
    return [fault for fault, is_fine in tests.items() if not is_fine]


def test_a_store_gets_its_recipes_in_its_own_language_and_those_it_offers(store):
    store.language, store.languages = "de-AT", ["en", "fr", "ar"]
    store.save()
    flow = recipes.install(store, "birthday", now=clock.read())
    content = Step.objects.get(version=flow.version).content
    assert rendering.languages(content) == ["de", "ar", "en", "fr"]
    assert content["subject"].startswith("Alles Gute zum Geburtstag")
    assert content["in"]["fr"]["subject"].startswith("Bon anniversaire")
    assert content["in"]["en"]["blocks"][0]["text"].startswith("Happy birthday")
    assert content["in"]["ar"]["subject"].startswith("عيد ميلاد سعيد")


def test_a_campaign_is_begun_and_written_in_the_language_of_its_store(store):
    store.language = "fr"
    store.save()
    campaign = one_off.begin(store, one_off.of(store, now=PLACED)["launch"], now=clock.read())
    content = campaign.mail.content
    assert (content["language"], content["subject"]) == ("fr", "Nouveau chez {{ store_name | truncate: 30, '…' }}")
    campaign_drafts.write(campaign, campaign_drafts.A, {"subject": "Du neuf", "blocks": [{"kind": "text", "text": "Voilà."}]}, offer=None)
    held = Step.objects.get(version__flow=campaign.flow)
    assert rendering.languages(held.content) == ["fr"]
    assert languages.of_country("BR") == "pt-BR" and languages.of_country("CH") == "de" and languages.of_country("NL") == "en"


def test_a_store_of_a_language_without_words_gets_its_recipes_in_english(store):
    store.language = "nl"
    store.save()
    flow = recipes.install(store, "birthday", now=clock.read())
    assert rendering.languages(Step.objects.get(version=flow.version).content) == ["en"]
    assert translated.spoken({"subject": "My own words", "blocks": []}, ["de"]) == {"subject": "My own words", "blocks": []}


@pytest.mark.parametrize(
    ("value", "code", "worded"),
    [
        ("10% off", "de", "10\N{NO-BREAK SPACE}% Rabatt"),
        ("15% off", "pt-BR", "15% de desconto"),
        ("€10 off", "fr", "10\N{NO-BREAK SPACE}€ de remise"),
        ("€7.50 off", "de", "7,50\N{NO-BREAK SPACE}€ Rabatt"),
        ("$10 off", "de", "$10 Rabatt"),
        ("10% off", "en", "10% off"),
        ("A free mug", "de", "A free mug"),
    ],
)
def test_what_an_offer_gives_is_worded_in_the_language_of_the_mail(value, code, worded):
    assert wording.given(value, "EUR", phrases.of(code)) == worded
