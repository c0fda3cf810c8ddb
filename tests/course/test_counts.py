"""Each lesson of the shipped course has its measure: words, questions, cards, something to train, and its concepts."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.course.shipped import Lesson, lessons, manifest

WORDS, CHARACTERS = (600, 1200), (1200, 2600)
FEWEST_GRADED, FEWEST_KINDS, FEWEST_CARDS, FEWEST_CHECKPOINTS, FEWEST_CONCEPTS = 6, 4, 8, 2, 40

each_lesson = pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.folder)
each_concept = pytest.mark.parametrize("concept", manifest()["concepts"], ids=lambda concept: concept["id"])


def test_the_course_has_ten_lessons_in_order() -> None:
    numbers = [lesson.folder.split("-", 1)[0] for lesson in lessons()]

    assert numbers == [f"{number:02}" for number in range(1, 11)]


@each_lesson
def test_a_lesson_is_as_long_as_it_should_be(lesson: Lesson) -> None:
    words, characters = lesson.words("en"), lesson.characters("zh-hans")

    assert WORDS[0] <= words <= WORDS[1], f"{lesson.folder}: {words} English words, not {WORDS[0]} to {WORDS[1]}"
    assert CHARACTERS[0] <= characters <= CHARACTERS[1], (
        f"{lesson.folder}: {characters} Chinese characters, not {CHARACTERS[0]} to {CHARACTERS[1]}"
    )


@each_lesson
def test_a_lesson_has_the_same_parts_in_every_language(lesson: Lesson) -> None:
    sections = {locale: lesson.sections(locale) for locale in manifest()["locales"]}
    directives = {locale: lesson.directives(locale) for locale in manifest()["locales"]}

    assert sections["en"], f"{lesson.folder}: no sections"
    assert sections["zh-hans"] == sections["en"], f"{lesson.folder}: other sections in Chinese"
    assert sections["en"][-1] == "keep", f"{lesson.folder}: the last section is not “What to keep”"
    assert directives["zh-hans"] == directives["en"], f"{lesson.folder}: other directives in Chinese"


@each_lesson
def test_a_quiz_asks_enough_and_in_several_ways(lesson: Lesson) -> None:
    kinds = Counter(question["kind"] for question in lesson.graded)

    assert kinds.total() >= FEWEST_GRADED, f"{lesson.folder}: {kinds.total()} graded questions, not {FEWEST_GRADED}"
    assert len(kinds) >= FEWEST_KINDS, f"{lesson.folder}: only {len(kinds)} kinds of questions: {', '.join(kinds)}"


@each_lesson
def test_a_quiz_asks_only_what_there_is(lesson: Lesson) -> None:
    unknown = [question for question in lesson.quiz if question not in lesson.questions]

    assert not unknown, f"{lesson.folder}: the quiz asks {unknown}, which are not among its questions"


@each_lesson
def test_a_lesson_has_cards_and_something_to_train(lesson: Lesson) -> None:
    assert len(lesson.cards) >= FEWEST_CARDS, f"{lesson.folder}: {len(lesson.cards)} flashcards, not {FEWEST_CARDS}"
    assert lesson.experiments, f"{lesson.folder}: no experiment"
    assert len(lesson.challenges) == 1, f"{lesson.folder}: {len(lesson.challenges)} challenges, not one"


@each_lesson
def test_a_text_places_its_checkpoints_experiments_and_challenge(lesson: Lesson) -> None:
    for locale in manifest()["locales"]:
        checkpoints = lesson.shown(locale, "question")
        graded = {question["id"] for question in lesson.graded}
        enough = len(set(checkpoints) & graded) >= FEWEST_CHECKPOINTS

        assert enough, f"{lesson.folder}, {locale}: the checkpoints are {checkpoints}, not {FEWEST_CHECKPOINTS}"
        assert lesson.shown(locale, "preset"), f"{lesson.folder}, {locale}: the text shows no experiment"
        assert lesson.shown(locale, "challenge") == lesson.challenges, (
            f"{lesson.folder}, {locale}: the text does not place the challenge once"
        )


def test_the_course_explains_enough_concepts() -> None:
    assert len(manifest()["concepts"]) >= FEWEST_CONCEPTS, f"only {len(manifest()['concepts'])} concepts"


@each_concept
def test_a_concept_is_explained_asked_and_carded(concept: dict[str, Any]) -> None:
    missing = [*_missing(concept)]

    assert not missing, f"{concept['id']}: {'; '.join(missing)}"


def _missing(concept: dict[str, Any]) -> Iterator[str]:
    if not concept["explained_in"]:
        yield "explained in no section"
    for place in concept["explained_in"]:
        slug, _, section = place.partition("/")
        lesson = next((lesson for lesson in lessons() if lesson.slug == slug), None)
        if lesson is None or section not in lesson.sections("en"):
            yield f"there is no section {place} to explain it"
    name = concept["id"]
    if not any(name in question["concepts"] for lesson in lessons() for question in lesson.graded):
        yield "no quiz asks it"
    if not any(name in card["concepts"] for lesson in lessons() for card in lesson.cards):
        yield "no flashcard has it"
