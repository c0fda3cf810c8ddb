"""The registry: a kind is its module, its template and its test file."""

import hashlib
import json
from pathlib import Path
from typing import get_args

import pytest
from django.template.loader import get_template

from quizzes import kinds
from tests.quizzes.kind_samples import EVERY
from tests.quizzes.kinds.test_single_choice import SAMPLE as CHOICE

# A challenge is asked in the lesson and the studio, a flashcard in the review: neither stands in a quiz.
ELSEWHERE = {"challenge", "flashcard"}


@pytest.mark.parametrize("name", kinds.KINDS)
def test_a_kind_is_called_as_its_module_and_so_are_what_is_shown_and_revealed(name) -> None:
    kind = kinds.KINDS[name]
    assert kind.__module__ == f"quizzes.kinds.{name}"
    for type_ in (kind, kind.Public, kind.Key):
        if type_ is not None:
            assert get_args(type_.model_fields["kind"].annotation) == (name,)


@pytest.mark.parametrize("name", sorted(kinds.KINDS.keys() - ELSEWHERE))
def test_a_kind_has_a_template_and_a_test_file(name) -> None:
    assert get_template(f"quizzes/kinds/{name}.html")
    assert (Path(__file__).parent / "kinds" / f"test_{name}.py").exists()


def test_an_unknown_kind_is_refused_with_all_that_are_known_in_alphabetical_order() -> None:
    with pytest.raises(
        kinds.UnknownKindError, match=f"unknown kind 'essay'; known are {', '.join(sorted(kinds.KINDS))}"
    ):
        kinds.parse({"kind": "essay"})


@pytest.mark.parametrize("body", [{}, {"kind": ["single_choice"]}, {"kind": "base"}, {"kind": "single_choice "}])
def test_what_is_no_kind_is_refused(body) -> None:
    with pytest.raises(kinds.UnknownKindError):
        kinds.parse(body)


def test_the_hash_knows_content_and_not_order() -> None:
    reordered = {key: CHOICE[key] for key in reversed(CHOICE)}
    assert kinds.content_hash(kinds.parse(CHOICE)) == kinds.content_hash(kinds.parse(reordered))
    assert kinds.content_hash(kinds.parse(CHOICE)) != kinds.content_hash(kinds.parse({**CHOICE, "key": "b"}))


@pytest.mark.parametrize("name", ["single_choice", "true_false", "ordering", "cloze", "flashcard"])
def test_the_hash_is_of_what_was_written_so_that_a_field_added_later_changes_none(name) -> None:
    written = json.dumps(EVERY[name], sort_keys=True, ensure_ascii=False)
    assert kinds.content_hash(kinds.parse(EVERY[name])) == hashlib.sha256(written.encode()).hexdigest()


def test_texts_fall_back_to_the_first_language_of_the_course() -> None:
    rendered = {"en": {"front": "F"}, "zh-hans": {"front": "正"}}
    assert kinds.in_locale(rendered, "zh-hans", "en") == {"front": "正"}
    assert kinds.in_locale(rendered, "de", "en") == {"front": "F"}
