import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from courses.rendering import render_fragment
from quizzes import grading, kinds
from quizzes.grading import Graded, Refused
from quizzes.models import Response

SAMPLE = {
    "kind": "cloze",
    "blanks": {"n": {"input": "type"}, "kind": {"input": "choose", "options": ["x", "y"], "key": "x"}},
    "texts": {
        "en": {
            "text": "Use `Dense(units=[[n]])`, a [[kind]] layer.",
            "blanks": {"n": {"accept": ["secret"]}, "kind": {"options": {"x": "dense", "y": "sparse"}}},
            "feedback": "Every unit sees all inputs.",
        }
    },
}
RIGHT = {"blanks": {"n": "secret", "kind": "x"}}
WRONG = {"blanks": {"n": "nothing", "kind": "y"}}
FORM = {"blank-n": "secret", "blank-kind": "x"}
SECRETS = ["secret", "Every unit"]

BODY = kinds.parse(SAMPLE)


def test_a_typed_blank_needs_accepted_answers_and_a_chosen_one_takes_none() -> None:
    texts = copy.deepcopy(SAMPLE["texts"])
    texts["en"]["blanks"]["n"] = {}
    with pytest.raises(ValidationError, match="needs accept"):
        kinds.parse({**SAMPLE, "texts": texts})
    texts = copy.deepcopy(SAMPLE["texts"])
    texts["en"]["blanks"]["kind"]["accept"] = ["dense"]
    with pytest.raises(ValidationError, match="chosen, not typed"):
        kinds.parse({**SAMPLE, "texts": texts})


def test_the_public_view_of_a_cloze_keeps_its_blanks_in_prose_and_code_and_hides_the_answers() -> None:
    shown = BODY.public(BODY.render(render_fragment)["en"]).model_dump()
    assert "<code>Dense(units=[[n]])</code>" in shown["text"]
    assert "a [[kind]] layer" in shown["text"]
    assert shown["blanks"][0] == {"name": "n", "input": "type", "options": []}
    assert [option["id"] for option in shown["blanks"][1]["options"]] == ["x", "y"]
    assert not {"secret", "key", "accept", "Every unit"} & set(str(shown).replace("'", " ").split())
    assert "secret" not in str(shown)
    assert "feedback" not in str(shown)


def test_a_blank_in_highlighted_code_survives() -> None:
    texts = copy.deepcopy(SAMPLE["texts"])
    texts["en"]["text"] = "```python\nDense(units=[[n]])\n```\n\nA [[kind]] layer."
    body = kinds.parse({**SAMPLE, "texts": texts})
    assert body.render(render_fragment)["en"]["text"].count("[[n]]") == 1


@pytest.mark.parametrize("text", ["$x^{[[n]]}$ [[kind]]", "[link](https://example.org/[[n]]) [[kind]]"])
def test_a_blank_where_none_can_be_typed_is_refused(text) -> None:
    texts = copy.deepcopy(SAMPLE["texts"])
    texts["en"]["text"] = text
    with pytest.raises(ValueError, match="stands where none can be"):
        kinds.parse({**SAMPLE, "texts": texts}).render(render_fragment)


def test_a_cloze_is_marked_by_its_share_of_right_blanks() -> None:
    half = grading.grade(BODY, {"blanks": {"n": " SECRET. ", "kind": "y"}})
    assert isinstance(half, Graded)
    assert half.score == 0.5
    assert half.parts == {"n": True, "kind": False}


def test_an_empty_blank_is_wrong_and_no_blank_at_all_is_no_answer() -> None:
    graded = grading.grade(BODY, {"blanks": {"n": "", "kind": "x"}})
    assert isinstance(graded, Graded)
    assert graded.parts == {"n": False, "kind": True}
    refused = grading.grade(BODY, {"blanks": {"n": "  "}})
    assert isinstance(refused, Refused)
    assert refused.code == "empty"


@pytest.mark.parametrize(
    ("blanks", "code"),
    [({"z": "x"}, "unknown_blank"), ({"kind": "z"}, "unknown_option"), ({"n": "x" * 301}, "too_long")],
)
def test_what_is_no_answer_to_a_cloze_is_refused(blanks, code) -> None:
    refused = grading.grade(BODY, {"blanks": blanks})
    assert isinstance(refused, Refused)
    assert refused.code == code


def test_answers_of_every_language_are_accepted() -> None:
    texts = {**SAMPLE["texts"], "zh-hans": {**SAMPLE["texts"]["en"], "text": "[[n]][[kind]]", "blanks": {
        "n": {"accept": ["秘密"]}, "kind": {"options": {"x": "密集", "y": "稀疏"}}}}}  # fmt: skip
    body = kinds.parse({**SAMPLE, "texts": texts})
    for text in ["secret", "秘密"]:
        graded = grading.grade(body, {"blanks": {"n": text, "kind": "x"}})
        assert isinstance(graded, Graded)
        assert graded.score == 1


@given(seed=st.integers())
def test_shuffling_moves_options_and_no_blank(seed) -> None:
    asked = BODY.asked(seed, shuffle=True)
    assert list(asked.blanks) == ["n", "kind"]
    assert sorted(asked.blanks["kind"].options) == ["x", "y"]
    assert asked.blanks["n"] == BODY.blanks["n"]


@pytest.mark.parametrize(
    "changes",
    [
        {"blanks": {"n": {"input": "type"}}},
        {"blanks": {**SAMPLE["blanks"], "n": {"input": "draw"}}},
        {"texts": {"en": {**SAMPLE["texts"]["en"], "text": "[[n]] [[n]] [[kind]]"}}},
    ],
)
def test_what_does_not_fit_is_refused(changes) -> None:
    with pytest.raises(ValidationError):
        kinds.parse({**copy.deepcopy(SAMPLE), **changes})


def test_the_right_answer_is_shown_in_the_language_of_the_page(client, quiz_page) -> None:
    sample = copy.deepcopy(SAMPLE)
    sample["texts"]["zh-hans"] = {
        "text": "[[n]][[kind]]",
        "blanks": {"n": {"accept": ["秘密"]}, "kind": {"options": {"x": "密集", "y": "稀疏"}}},
    }
    chinese = {"accept-language": "zh-hans"}
    html = client.post(
        quiz_page(sample), {"blank-n": "x", "blank-kind": "y"}, follow=True, headers=chinese
    ).content.decode()
    assert "<b>秘密</b>" in html
    assert "<b>密集</b>" in html
    assert "secret" not in html


def test_what_was_typed_stays_where_it_was_too_long(client, quiz_page) -> None:
    html = client.post(quiz_page(SAMPLE), {"blank-n": "x" * 301, "blank-kind": "y"}).content.decode()
    assert "This answer is too long." in html
    assert f'value="{"x" * 301}"' in html
    assert '<option value="y" selected>' in html
    assert not Response.objects.exists()
