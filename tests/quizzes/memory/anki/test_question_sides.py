"""A question of every kind as a card: nothing of the answer in front, the right one behind."""

import uuid

import pytest

from courses.rendering import render_fragment
from quizzes import kinds
from quizzes.memory.anki.question_sides import KINDS, QuestionSides, Said, sides_of
from quizzes.memory.browsing import own_texts
from tests.quizzes.kind_samples import EVERY, SECRETS

SAID = Said("en", "True", "False")


def sides(sample: dict) -> QuestionSides | None:
    body = kinds.parse(sample)
    return sides_of(body, body.render(render_fragment)["en"], SAID, {})


@pytest.mark.parametrize("kind", sorted(EVERY))
def test_every_kind_is_a_card_without_its_answer_in_front_or_none(kind: str) -> None:
    found = sides(EVERY[kind])
    assert (found is not None) == (kind in KINDS)
    if found is not None:
        assert found.front
        assert found.back
        assert [word for word in SECRETS.get(kind, []) if word in found.front] == []
        assert "<math" not in found.front + found.back
        assert "tabindex" not in found.front + found.back


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("short_text", "<p><b>gradient … descent</b></p>"),
        ("true_false", "<p><b>"),
        ("numeric", "<p><b>"),
        ("multiple_choice", "<ul><li>"),
    ],
)
def test_the_right_answer_stands_first_behind(kind: str, answer: str) -> None:
    found = sides(EVERY[kind])
    assert found is not None
    assert found.back.startswith(answer)


def test_a_number_has_its_unit() -> None:
    texts = {"en": {"prompt": "How large?", "unit": "MB"}}
    found = sides({"kind": "numeric", "key": 1.5, "texts": texts})
    assert found is not None
    assert found.back == "<p><b>1.5 MB</b></p>"


def test_formulas_are_as_mathjax_has_them_and_pictures_have_their_names() -> None:
    picture = uuid.uuid4()
    front = f"Is $a < b$?\n\n$$\\frac{{a}}{{b}}$$\n\n{own_texts.written(picture, 'net')}"
    back = "| a | b |\n|---|---|\n| 1 | 2 |"
    body = kinds.parse({"kind": "flashcard", "texts": {"en": {"front": front, "back": back}}})
    found = sides_of(body, body.render(own_texts.render)["en"], SAID, {picture: "net.png"})
    assert found is not None
    assert r"\(a &lt; b\)" in found.front
    assert '<img src="net.png" alt="net">' in found.front
    assert r"\[\frac{a}{b}\]" in found.front
    assert found.pictures == (picture,)
    assert "<table" in found.back
    assert "table-scroll" not in found.back
