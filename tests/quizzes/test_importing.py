from datetime import timedelta

import pytest

from courses.documents import read_yaml
from courses.ids import content_id
from quizzes.importing import SeenIds, check_questions, read_questions
from quizzes.models import Question, QuestionVersion, Quiz, Slot
from tests.quizzes.factories import NOW, QUESTIONS, import_yaml, make_course

LATER = NOW + timedelta(days=1)
WITHOUT_OUTPUT = QUESTIONS[: QUESTIONS.index("  - id: output")].replace("[nonlinear, output]", "[nonlinear]")
ONE = """
quiz: {id: q, texts: {en: {title: Q}}, questions: [a]}
questions:
  - id: a
    kind: single_choice
    choices: [x, y]
    key: x
    texts: {en: {prompt: P, choices: {x: {text: X}, y: {text: Y}}}}
"""


def problems_of(text):
    return [(problem.line, problem.message) for problem in read_questions(read_yaml(text, "q.yaml"))[1]]


def test_it_reads_questions_with_their_place_and_rendered_texts() -> None:
    draft, problems = read_questions(read_yaml(QUESTIONS, "q.yaml"))
    assert problems == []
    assert [question.id for question in draft.questions] == ["nonlinear", "output", "card-epoch"]
    assert draft.questions[0].line == 7
    assert "<strong>function</strong>" in draft.questions[0].rendered["en"]["prompt"]
    assert draft.quiz
    assert draft.quiz.entry.questions == ["nonlinear", "output"]


def test_an_empty_file_has_no_questions() -> None:
    draft, problems = read_questions(read_yaml("", "q.yaml"))
    assert (list(draft.questions), draft.quiz, problems) == ([], None, [])


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("key: x", "key: z", 4, "a: the key 'z' is none of the choices"),
        ("kind: single_choice", "kind: essay", 5, "unknown kind 'essay'"),
        ("    kind: single_choice\n", "", 4, "unknown kind None"),
        ("    key: x\n", "", 4, "a: key: Field required"),
        ("key: x", "key: x\n    keys: x", 8, "a: keys: Extra inputs are not permitted"),
        ("choices: [x, y]", "choices: [x, 1]", 6, "a: choices.1: Input should be a valid string"),
        ("y: {text: Y}", "z: {text: Y}", 4, "a: choices (en) without a text: y"),
        ("questions: [a]", "questions: [b]", 2, "quiz: there is no question 'b' in this file"),
        ("questions: [a]", "questions: [a, a]", 2, "quiz: 'a' stands twice"),
        ("questions: [a]", "questions: []", 2, "quiz: questions: List should have at least 1 item"),
        ("quiz:", "quizz:", 2, "unknown key 'quizz'"),
    ],
)
def test_a_fault_has_its_line_and_names_what_is_wrong(old, new, line, message) -> None:
    found = problems_of(ONE.replace(old, new, 1))
    assert any(where == line and message in text for where, text in found)


@pytest.mark.parametrize("text", ["[]", "questions: {}", "questions: [1]", "questions: [{id: 5}]", "quiz: 1", "x"])
def test_any_other_shape_is_a_problem_and_no_crash(text) -> None:
    assert problems_of(text)


def test_a_flashcard_has_no_slot() -> None:
    text = QUESTIONS.replace("[nonlinear, output]", "[nonlinear, card-epoch]")
    assert any("flashcard" in message for _, message in problems_of(text))


def test_the_course_is_checked_as_a_whole() -> None:
    draft, _ = read_questions(read_yaml(QUESTIONS, "q.yaml"))
    seen, problems = SeenIds(), []
    for sections in (["activations", "forward"], ["activations"]):
        problems += check_questions(
            draft, locales=["en", "de"], sections=sections, concepts=["activation-function"], seen=seen
        )
    messages = {problem.message for problem in problems}
    assert "nonlinear: this id stands twice in the course" in messages
    assert "nonlinear: no text in de" in messages
    assert "nonlinear: zh-hans is no language of the course" in messages
    assert "output: the lesson has no section 'forward'" in messages
    assert "output: the course has no concept 'forward-pass'" in messages
    assert "quiz first-steps: this id stands twice in the course" in messages
    assert all(problem.file == "q.yaml" and problem.line for problem in problems)


