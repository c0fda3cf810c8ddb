"""What guessing is worth, against the mean mark of every possible answer, as grading gives it."""

from fractions import Fraction
from itertools import chain, combinations, permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes import grading, kinds
from quizzes.statistics.guessing import guess_score, random_ticking
from tests.quizzes.kind_samples import EVERY, SAMPLES


def mean_mark(body, responses) -> float:
    marks = [grading.grade(body, response).score for response in responses]
    return sum(marks) / len(marks)


def multiple_choice(choices: int, right: int):
    ids = [f"c{number}" for number in range(choices)]
    texts = {"prompt": "Which?", "choices": {choice: {"text": choice} for choice in ids}}
    return kinds.parse({"kind": "multiple_choice", "choices": ids, "key": ids[:right], "texts": {"en": texts}})


def ordering(items: int):
    ids = [f"i{number}" for number in range(items)]
    texts = {"prompt": "In which order?", "items": {item: item for item in ids}}
    return kinds.parse({"kind": "ordering", "items": ids[::-1], "key": ids, "texts": {"en": texts}})


def test_one_of_n_is_met_once_in_n_times() -> None:
    assert guess_score(kinds.parse(EVERY["single_choice"])) == 1 / 2
    three = {"prompt": "?", "choices": {choice: {"text": choice} for choice in "abc"}}
    assert (
        guess_score(kinds.parse({**EVERY["single_choice"], "choices": ["a", "b", "c"], "texts": {"en": three}}))
        == 1 / 3
    )
    assert guess_score(kinds.parse(EVERY["true_false"])) == 1 / 2


@given(st.integers(2, 8).flatmap(lambda choices: st.tuples(st.just(choices), st.integers(1, choices - 1))))
def test_random_ticking_is_the_mean_of_every_way_to_tick(counts) -> None:
    body = multiple_choice(*counts)
    ways = chain.from_iterable(combinations(body.choices, size) for size in range(1, len(body.choices) + 1))
    assert guess_score(body) == pytest.approx(
        mean_mark(body, [{"choices": list(ticked)} for ticked in ways]), abs=1e-12
    )


def test_random_ticking_of_four_with_two_right_by_hand() -> None:
    """15 ways: one right alone (2 × ½), both right (1), both right and one wrong (2 × ½); all else is worth nothing."""
    assert random_ticking(4, 2) == Fraction(3, 15)
    assert guess_score(kinds.parse(EVERY["multiple_choice"])) == pytest.approx(0.2)


@pytest.mark.parametrize("items", [2, 3, 4, 5, 6])
def test_a_random_order_is_the_mean_of_every_order(items) -> None:
    body = ordering(items)
    assert guess_score(body) == pytest.approx(
        mean_mark(body, [{"order": list(one)} for one in permutations(body.items)])
    )
    assert guess_score(kinds.parse(EVERY["ordering"])) == pytest.approx(1 / 3)


def test_a_blank_is_guessed_where_it_is_chosen_and_never_where_it_is_typed() -> None:
    body = kinds.parse(EVERY["cloze"])
    ways = [{"blanks": {"n": typed, "kind": chosen}} for typed, chosen in product(["guess"], ["x", "y"])]
    assert guess_score(body) == mean_mark(body, ways) == 1 / 4


def test_a_partner_is_the_mean_of_every_way_to_match() -> None:
    """Two right sides that read the same are one."""
    texts = {
        "prompt": "Match.",
        "left": {"a": "relu", "b": "sigmoid", "c": "tanh"},
        "right": {"a": "bent", "b": "curved", "c": "curved", "d": "square"},
    }
    body = kinds.parse({"kind": "matching", "pairs": ["a", "b", "c"], "distractors": ["d"], "texts": {"en": texts}})
    rights = [choice.id for choice in body.public(body.markdown("en")).right]
    ways = [{"matches": dict(zip("abc", chosen, strict=True))} for chosen in product(rights, repeat=3)]
    assert len(rights) == 3
    assert guess_score(body) == pytest.approx(mean_mark(body, ways), abs=1e-12)


@pytest.mark.parametrize("key", [["layer-0"], ["layer-1", "layer-2"]])
@pytest.mark.parametrize("many", [False, True])
def test_a_click_is_the_mean_of_every_click(key, many) -> None:
    network = {"inputs": 2, "layers": [3, 1]}
    body = kinds.parse(
        {"kind": "hotspot", "network": network, "many": many, "key": key, "texts": {"en": {"prompt": "Where?"}}}
    )
    sizes = range(1, len(body.targets) + 1 if many else 2)
    ways = chain.from_iterable(combinations(body.targets, size) for size in sizes)
    assert guess_score(body) == pytest.approx(mean_mark(body, [{"targets": list(one)} for one in ways]), abs=1e-12)


@pytest.mark.parametrize("kind", SAMPLES)
def test_every_kind_that_is_marked_says_what_guessing_is_worth(kind) -> None:
    guess = guess_score(kinds.parse(SAMPLES[kind]))
    assert guess is not None
    assert 0 <= guess < 1


def test_a_number_is_not_guessed() -> None:
    assert guess_score(kinds.parse(EVERY["numeric"])) == 0


def test_what_has_no_answer_has_no_guess() -> None:
    assert guess_score(kinds.parse(EVERY["flashcard"])) is None
    assert guess_score(kinds.parse(EVERY["challenge"])) is None
