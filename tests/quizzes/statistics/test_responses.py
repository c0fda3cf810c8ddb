"""Which answers were given, part by part."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes import kinds
from quizzes.statistics.responses import analyse_responses
from tests.quizzes.kind_samples import EVERY, RIGHT, SAMPLES
from tests.quizzes.strategies import near_misses


def counted(part):
    return {answer.text: (answer.count, answer.credit) for answer in part.answers}


def test_a_choice_that_nobody_took_is_listed_with_nought() -> None:
    (part,) = analyse_responses(
        kinds.parse(EVERY["single_choice"]), [{"choice": "a"}, {"choice": "a"}, None, {"choice": "a"}]
    )
    assert counted(part) == {"a": (3, 1.0), "b": (0, 0.0)}
    assert [answer.share for answer in part.answers] == [0.75, 0]
    assert part.unanswered == 1
    assert [answer.path for answer in part.answers] == ["choices.a.text", "choices.b.text"]


def test_each_tick_counts_and_a_wrong_one_takes_back() -> None:
    given_ = [{"choices": ["weights", "biases"]}, {"choices": ["weights", "rate"]}]
    (part,) = analyse_responses(kinds.parse(EVERY["multiple_choice"]), given_)
    assert part.together
    assert counted(part) == {"weights": (2, 0.5), "rate": (1, -0.5), "biases": (1, 0.5), "epochs": (0, -0.5)}


def test_true_and_false_are_both_listed() -> None:
    (part,) = analyse_responses(kinds.parse(EVERY["true_false"]), [{"answer": True}])
    assert counted(part) == {"true": (1, 0.0), "false": (0, 1.0)}


def test_numbers_that_are_the_same_are_one_answer_under_the_commonest_spelling() -> None:
    (part,) = analyse_responses(
        kinds.parse(EVERY["numeric"]), [{"value": "3,2 %"}, {"value": "3.20"}, {"value": "3.20"}, {"value": "4.8"}]
    )
    assert counted(part) == {"3.20": (3, 1.0), "4.8": (1, 0.0)}


def test_an_order_is_told_by_what_follows_what() -> None:
    given_ = [{"order": ["forward", "gradient", "update"]}, {"order": ["update", "gradient", "forward"]}]
    forward, gradient = analyse_responses(kinds.parse(EVERY["ordering"]), given_)
    assert (forward.name, forward.path) == ("forward", "items.forward")
    assert counted(forward) == {"gradient": (1, 0.5), "update": (0, 0.0), "": (1, 0.0)}
    assert counted(gradient) == {"forward": (1, 0.0), "update": (1, 0.5), "": (0, 0.0)}


def test_each_blank_is_a_part_and_typed_answers_are_one_where_grading_takes_them_for_one() -> None:
    given_ = [
        {"blanks": {"n": "Secret", "kind": "y"}},
        {"blanks": {"n": "secret!", "kind": "x"}},
        {"blanks": {"n": "other"}},
    ]
    typed, chosen = analyse_responses(kinds.parse(EVERY["cloze"]), given_)
    assert sorted(answer.credit for answer in typed.answers) == [0, 0.5]
    assert [answer.count for answer in typed.answers] == [2, 1]
    assert counted(chosen) == {"x": (1, 0.5), "y": (1, 0.0)}
    assert chosen.unanswered == 1
    assert [answer.path for answer in chosen.answers] == ["blanks.kind.options.x", "blanks.kind.options.y"]


def test_what_the_question_no_longer_offers_is_listed_without_a_credit() -> None:
    (part,) = analyse_responses(kinds.parse(EVERY["single_choice"]), [{"choice": "gone"}, {"choice": "b"}])
    assert counted(part) == {"a": (0, 1.0), "b": (1, 0.0), "gone": (1, None)}


def test_nobody_asked_is_no_share() -> None:
    (part,) = analyse_responses(kinds.parse(EVERY["single_choice"]), [])
    assert {answer.share for answer in part.answers} == {0}


@pytest.mark.parametrize("kind", SAMPLES)
def test_the_right_response_is_made_of_right_answers_worth_the_whole_mark(kind) -> None:
    parts = analyse_responses(kinds.parse(SAMPLES[kind]), [RIGHT[kind]])
    given_ = [answer for part in parts for answer in part.answers if answer.count]
    assert all(answer.right for answer in given_)
    assert sum(answer.credit for answer in given_) == pytest.approx(1)


@pytest.mark.parametrize("kind", SAMPLES)
@given(chosen=st.data())
def test_whatever_was_stored_each_attempt_is_accounted_for(kind, chosen) -> None:
    responses = chosen.draw(st.lists(st.none() | near_misses(SAMPLES[kind], RIGHT[kind]), max_size=5))
    parts = analyse_responses(kinds.parse(SAMPLES[kind]), responses)
    assert all(responses.count(None) <= part.unanswered <= len(responses) for part in parts)
    if kind in {"true_false", "numeric"}:
        (part,) = parts
        assert part.unanswered + sum(answer.count for answer in part.answers) == len(responses)


@given(st.permutations([{"value": "1"}, {"value": "1.0"}, {"value": "2"}, None, {"value": "x"}, {"value": "2"}]))
def test_the_order_of_attempts_does_not_matter(responses) -> None:
    body = kinds.parse(EVERY["numeric"])
    assert analyse_responses(body, responses) == analyse_responses(body, responses[::-1])
