import pytest
from pydantic import ValidationError

from courses.rendering import render_fragment
from quizzes import grading, kinds
from quizzes.grading import Refused

SAMPLE = {"kind": "flashcard", "texts": {"en": {"front": "F", "back": "B"}}}

BODY = kinds.parse(SAMPLE)


def test_it_shows_both_sides() -> None:
    assert BODY.public(BODY.render(render_fragment)["en"]).model_dump() == {
        "kind": "flashcard",
        "hints": [],
        "front": "<p>F</p>",
        "back": "<p>B</p>",
    }


def test_it_takes_no_response() -> None:
    refused = grading.grade(BODY, {"choice": "a"})
    assert isinstance(refused, Refused)
    assert refused.code == "not_graded"


def test_neither_side_is_empty() -> None:
    with pytest.raises(ValidationError):
        kinds.parse({**SAMPLE, "texts": {"en": {"front": "F", "back": ""}}})


def test_hostile_markdown_comes_out_harmless() -> None:
    body = kinds.parse({**SAMPLE, "texts": {"en": {"front": "<script>alert(1)</script>x", "back": "B"}}})
    assert "<script" not in body.render(render_fragment)["en"]["front"]
