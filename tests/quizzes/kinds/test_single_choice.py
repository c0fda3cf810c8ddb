import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from courses.rendering import render_fragment
from quizzes import grading, kinds
from quizzes.grading import Graded

SAMPLE = {
    "kind": "single_choice",
    "choices": ["a", "b"],
    "key": "a",
    "texts": {
        "en": {
            "prompt": "Which *one*?",
            "choices": {"a": {"text": "**A**", "feedback": "It bends."}, "b": {"text": "B", "feedback": "It is flat."}},
            "feedback": "Depth needs a bend.",
        }
    },
}
RIGHT = {"choice": "a"}
WRONG = {"choice": "b"}
FORM = {"choice": "a"}
SECRETS = ["bend", "flat", "Depth"]

BODY = kinds.parse(SAMPLE)


def test_the_right_choice_is_1_and_a_wrong_one_0_with_its_own_feedback_first() -> None:
    assert grading.grade(BODY, {"choice": "a"}) == Graded(1.0, {"choice": True}, ("choices.a.feedback", "feedback"))
    wrong = grading.grade(BODY, {"choice": "b"})
    assert isinstance(wrong, Graded)
    assert wrong.score == 0
    texts = BODY.render(render_fragment)["en"]
    assert grading.feedback(wrong, texts) == ["<p>It is flat.</p>", "<p>Depth needs a bend.</p>"]
    assert grading.feedback(wrong, {"feedback": "Because"}) == ["Because"]


def test_the_public_view_shows_texts_and_hides_key_and_feedback() -> None:
    shown = BODY.public(BODY.render(render_fragment)["en"]).model_dump()
    assert shown == {
        "kind": "single_choice",
        "prompt": "<p>Which <em>one</em>?</p>",
        "hints": [],
        "choices": [{"id": "a", "text": "<strong>A</strong>"}, {"id": "b", "text": "B"}],
    }


def test_the_revealed_key_is_the_right_response() -> None:
    assert BODY.revealed().model_dump() == {"kind": "single_choice", **RIGHT}


def eight():
    letters = list("abcdefgh")
    texts = {"en": {"prompt": "P", "choices": {letter: {"text": letter} for letter in letters}}}
    return kinds.parse({"kind": "single_choice", "choices": letters, "key": "c", "texts": texts})


@given(seed=st.integers())
def test_shuffled_choices_are_the_same_ones(seed) -> None:
    body = eight()
    shown = body.asked(seed, shuffle=True).public(body.render(render_fragment)["en"])
    assert "".join(sorted(choice.id for choice in shown.choices)) == "abcdefgh"
    assert [choice.text for choice in shown.choices] == [choice.id for choice in shown.choices]


def test_another_seed_makes_another_order() -> None:
    orders = {tuple(eight().asked(seed, shuffle=True).choices) for seed in range(20)}
    assert len(orders) == 20
    assert {order[0] for order in orders} > {"a", "b"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"key": "c"}, "none of the choices"),
        ({"choices": ["a", "a"]}, "a choice stands twice"),
        ({"choices": ["a", True]}, "valid string"),
        ({"choices": ["a", "b", "c"]}, "without a text: c"),
        ({"texts": {}}, "at least 1 item"),
        ({"texts": {"EN": SAMPLE["texts"]["en"]}}, "match pattern"),
    ],
)
def test_an_author_is_told_what_does_not_fit(changes, message) -> None:
    with pytest.raises(ValidationError, match=message):
        kinds.parse({**copy.deepcopy(SAMPLE), **changes})
