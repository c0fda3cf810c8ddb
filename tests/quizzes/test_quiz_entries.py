"""How a quiz is written: slots, draws and rules, from the file to the rows and back."""

import re
from pathlib import Path

import pytest

from courses.documents import read_yaml
from courses.models import Lesson
from quizzes.exporting import lesson_questions
from quizzes.importing import SeenIds, check_questions, read_questions
from quizzes.models import Quiz, Slot
from tests.quizzes.factories import NOW, QUESTIONS, import_yaml, make_course

DOCS = (Path(__file__).resolve().parents[2] / "docs" / "quizzes.md").read_text()
WRITTEN = """slots:
    - {question: nonlinear, mark: 2}
    - {draw: {concept: forward-pass, difficulty: 2}, count: 2, mark: 0.5}
    - {draw: {kind: single_choice}}
  rules: {behaviour: deferred, time_limit: 600, closes: 2026-05-01T12:00:00+02:00, shown: {marks: [after]}}"""


def with_quiz(written: str) -> str:
    return QUESTIONS.replace("questions: [nonlinear, output]", written)


def problems(written: str) -> list[str]:
    draft, found = read_questions(read_yaml(with_quiz(written), "questions.yaml"))
    found += check_questions(
        draft,
        locales=["en", "zh-hans"],
        sections=["activations", "forward"],
        concepts=["activation-function", "forward-pass"],
        seen=SeenIds(),
    )
    return [f"{problem.line}: {problem.message}" for problem in found]


def entry(course) -> dict:
    return lesson_questions(Lesson.objects.get(course=course), ["en", "zh-hans"]).file["quiz"]


@pytest.mark.django_db
def test_slots_draws_and_rules_become_rows_and_come_back() -> None:
    course = make_course(questions=with_quiz(WRITTEN))
    slots = Slot.objects.active().order_by("position").values_list("question__slug", "draw", "mark")
    drawn = {"concept": "forward-pass", "difficulty": 2}
    assert list(slots) == [
        ("nonlinear", None, 2.0),
        (None, drawn, 0.5),
        (None, drawn, 0.5),
        (None, {"kind": "single_choice"}, 1.0),
    ]
    rules = Quiz.objects.get().parsed_rules
    assert (rules.behaviour, rules.time_limit, rules.shown.marks) == ("deferred", 600, ["after"])
    assert (rules.closes.hour, rules.closes.utcoffset().total_seconds()) == (12, 7200)
    back = entry(course)
    assert back["slots"] == [
        {"question": "nonlinear", "mark": 2.0},
        {"draw": drawn, "mark": 0.5, "count": 2},
        {"draw": {"kind": "single_choice"}},
    ]
    assert back["rules"]["closes"] == "2026-05-01T12:00:00+02:00"


@pytest.mark.django_db
def test_importing_it_again_changes_no_row() -> None:
    course = make_course(questions=with_quiz(WRITTEN))
    before = [list(model.objects.order_by("pk").values()) for model in (Quiz, Slot)]
    import_yaml(course, with_quiz(WRITTEN), NOW)
    assert [list(model.objects.order_by("pk").values()) for model in (Quiz, Slot)] == before


@pytest.mark.django_db
def test_a_quiz_without_rules_is_written_as_short_as_it_was() -> None:
    assert entry(make_course()).keys() == {"id", "texts", "questions"}


@pytest.mark.django_db
def test_the_difficulty_of_a_question_comes_back() -> None:
    course = make_course(questions=QUESTIONS.replace("  - id: output", "  - id: output\n    difficulty: 3"))
    questions = lesson_questions(Lesson.objects.get(course=course), ["en"]).file["questions"]
    assert [question.get("difficulty") for question in questions] == [None, 3, None]


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("questions: [nonlinear]\n  slots: [{question: output}]", "2: quiz: a quiz has questions, or slots"),
        ("slots: [{mark: 2}]", "5: quiz: slots.0: a slot names a question, or what to draw"),
        ("slots: [{question: nonlinear, count: 2}]", "5: quiz: slots.0: count belongs to a draw"),
        ("slots: [{question: nonlinear, mark: 0}]", "5: quiz: slots.0.mark: Input should be greater than 0"),
        ("slots: [{draw: {}}]", "5: quiz: slots.0.draw: a draw names a concept, a kind, a difficulty or a lesson"),
        (
            "slots: [{draw: {difficulty: 4}}]",
            "5: quiz: slots.0.draw.difficulty: Input should be less than or equal to 3",
        ),
        ("slots: [{question: card-epoch}]", "5: quiz: 'card-epoch' is a flashcard, which nobody can mark"),
        ("slots: [{question: nonlinear}, {question: nonlinear}]", "5: quiz: 'nonlinear' stands twice"),
        ("slots: [{draw: {concept: magic}}]", "quiz first-steps: the course has no concept 'magic' to draw from"),
        (
            "questions: [nonlinear]\n  rules: {tries: 1}",
            "6: quiz: rules.tries: Input should be greater than or equal to 2",
        ),
        ("questions: [nonlinear]\n  rules: {colour: red}", "6: quiz: rules.colour: Extra inputs are not permitted"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(written, message) -> None:
    (found,) = problems(written)
    assert message in found


def test_a_kind_that_nobody_can_draw_names_those_that_can_be_drawn() -> None:
    (found,) = problems("slots: [{draw: {kind: flashcard}}]")
    assert "no question of the kind 'flashcard' can be drawn" in found
    assert "single_choice" in found


def test_two_hundred_places_are_the_most() -> None:
    assert problems("slots: [{draw: {lesson: nets}, count: 100}, {draw: {lesson: nets}, count: 100}]") == []
    assert (
        "at most 200 places"
        in problems(
            "slots: [{draw: {lesson: nets}, count: 100}, {draw: {lesson: nets}, count: 100}, {question: output}]"
        )[0]
    )


@pytest.mark.parametrize("block", re.findall(r"```yaml\n(  .*?)```", DOCS, re.DOTALL))
def test_what_the_docs_show_can_be_read(block) -> None:
    """The ids in it are of the course that it talks of."""
    ids = {"rate-names": "nonlinear", "learning-rate": "forward-pass"}
    written = re.sub("|".join(ids), lambda found: ids[found[0]], block.strip("\n").removeprefix("  "))
    assert problems(written if "slots" in written else f"questions: [nonlinear]\n  {written}") == []
