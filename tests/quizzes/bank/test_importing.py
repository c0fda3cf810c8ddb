"""Questions of a file into a course and out of it: looked at first, imported once, and the same ever after."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from courses import searching
from courses.models import Course, Lesson
from quizzes import kinds
from quizzes.bank import importing
from quizzes.bank.exporting import export
from quizzes.bank.formats import FORMATS, guess
from quizzes.bank.plan import WrongPlaceError, plan
from quizzes.interchange.items import Item
from quizzes.models import Question, QuestionVersion
from tests.quizzes.bank.samples import GIFT, empty_course, planned, rows, statuses
from tests.quizzes.factories import NOW, import_yaml, make_course
from tests.quizzes.kind_samples import EVERY, in_two_languages

pytestmark = pytest.mark.django_db
FILES = ["gift", "moodle_xml", "csv", "xlsx"]
"""Those that keep the ids of questions. Aiken is plain text."""


@pytest.fixture
def course(db: None) -> Course:
    return make_course()


def brought(course: Course, content: str | bytes = GIFT, name: str = "gift", locale: str = "en") -> importing.Applied:
    return importing.apply(planned(course, content, name, locale), now=NOW)


def question(course: Course, slug: str) -> Question:
    return Question.objects.select_related("current", "lesson").get(course=course, slug=slug)


def texts(course: Course, slug: str, locale: str) -> dict:
    return question(course, slug).current.body["texts"][locale]


# --- what is new -----------------------------------------------------------------------------------------------------


def test_a_plan_writes_nothing(course: Course) -> None:
    before = rows()
    assert statuses(planned(course)) == ["new", "new", "new"]
    assert rows() == before


def test_new_questions_stand_at_the_end_of_the_lesson_in_every_language(course: Course) -> None:
    last = max(Question.objects.values_list("position", flat=True))
    applied = brought(course)
    assert applied.counts == {"refused": 0, "changed": 0, "new": 3, "same": 0}
    slugs = [one.slug for one in applied.plan.planned]
    assert slugs[:2] == ["rate", "epoch"]
    assert re.fullmatch(r"q-[0-9a-f]{10}", slugs[2])
    assert [question(course, slug).position for slug in slugs] == [last + 1, last + 2, last + 3]
    new = question(course, "rate")
    assert (new.lesson.slug, [one.slug for one in new.concepts.all()]) == ("nets", ["activation-function"])
    assert texts(course, "rate", "zh-hans") == texts(course, "rate", "en")
    assert "<strong>far</strong>" in new.current.rendered["zh-hans"]["prompt"]
    assert "not translated" in applied.plan.planned[0].notes[-1]
    course.refresh_from_db()
    assert course.edited_at == NOW


def test_no_quiz_asks_them_and_a_search_finds_them(course: Course) -> None:
    brought(course)
    assert not question(course, "rate").slots.exists()
    (hit,) = searching.find(course, "far too large", "en").hits
    assert hit.entry.target == question(course, "rate").pk


def test_importing_again_changes_nothing(course: Course) -> None:
    brought(course)
    before = rows()
    again = importing.apply(planned(course), now=timezone.now())
    assert statuses(again.plan) == ["same", "same", "same"]
    assert rows() == before


def test_without_a_lesson_each_goes_where_its_category_says(course: Course) -> None:
    content = f"$CATEGORY: somewhere/nets\n\nOne?{{T}}\n\n$CATEGORY: elsewhere\n\n{GIFT}"
    found = planned(course, content, lesson=None)
    assert statuses(found) == ["new", "refused", "refused", "refused"]
    assert "“elsewhere”" in found.planned[1].why
    importing.apply(found, now=NOW)
    assert Question.objects.filter(course=course, slug__startswith="q-").get().lesson.slug == "nets"


def test_a_concept_that_the_course_does_not_have_is_said(course: Course) -> None:
    found = planned(course, "// [tag:unheard-of]\n::One::One?{T}")
    assert statuses(found) == ["new"]
    assert "unheard-of" in " ".join(found.planned[0].notes)
    importing.apply(found, now=NOW)
    assert not question(course, "one").concepts.exists()


# --- what is refused -------------------------------------------------------------------------------------------------


def test_what_the_reader_refuses_stays_out_and_the_rest_comes_in(course: Course) -> None:
    found = planned(course, "Write an essay.{}\n\n::Kept::Two?{T}")
    assert statuses(found) == ["refused", "new"]
    assert found.planned[0].is_readers
    assert "essay" in found.planned[0].why.lower()
    importing.apply(found, now=NOW)
    assert Question.objects.filter(course=course, slug="kept").exists()


def test_the_second_of_two_with_one_id_is_refused(course: Course) -> None:
    found = planned(course, "// [id:one]\nOne?{T}\n\n// [id:one]\nTwo?{T}")
    assert statuses(found) == ["new", "refused"]
    assert "first in line 2" in found.planned[1].why


def test_two_with_one_title_are_told_apart_by_what_they_ask(course: Course) -> None:
    found = planned(course, "::Q::One?{T}\n\n::Q::Two?{T}")
    first, second = (one.slug for one in found.planned)
    assert first != second
    assert first.startswith("q-")
    assert statuses(found) == ["new", "new"]


def test_a_question_keeps_its_kind(course: Course) -> None:
    found = planned(course, "// [id:nonlinear]\nIs it linear?{T}")
    assert statuses(found) == ["refused"]
    assert "single_choice" in found.planned[0].why


def test_a_challenge_cannot_come_from_a_file(course: Course) -> None:
    item = Item(1, "", "target", {"kind": "challenge", "texts": {"en": {"prompt": "Train."}}})
    found = plan(course, Lesson.objects.get(course=course), [item], "en", FORMATS["gift"])
    assert statuses(found) == ["refused"]


def test_a_language_or_a_lesson_of_another_course_is_refused(course: Course) -> None:
    other = empty_course("other")
    with pytest.raises(WrongPlaceError, match="not written in fr"):
        planned(course, locale="fr")
    with pytest.raises(WrongPlaceError, match="no lesson"):
        plan(course, Lesson.objects.get(course=other), [], "en", FORMATS["gift"])


# --- what is changed -------------------------------------------------------------------------------------------------


def test_other_languages_keep_their_texts_and_copies_follow(course: Course) -> None:
    brought(course)
    content = export(course, None, "en", FORMATS["gift"]).content.decode()
    content = content.replace("far** too", "much** too").replace("Depth needs", "A net needs")
    found = planned(course, content)
    assert {one.slug: one.status for one in found.planned if one.status != "same"} == {
        "nonlinear": "changed",
        "rate": "changed",
    }
    importing.apply(found, now=NOW)
    assert "much" in texts(course, "rate", "zh-hans")["prompt"]
    assert texts(course, "nonlinear", "en")["feedback"] == "A net needs non-linearity."
    assert texts(course, "nonlinear", "zh-hans")["prompt"] == "密集层之后通常是……函数"
    mended = question(course, "nonlinear")
    assert (mended.current.number, mended.section.slug, mended.position) == (2, "activations", 1)


def test_a_choice_keeps_its_id_where_the_format_has_none(course: Course) -> None:
    content = export(course, None, "en", FORMATS["gift"]).content.decode()
    assert "nonlinear" not in content.split("::nonlinear::")[1]
    brought(course, content.replace("=non-linear", "=not linear").replace("~constant", "~always constant"))
    mended = question(course, "nonlinear").current.body
    assert (mended["choices"], mended["key"]) == (["nonlinear", "linear", "constant"], "nonlinear")
    assert mended["texts"]["en"]["choices"]["constant"]["text"] == "always constant"
    assert mended["texts"]["zh-hans"]["choices"]["constant"]["text"] == "常数"


NUMBER_AND_BLANK = """
questions:
  - id: sum
    kind: numeric
    key: 3
    mistakes: {product: 2, forgot: 1}
    texts:
      en: {prompt: One plus two?, mistakes: {product: That is the product., forgot: And the two?}}
      zh-hans: {prompt: 一加二？, mistakes: {product: 这是乘积。, forgot: 那二呢？}}
  - id: gap
    kind: cloze
    blanks: {word: {input: choose, options: [up, down], key: down}}
    texts:
      en: {text: "The loss goes [[word]] hopefully.", blanks: {word: {options: {up: rising, down: falling}}}}
      zh-hans: {text: "损失[[word]]。", blanks: {word: {options: {up: 上升, down: 下降}}}}