def test_it_writes_questions_versions_quiz_and_slots(db) -> None:
    course = make_course()
    question = Question.objects.get(slug="nonlinear")
    assert question.id == content_id("small", "question", "nonlinear")
    assert (question.section.slug, [concept.slug for concept in question.concepts.all()]) == (
        "activations",
        ["activation-function"],
    )
    assert (question.current.number, question.current.created_at) == (1, NOW)
    quiz = Quiz.objects.get()
    assert (quiz.title("zh-hans", "en"), quiz.title("de", "en")) == ("第一步", "First steps")
    assert [slot.question.slug for slot in quiz.slots.active()] == ["nonlinear", "output"]
    assert Question.objects.filter(course=course).count() == 3


def test_importing_again_writes_nothing(db, django_assert_max_num_queries) -> None:
    course = make_course()
    before = [list(model.objects.order_by("pk").values()) for model in (Question, QuestionVersion, Quiz, Slot)]
    with django_assert_max_num_queries(12) as queries:
        done = import_yaml(course, QUESTIONS, LATER)
    assert (done.created, done.new_versions, done.archived) == (0, 0, 0)
    assert not [query for query in queries if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert before == [list(model.objects.order_by("pk").values()) for model in (Question, QuestionVersion, Quiz, Slot)]


def test_changed_content_is_a_new_version_and_the_old_one_stays(db) -> None:
    course = make_course()
    done = import_yaml(course, QUESTIONS.replace("Depth needs", "Depth wants"), LATER)
    assert (done.created, done.new_versions) == (0, 1)
    question = Question.objects.get(slug="nonlinear")
    assert [version.number for version in question.versions.all()] == [1, 2]
    assert question.current.number == 2
    assert "Depth needs" in question.versions.get(number=1).rendered["en"]["feedback"]


def test_another_section_or_concept_is_no_new_version(db) -> None:
    course = make_course()
    done = import_yaml(course, QUESTIONS.replace("concepts: [activation-function]", "concepts: [forward-pass]"), LATER)
    assert done.new_versions == 0
    assert Question.objects.get(slug="nonlinear").concepts.get().slug == "forward-pass"


def test_what_vanished_is_archived_and_comes_back(db) -> None:
    course = make_course()
    done = import_yaml(course, WITHOUT_OUTPUT, LATER)
    assert done.archived == 2
    assert Question.objects.get(slug="output").archived_at == LATER
    assert [slot.question.slug for slot in Quiz.objects.get().slots.active()] == ["nonlinear"]
    assert set(Question.objects.published().values_list("slug", flat=True)) == {"nonlinear"}
    import_yaml(course, QUESTIONS, LATER)
    assert Question.objects.get(slug="output").archived_at is None
    assert Question.objects.get(slug="output").versions.count() == 1
    assert Quiz.objects.get().slots.active().count() == 2


def test_slots_keep_their_ids_when_the_order_changes(db) -> None:
    course = make_course()
    before = set(Slot.objects.values_list("id", flat=True))
    import_yaml(course, QUESTIONS.replace("[nonlinear, output]", "[output, nonlinear]"), LATER)
    assert set(Slot.objects.values_list("id", flat=True)) == before
    assert [slot.question.slug for slot in Quiz.objects.get().slots.active()] == ["output", "nonlinear"]


def test_the_shipped_course_imports_without_a_problem(shipped_course) -> None:
    quizzes = Quiz.objects.published().filter(lesson__course=shipped_course)
    assert quizzes.count() == shipped_course.lessons.filter(archived_at=None).count()
    for quiz in quizzes:
        kinds = set(quiz.slots.active().values_list("question__kind", flat=True))
        assert len(kinds) >= 4
    assert Question.objects.published().filter(kind="flashcard").exists()
