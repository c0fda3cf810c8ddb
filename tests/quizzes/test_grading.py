import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes import grading, kinds
from quizzes.grading import Graded, Refused
from tests.quizzes.test_kinds import CARD, CHOICE, CLOZE

CHOICE_BODY, CLOZE_BODY, CARD_BODY = kinds.parse(CHOICE), kinds.parse(CLOZE), kinds.parse(CARD)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
near_misses = st.fixed_dictionaries(
    {},
    optional={
        "choice": json_values | st.sampled_from(["a", "b"]),
        "blanks": json_values | st.dictionaries(st.sampled_from(["n", "kind", "z"]), json_values | st.just("x")),
    },
)


@pytest.mark.parametrize("body", [CHOICE_BODY, CLOZE_BODY, CARD_BODY], ids=lambda body: body.kind)
@given(response=json_values | near_misses)
def test_any_json_gets_a_mark_or_a_refusal(body, response) -> None:
    result = grading.grade(body, response)
    if isinstance(result, Refused):
        assert result.code
        assert result.detail
    else:
        assert 0 <= result.score <= 1


def test_the_right_choice_is_1_and_a_wrong_one_0_with_its_own_feedback_first() -> None:
    assert grading.grade(CHOICE_BODY, {"choice": "a"}) == Graded(
        1.0, {"choice": True}, ("choices.a.feedback", "feedback")
    )
    wrong = grading.grade(CHOICE_BODY, {"choice": "b"})
    assert isinstance(wrong, Graded)
    assert wrong.score == 0
    assert grading.feedback(wrong, {"choices.b.feedback": "No", "feedback": "Because"}) == ["No", "Because"]
    assert grading.feedback(wrong, {"feedback": "Because"}) == ["Because"]


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


def test_a_cloze_is_marked_by_its_share_of_right_blanks() -> None:
    half = grading.grade(CLOZE_BODY, {"blanks": {"n": " SECRET. ", "kind": "y"}})
    assert isinstance(half, Graded)
    assert half.score == 0.5
    assert half.parts == {"n": True, "kind": False}


def test_an_empty_blank_is_wrong_and_no_blank_at_all_is_no_answer() -> None:
    graded = grading.grade(CLOZE_BODY, {"blanks": {"n": "", "kind": "x"}})
    assert isinstance(graded, Graded)
    assert graded.parts == {"n": False, "kind": True}
    refused = grading.grade(CLOZE_BODY, {"blanks": {"n": "  "}})
    assert isinstance(refused, Refused)
    assert refused.code == "empty"


@pytest.mark.parametrize(
    ("blanks", "code"),
    [({"z": "x"}, "unknown_blank"), ({"kind": "z"}, "unknown_option"), ({"n": "x" * 301}, "too_long")],
)
def test_what_is_no_answer_to_a_cloze_is_refused(blanks, code) -> None:
    refused = grading.grade(CLOZE_BODY, {"blanks": blanks})
    assert isinstance(refused, Refused)
    assert refused.code == code


def test_answers_of_every_language_are_accepted() -> None:
    texts = {**CLOZE["texts"], "zh-hans": {**CLOZE["texts"]["en"], "text": "[[n]][[kind]]", "blanks": {
        "n": {"accept": ["秘密"]}, "kind": {"options": {"x": "密集", "y": "稀疏"}}}}}  # fmt: skip
    body = kinds.parse({**CLOZE, "texts": texts})
    for text in ["secret", "秘密"]:
        graded = grading.grade(body, {"blanks": {"n": text, "kind": "x"}})
        assert isinstance(graded, Graded)
        assert graded.score == 1


def test_a_flashcard_takes_no_response() -> None:
    refused = grading.grade(CARD_BODY, {"choice": "a"})
    assert isinstance(refused, Refused)
    assert refused.code == "not_graded"
