"""Importing writes a course once, archives what vanished, and brings it back with its history."""

import datetime

import pytest
from django.utils import timezone

from courses.ids import content_id
from courses.importing import import_course
from courses.models import Course, Lesson, LessonBody, Section
from courses.parsing import open_course, read_lessons
from courses.progress import advance

NOW = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)


def run(folder):
    parsed = open_course(folder)
    lessons = list(read_lessons(parsed))
    return import_course(parsed, lessons, now=NOW)


def test_it_writes_a_course_with_the_same_ids_everywhere(folder, db):
    course = run(folder)

    assert course.pk == content_id("small-course", "course", "small-course")
    assert [text.title for text in course.texts.order_by("locale")] == ["A small course", "小课程"]
    lesson = course.lessons.get(slug="neurons")
    assert lesson.pk == content_id("small-course", "lesson", "neurons")
    assert lesson.body("zh-hans").title == "神经元"
    assert [section.slug for section in lesson.sections.in_order()] == ["what-a-neuron-is", "training", "going-on"]
    assert [part.get("directive", "html") for part in lesson.body("en").parts] == [
        "html", "question", "html", "preset", "html",
    ]  # fmt: skip
    concept = course.concepts.get(slug="learning-rate")
    assert {section.slug for section in concept.sections.all()} == {"step-size", "training"}
    assert "<mark>step size</mark>" in concept.text("en", "en").definition_html
    assert "<math" in course.concepts.get(slug="neuron").text("zh-hans", "en").definition_html


def test_it_writes_nothing_the_second_time(folder, db, django_assert_max_num_queries):
    run(folder)
    with django_assert_max_num_queries(20) as captured:
        run(folder)
    assert not [query for query in captured if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]


def test_it_updates_only_what_changed(folder, spoil, db):
    run(folder)
    before = LessonBody.objects.get(lesson__slug="neurons", locale="zh-hans").pk
    run(spoil("01-neurons/lesson.en.md", "The end.", "Really the end."))

    assert "Really the end." in LessonBody.objects.get(lesson__slug="neurons", locale="en").markdown
    assert LessonBody.objects.get(lesson__slug="neurons", locale="zh-hans").pk == before


def test_it_refuses_a_course_with_errors(spoil, db):
    folder = spoil("01-neurons/lesson.en.md", "{two-three-two}", "{three}")
    with pytest.raises(ValueError, match="errors"):
        run(folder)
    assert not Course.objects.exists()


def test_it_archives_what_vanished_and_brings_it_back(folder, spoil, db, learner):
    run(folder)
    gone = Lesson.objects.get(slug="learning-rate")
    advance(learner, gone, 0.5, ["step-size"], now=timezone.now())
    spoil("course.yaml", "[01-neurons, 02-learning-rate]", "[01-neurons]")
    spoil("course.yaml", "[learning-rate/step-size, neurons/training]", "[neurons/training]")
    spoil("01-neurons/lesson.en.md", "[the next lesson](../learning-rate/#step-size)", "the next lesson")
    spoil("01-neurons/lesson.zh-hans.md", "[下一课](../learning-rate/#step-size)", "下一课")
    run(folder)

    gone.refresh_from_db()
    assert gone.archived_at == NOW
    assert not Lesson.objects.published().filter(pk=gone.pk).exists()
    spoil("course.yaml", "[01-neurons]", "[01-neurons, 02-learning-rate]")
    run(folder)
    gone.refresh_from_db()
    assert gone.archived_at is None
    assert gone.progress.get().position == 0.5


def test_it_archives_sections_and_concepts(folder, spoil, db):
    run(folder)
    for locale, title in (("en", "Going on"), ("zh-hans", "继续")):
        spoil(f"01-neurons/lesson.{locale}.md", f"### {title} {{#going-on}}\n", "")
    text = (folder / "course.yaml").read_text()
    (folder / "course.yaml").write_text(text[: text.index("  - id: learning-rate")])
    course = run(folder)

    assert Section.objects.get(slug="going-on").archived_at == NOW
    assert course.concepts.get(slug="learning-rate").archived_at == NOW
    assert course.concepts.published().count() == 1


def test_it_drops_the_texts_of_a_language_that_vanished(folder, spoil, db):
    run(folder)
    spoil("course.yaml", "[en, zh-hans]", "[en]")
    spoil("course.yaml", "  zh-hans: {title: 小课程, summary: 供测试使用的两节课。}\n", "")
    spoil("course.yaml", '      zh-hans: {name: 神经元, definition: "把加权和变成一个数的节点，$a = f(z)$。"}\n', "")
    spoil("course.yaml", '      zh-hans: {name: 学习率, definition: "权重更新的==步长==。"}\n', "")
    course = run(folder)
    assert [text.locale for text in course.texts.all()] == ["en"]
    assert not LessonBody.objects.filter(locale="zh-hans").exists()
