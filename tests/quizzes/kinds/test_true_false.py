import pytest
from pydantic import ValidationError

from courses.rendering import render_fragment
from quizzes import grading, kinds
from quizzes.kinds import Graded, Refused

SAMPLE = {
    "kind": "true_false",
    "key": False,
    "texts": {
        "en": {
            "prompt": "A *larger* learning rate is always better.",
            "if_true": "Larger steps are indeed faster at first.",
            "if_false": "Yes: a step may be too long.",
            "feedback": "Too long a step jumps over the minimum.",
        }
    },
}
RIGHT = {"answer": False}
WRONG = {"answer": True}
FORM = {"answer": "false"}
SECRETS = ["if_true", "if_false", "indeed", "too long"]

BODY = kinds.parse(SAMPLE)
TEXTS = BODY.render(render_fragment)["en"]


@pytest.mark.parametrize(
    ("answer", "score", "first"),
    [(False, 1, "<p>Yes: a step may be too long.</p>"), (True, 0, "<p>Larger steps are indeed faster at first.</p>")],
)
def test_each_answer_has_its_own_feedback_before_the_general_one(answer, score, first) -> None:
    graded = grading.grade(BODY, {"answer": answer})
    assert isinstance(graded, Graded)
    assert (graded.score, graded.parts) == (score, {"answer": bool(score)})
    assert grading.feedback(graded, TEXTS) == [first, "<p>Too long a step jumps over the minimum.</p>"]


@pytest.mark.parametrize("answer", ["false", 0, None, []])
def test_only_true_and_false_are_answers(answer) -> None:
    assert isinstance(grading.grade(BODY, {"answer": answer}), Refused)


@pytest.mark.parametrize("form", [{}, {"answer": ""}, {"answer": "yes"}, {"answer": "True"}])
def test_a_form_without_one_of_the_two_answers_is_none(form) -> None:
    assert isinstance(grading.grade(BODY, BODY.response_from_form(form)), Refused)


@pytest.mark.parametrize("key", ["false", 0, None])
def test_the_key_is_true_or_false(key) -> None:
    with pytest.raises(ValidationError):
        kinds.parse({**SAMPLE, "key": key})


def test_the_revealed_key_is_the_right_response() -> None:
    assert BODY.revealed().model_dump() == {"kind": "true_false", **RIGHT}
