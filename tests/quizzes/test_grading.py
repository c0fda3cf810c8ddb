import pytest

from quizzes import grading, kinds
from quizzes.grading import Graded, Refused
from tests.quizzes.kinds.test_single_choice import SAMPLE as CHOICE

CHOICE_BODY = kinds.parse(CHOICE)


@pytest.mark.parametrize(
    ("response", "pointer", "code"),
    [
        (None, "", "model_type"),
        ({}, "/choice", "missing"),
        ({"choice": "z"}, "/choice", "unknown_choice"),
        ({"choice": 1}, "/choice", "string_type"),
        ({"choice": "a", "sure": True}, "/sure", "extra_forbidden"),
    ],
)
def test_a_refusal_names_the_place(response, pointer, code) -> None:
    refused = grading.grade(CHOICE_BODY, response)
    assert isinstance(refused, Refused)
    assert (refused.pointer, refused.code) == (pointer, code)


def test_feedback_that_was_not_written_is_left_out() -> None:
    graded = Graded(0.0, {}, ("choices.b.feedback", "feedback"), beside={"a": "choices.a.feedback", "b": "feedback"})
    assert grading.feedback(graded, {"feedback": "Because"}) == ["Because"]
    assert grading.beside(graded, {"feedback": "Because"}) == {"b": "Because"}
