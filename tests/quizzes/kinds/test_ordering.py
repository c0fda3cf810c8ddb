import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from quizzes import grading, kinds
from quizzes.kinds import Graded, Refused

SAMPLE = {
    "kind": "ordering",
    "items": ["update", "forward", "gradient"],
    "key": ["forward", "gradient", "update"],
    "texts": {
        "en": {
            "prompt": "What comes first?",
            "items": {"forward": "forward `pass`", "gradient": "gradients", "update": "update"},
            "feedback": "First the loss must be known.",
        }
    },
}
RIGHT = {"order": ["forward", "gradient", "update"]}
WRONG = {"order": ["update", "gradient", "forward"]}
FORM = {"place-forward": "1", "place-gradient": "2", "place-update": "3"}
SECRETS = ["loss must be known"]

LETTERS = ["a", "b", "c", "d"]
FOUR = kinds.parse(
    {
        "kind": "ordering",
        "items": ["d", "b", "c", "a"],
        "key": LETTERS,
        "texts": {"en": {"prompt": "P", "items": {letter: letter.upper() for letter in LETTERS}}},
    }
)


def mark(order):
    graded = grading.grade(FOUR, {"order": list(order)})
    assert isinstance(graded, Graded)
    return graded


@pytest.mark.parametrize(
    ("order", "score"),
    [
        ("abcd", 1),
        ("bcda", 2 / 3),
        ("dabc", 2 / 3),
        ("cdab", 2 / 3),
        ("acbd", 0),
        ("badc", 0),
        ("dcba", 0),
        ("abdc", 1 / 3),
    ],
)
def test_the_mark_is_the_share_of_neighbours_that_follow_each_other(order, score) -> None:
    assert mark(order).score == score


@given(order=st.permutations(LETTERS))
def test_only_the_right_order_is_right(order) -> None:
    assert (mark(order).score == 1) == (order == LETTERS)


def test_each_part_says_whether_the_right_one_follows() -> None:
    assert mark("dabc").parts == {"d": False, "a": True, "b": True}


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ([], "empty"),
        (["a", "b"], "incomplete"),
        (["a", "b", "c", "z"], "unknown_item"),
        (["a", "a", "b", "c"], "given_twice"),
    ],
)
def test_what_is_no_order_is_refused(order, code) -> None:
    refused = grading.grade(FOUR, {"order": order})
    assert isinstance(refused, Refused)
    assert (refused.pointer, refused.code) == ("/order", code)


@pytest.mark.parametrize(
    ("places", "order"),
    [
        ({"a": "1", "b": "2", "c": "3", "d": "4"}, ["a", "b", "c", "d"]),
        ({"d": "1", "c": "2", "b": "3", "a": "4"}, ["d", "c", "b", "a"]),
        ({"a": "1", "b": "2", "c": "2", "d": "4"}, ["a", "b", "d"]),
        ({"a": "1", "b": "", "c": "3", "d": "4"}, ["a", "c", "d"]),
        ({"a": "9", "b": "x"}, []),
    ],
)
def test_the_places_of_a_form_make_an_order_without_gaps_or_repetition(places, order) -> None:
    form = {f"place-{item}": place for item, place in places.items()}
    assert FOUR.response_from_form(form) == {"order": order}


def test_a_place_that_is_chosen_twice_is_refused() -> None:
    form = {"place-a": "1", "place-b": "2", "place-c": "2", "place-d": "4"}
    refused = grading.grade(FOUR, FOUR.response_from_form(form))
    assert isinstance(refused, Refused)
    assert refused.detail == "Every item needs a place of its own."


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"items": ["update"]}, "at least 2 items"),
        ({"items": ["update", "forward", "update"]}, "an item stands twice"),
        ({"key": ["forward", "gradient"]}, "every item once"),
        ({"key": ["update", "forward", "gradient"]}, "shuffle them"),
        ({"items": ["update", "forward"], "key": ["forward", "update"]}, "texts of unknown items"),
    ],
)
def test_an_author_is_told_what_does_not_fit(changes, message) -> None:
    with pytest.raises(ValidationError, match=message):
        kinds.parse({**SAMPLE, **changes})


@given(seed=st.integers())
def test_the_right_order_is_never_shown(seed) -> None:
    asked = FOUR.asked(seed, shuffle=True)
    assert sorted(asked.items) == LETTERS
    assert asked.items != LETTERS


def test_the_revealed_key_is_the_right_response() -> None:
    assert mark(FOUR.revealed().order).score == 1


def test_a_place_chosen_twice_is_refused_with_a_sentence_and_what_was_chosen_stays(client, quiz_page) -> None:
    form = {"place-forward": "1", "place-gradient": "2", "place-update": "2"}
    response = client.post(quiz_page(SAMPLE), form)
    html = response.content.decode()
    assert response.status_code == 422
    assert "Give every item a place of its own: no place twice, none left open." in html
    assert html.count("selected") == 3
    assert html.count('aria-invalid="true"') == 2


def test_a_half_right_order_says_which_neighbours_are_right(client, quiz_page) -> None:
    form = {"place-update": "1", "place-forward": "2", "place-gradient": "3"}
    html = client.post(quiz_page(SAMPLE), form, follow=True).content.decode()
    assert "1 of 2 neighbours is right" in html
    assert html.count("what follows is right") == html.count("something else follows") == 1
    assert "Right order" in html
