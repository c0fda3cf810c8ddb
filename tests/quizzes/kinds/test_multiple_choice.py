import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from courses.rendering import render_fragment
from quizzes import grading, kinds
from quizzes.kinds import Graded, Refused

SAMPLE = {
    "kind": "multiple_choice",
    "choices": ["weights", "rate", "biases", "epochs"],
    "key": ["weights", "biases"],
    "texts": {
        "en": {
            "prompt": "What does training **find**?",
            "choices": {
                "weights": {"text": "the `weights`", "feedback": "Yes, they are moved."},
                "rate": {"text": "the learning rate", "feedback": "It steers the training, but is set before."},
                "biases": {"text": "the biases", "feedback": "Yes, like weights."},
                "epochs": {"text": "the epochs"},
            },
            "feedback": "Parameters are found, hyperparameters are set.",
        }
    },
}
RIGHT = {"choices": ["biases", "weights"]}
WRONG = {"choices": ["rate"]}
FORM = {"choice-weights": "1", "choice-biases": "1"}
SECRETS = ["moved", "set before", "hyperparameters"]

BODY = kinds.parse(SAMPLE)
ALL = ["weights", "rate", "biases", "epochs"]


def mark(ticked, body=BODY):
    graded = grading.grade(body, {"choices": ticked})
    assert isinstance(graded, Graded)
    return graded


def with_key(key):
    return kinds.parse({**SAMPLE, "key": key})


@pytest.mark.parametrize(
    ("ticked", "score"),
    [
        (["weights", "biases"], 1),
        (["weights"], 0.5),
        (["weights", "rate"], 0),
        (["weights", "biases", "rate"], 0.5),
        (["rate"], 0),
        (ALL, 0),
    ],
)
def test_a_wrong_tick_takes_back_a_right_one(ticked, score) -> None:
    assert mark(ticked).score == score


@given(key=st.sets(st.sampled_from(ALL), min_size=1, max_size=3))
def test_ticking_everything_gains_1_minus_wrong_to_right_and_never_less_than_0(key) -> None:
    wrong = len(ALL) - len(key)
    score = mark(ALL, with_key(sorted(key))).score
    assert score == max(0, (len(key) - wrong) / len(key))
    assert score < 1
    if wrong >= len(key):
        assert score == 0


@given(ticked=st.sets(st.sampled_from(ALL), min_size=1))
def test_only_the_exact_key_is_right(ticked) -> None:
    assert (mark(sorted(ticked)).score == 1) == (ticked == {"weights", "biases"})


def test_each_part_says_whether_ticking_or_leaving_it_was_right() -> None:
    graded = mark(["weights", "rate"])
    assert graded.parts == {"weights": True, "rate": False, "biases": False, "epochs": True}


def test_feedback_stands_beside_what_was_ticked_and_what_was_missed() -> None:
    texts = BODY.render(render_fragment)["en"]
    beside = grading.beside(mark(["rate"]), texts)
    assert list(beside) == ["weights", "rate", "biases"]
    assert beside["rate"] == "<p>It steers the training, but is set before.</p>"
    assert grading.feedback(mark(["rate"]), texts) == ["<p>Parameters are found, hyperparameters are set.</p>"]


@pytest.mark.parametrize(
    ("ticked", "code"),
    [
        ([], "empty"),
        (["z"], "unknown_choice"),
        (["weights", "weights"], "given_twice"),
        (["weights"] * 101, "too_long"),
    ],
)
def test_what_is_no_answer_is_refused(ticked, code) -> None:
    refused = grading.grade(BODY, {"choices": ticked})
    assert isinstance(refused, Refused)
    assert (refused.pointer, refused.code) == ("/choices", code)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"key": []}, "at least 1 item"),
        ({"key": ["z"]}, "none of the choices"),
        ({"key": ["rate", "rate"]}, "a right choice stands twice"),
        ({"key": ALL}, "at least one must be wrong"),
        ({"choices": ["weights", "rate", "biases"]}, "texts of unknown choices"),
        ({"choices": [*ALL, "rate"]}, "a choice stands twice"),
    ],
)
def test_an_author_is_told_what_does_not_fit(changes, message) -> None:
    with pytest.raises(ValidationError, match=message):
        kinds.parse({**SAMPLE, **changes})


@given(seed=st.integers())
def test_shuffled_choices_are_the_same_ones(seed) -> None:
    asked = BODY.asked(seed, shuffle=True)
    assert sorted(asked.choices) == sorted(ALL)
    assert {*asked.revealed().choices} == {*BODY.revealed().choices}


def test_the_revealed_key_is_the_right_response() -> None:
    assert mark(BODY.revealed().choices).score == 1


def test_each_choice_says_what_became_of_it(client, quiz_page) -> None:
    form = {"choice-weights": "1", "choice-rate": "1"}
    html = client.post(quiz_page(SAMPLE), form, follow=True).content.decode()
    for words in ("Ticked, right", "Ticked, not right", "Right, not ticked", "Not right yet"):
        assert words in html
    assert html.index("Ticked, not right") < html.index("set before.") < html.index("Right, not ticked")