"""


def test_so_does_a_mistake_and_a_blank(course: Course) -> None:
    import_yaml(course, NUMBER_AND_BLANK)
    content = export(course, None, "en", FORMATS["gift"]).content.decode()
    found = planned(course, content.replace("One plus", "1 plus").replace("hopefully", "in the end"))
    assert statuses(found) == ["changed", "changed"]
    importing.apply(found, now=NOW)
    assert question(course, "sum").current.body["mistakes"] == {"product": 2, "forgot": 1}
    assert texts(course, "sum", "zh-hans")["mistakes"]["forgot"] == "那二呢？"
    assert texts(course, "gap", "en")["text"] == "The loss goes [[word]] in the end."
    assert texts(course, "gap", "en")["blanks"] == {"word": {"options": {"up": "rising", "down": "falling"}}}


def test_a_change_that_other_languages_do_not_fit_is_refused(course: Course) -> None:
    content = "// [id:nonlinear]\nWhat comes after a dense layer?{=Something bent ~Something straight}"
    (refused,) = planned(course, content).planned
    assert refused.status == "refused"
    assert "The texts in zh-hans do not fit" in refused.why


def test_one_language_of_a_course_in_one_may_get_other_choices(course: Course) -> None:
    alone = empty_course("alone")
    brought(alone)
    applied = brought(alone, GIFT.replace("=It grows", "=It explodes"))
    assert [one.status for one in applied.plan.planned] == ["changed", "same", "same"]


def test_concepts_of_the_file_take_the_place_of_those_that_are_there(course: Course) -> None:
    content = export(course, None, "en", FORMATS["gift"]).content.decode()
    found = planned(course, content.replace("[tag:activation-function]", "[tag:forward-pass]"))
    (changed,) = found.of("changed")
    assert changed.changed == ("concepts",)
    versions = QuestionVersion.objects.count()
    importing.apply(found, now=NOW)
    assert [one.slug for one in question(course, changed.slug).concepts.all()] == ["forward-pass"]
    assert QuestionVersion.objects.count() == versions


def test_a_file_that_names_no_concepts_leaves_those_that_are_there(course: Course) -> None:
    brought(course)
    found = planned(course, GIFT.replace(" [tag:activation-function]", ""))
    assert statuses(found) == ["same", "same", "same"]


def test_an_archived_question_comes_back_at_the_end(course: Course) -> None:
    brought(course)
    Question.objects.filter(course=course, slug="rate").update(archived_at=NOW)
    found = planned(course)
    assert statuses(found) == ["changed", "same", "same"]
    importing.apply(found, now=NOW)
    back = question(course, "rate")
    assert (back.archived_at, back.current.number) == (None, 1)
    assert back.position == max(Question.objects.filter(course=course).values_list("position", flat=True))


# --- out and in again ------------------------------------------------------------------------------------------------


def every_kind() -> str:
    """A `questions.yaml` with one question of each kind that a file may hold."""
    entries = []
    for kind, body in EVERY.items():
        if kind != "challenge":
            entries.append({"id": kind.replace("_", "-"), "concepts": ["forward-pass"], **in_two_languages(body)})
    return kinds.json.dumps({"questions": entries})


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("locale", ["en", "zh-hans"])
def test_out_and_in_again_is_the_same(course: Course, name: str, locale: str) -> None:
    import_yaml(course, every_kind())
    before = rows()
    written = export(course, None, locale, FORMATS[name])
    assert written.asked == len(EVERY) - 1  # no challenge
    found = planned(course, written.content, name, locale)
    assert found.planned
    assert {one.status for one in found.planned} == {"same"}, [
        (one.slug, one.status, one.why, one.remarks) for one in found.planned if one.status != "same"
    ]
    importing.apply(found, now=timezone.now())
    assert rows() == before


@pytest.mark.parametrize("name", FILES)
def test_a_course_goes_over_into_another_to_the_letter(course: Course, name: str) -> None:
    import_yaml(course, every_kind())
    first = export(course, None, "en", FORMATS[name])
    other = empty_course("another")
    applied = brought(other, first.content, name)
    assert {one.status for one in applied.plan.planned} == {"new"}
    second = export(other, None, "en", FORMATS[name])
    again = empty_course("a-third")
    brought(again, second.content, name)
    third = export(again, None, "en", FORMATS[name])
    if name == "xlsx":  # packed: what stands in the sheet is compared
        read = [FORMATS[name].read(one.content, "en") for one in (first, second, third)]
        same = [[(one.id, one.title, one.body, one.concepts) for one in items] for items in read]
        assert same[0] == same[1] == same[2]
    else:
        assert second.content.replace(b"another/", b"small/") == first.content
        assert third.content.replace(b"a-third/", b"small/") == first.content


def test_what_a_format_cannot_hold_is_said(course: Course) -> None:
    left_out = export(course, None, "en", FORMATS["aiken"]).left_out
    assert {one.question.slug for one in left_out} == {"nonlinear", "output", "card-epoch"}
    assert all(one.why for one in left_out)


def test_of_one_lesson_only(course: Course) -> None:
    lesson = Lesson.objects.get(course=course)
    assert export(course, lesson, "en", FORMATS["gift"]) == export(course, None, "en", FORMATS["gift"])
    assert export(empty_course("none"), None, "en", FORMATS["gift"]).asked == 0


def test_a_formats_silence_is_no_change(course: Course) -> None:
    """Aiken has no ids and no feedback: the question is known by what it asks, and keeps the rest."""
    found = planned(course, export(course, None, "en", FORMATS["aiken"]).content, "aiken")
    assert [(one.slug, one.status) for one in found.planned] == [("nonlinear", "same")]


# --- which format it is ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("called", ["", "questions", "questions.txt", "../../etc/passwd", "x" * 5_000])
def test_the_format_is_found_without_being_told(course: Course, name: str, called: str) -> None:
    content = export(course, None, "en", FORMATS[name]).content
    assert guess(called, content).name == name
    assert guess(f"a.b{FORMATS[name].ending.upper()}", content).name == name


@pytest.mark.parametrize("content", [b"", b"\0", b"\xff\xfe\0\0", b"<", b"PK\x03\x04", b"kind", b"ANSWER", b"{" * 9])
def test_anything_has_a_format(content: bytes) -> None:
    assert guess("", content).name in FORMATS


# --- two at once -----------------------------------------------------------------------------------------------------


def test_what_changed_since_it_was_shown_is_not_imported(course: Course) -> None:
    shown = planned(course)
    brought(course, GIFT.replace("far", "much"))
    before = rows()
    with pytest.raises(importing.ChangedMeanwhileError) as told:
        importing.apply(shown, now=NOW)
    assert [one.status for one in told.value.plan.planned] == ["changed", "same", "same"]
    assert rows() == before


@pytest.mark.parametrize("what", ["concept", "lesson", "elsewhere"])
def test_whatever_else_changed_counts_only_if_it_matters(course: Course, what: str) -> None:
    shown = planned(course)
    if what == "concept":
        course.concepts.filter(slug="activation-function").update(archived_at=NOW)
    elif what == "lesson":
        Lesson.objects.filter(course=course).update(archived_at=NOW)
    else:
        Question.objects.filter(course=course, slug="card-epoch").update(archived_at=NOW)
    if what == "elsewhere":
        assert importing.apply(shown, now=NOW).counts["new"] == 3
    else:
        with pytest.raises((importing.ChangedMeanwhileError, WrongPlaceError)):
            importing.apply(shown, now=NOW)
        assert not Question.objects.filter(slug="rate").exists()


def test_the_plan_that_somebody_agreed_to_is_the_one_that_counts(course: Course) -> None:
    with pytest.raises(importing.ChangedMeanwhileError):
        importing.apply(planned(course), expected="0" * 64, now=NOW)
    assert not Question.objects.filter(slug="rate").exists()


# --- many ------------------------------------------------------------------------------------------------------------


def test_a_thousand_take_few_queries(course: Course) -> None:
    content = "\n\n".join(
        f"// [id:many-{number}]\n[markdown]What is **{number}** plus one?"
        f"{{={number + 1}#Yes, *right*. ~{number}#No. ~{number + 2}}}"
        for number in range(1_000)
    )
    with CaptureQueriesContext(connection) as planning:
        found = planned(course, content)
    with CaptureQueriesContext(connection) as applying:
        importing.apply(found, now=NOW)
    with CaptureQueriesContext(connection) as again:
        assert found.counts["new"] == planned(course, content).counts["same"] == 1_000
    assert len(planning) <= 10
    assert len(applying) <= 80
    assert len(again) <= 10
