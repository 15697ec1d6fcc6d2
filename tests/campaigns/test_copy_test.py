"""What sells in a mail that does not, and the seven questions to a mail's words."""

import pytest

from campaigns import recipes, selling
from campaigns.writing import copy_test
from messaging.rendering import Rendered


def asked(*parts, subject="Your kettle", text="Your kettle is on its way to you, and it lands on Friday.\n\n---\nFoot"):
    drawn = Rendered(subject, "", text)
    return {answer.question: answer.is_good for answer in copy_test.of({"subject": subject, "blocks": list(parts)}, drawn)}


GOOD = ({"kind": "heading", "text": "{{ first_item }} is coming"}, {"kind": "button", "label": "Go", "url": "x"}, {"kind": "signature"})


@pytest.mark.parametrize(
    ("parts", "more", "failed"),
    [
        (GOOD, {}, set()),
        (GOOD, {"text": "word " * 130 + "\n---\n"}, {"Reads aloud in under 45 seconds"}),
        (({"kind": "text", "text": "Good day."}, {"kind": "signature"}), {}, {"Begins with something of theirs"}),
        ((*GOOD, {"kind": "offer"}), {}, {"Has one button"}),
        (GOOD[:2], {}, {"Says who writes"}),
        ((*GOOD, {"kind": "text", "text": "We’re so excited!"}), {}, {"Is not excited"}),
        ((*GOOD, {"kind": "text", "text": "4,812 people love it."}), {}, {"Has no number that nobody asked for"}),
        ((*GOOD, {"kind": "text", "text": "[Our story](https://shop.example/2019)."}), {}, set()),
        (GOOD, {"text": "Tap the picture to see all that is new with it.\n---\n"}, {"Makes sense as plain text"}),
    ],
)
def test_each_question_is_asked_of_the_words(parts, more, failed):
    answers = asked(*parts, **more)
    assert len(answers) == 7
    assert {question for question, is_good in answers.items() if not is_good} == failed


def test_no_recipe_sells_to_those_who_get_no_offers():
    found = [
        (recipe.KEY, problem)
        for recipe in recipes.RECIPES.values()
        for step in recipe.STEPS
        for problem in selling.problems(step.get("content", {}), step.get("purpose", ""))
    ]
    assert found == []


@pytest.mark.parametrize("kind", ["offer", "pairings", "referral"])
def test_a_block_that_sells_is_only_for_those_who_may_get_offers_and_says_how_many_those_are(kind):
    block = {"kind": kind}
    content = {"subject": "x", "blocks": [{"kind": "divider"}, block]}
    assert [problem.where for problem in selling.problems(content, "service")] == ["block 2"]
    assert selling.problems(content, "marketing") == []
    block["only"] = "marketing"
    assert selling.problems(content, "service") == []
    assert selling.only_for_some(content, "service") == [(2, kind)]
