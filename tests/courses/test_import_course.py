"""`import_course`: everything of a folder or nothing, once, and quickly the second time."""

import time

import pytest
from django.core.management import CommandError, call_command

from courses.models import Course, Lesson
from quizzes.models import Question, Quiz
from sandbox.models import Preset

pytestmark = pytest.mark.django_db


def test_it_imports_lessons_questions_and_experiments(folder, capsys):
    call_command("import_course", str(folder))

    assert "/courses/small-course/" in capsys.readouterr().out
    assert Lesson.objects.published().count() == 2
    assert set(Question.objects.values_list("slug", flat=True)) == {"what-it-adds", "card-neuron"}
    assert Quiz.objects.get().lesson.slug == "neurons"
    assert Preset.objects.get().lesson_id == Lesson.objects.get(slug="neurons").pk


def test_it_is_quick_and_writes_nothing_the_second_time(folder, capsys, django_assert_max_num_queries):
    call_command("import_course", str(folder), verbosity=0)
    began = time.perf_counter()
    with django_assert_max_num_queries(1):
        call_command("import_course", str(folder), skip_checks=True)
    assert time.perf_counter() - began < 0.5
    assert "unchanged" in capsys.readouterr().out


def test_it_imports_again_what_was_archived(folder):
    call_command("import_course", str(folder), verbosity=0)
    Course.objects.update(archived_at="2026-01-01T00:00Z")
    call_command("import_course", str(folder), verbosity=0)
    assert Course.objects.published().count() == 1


LESSON, QUESTIONS, EXPERIMENTS = (
    f"01-neurons/{name}" for name in ("lesson.en.md", "questions.yaml", "experiments.yaml")
)
CHINESE = "      zh-hans: {title: 两个圆环, summary: 看损失如何变化。}\n"


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "words"),
    [
        (LESSON, "{two-three-two}", "{three}", 22, "no preset"),
        (QUESTIONS, "key: products", "key: names-of", 8, "what-it-adds"),
        (QUESTIONS, "[neuron]", "[atom]", 8, "atom"),
        (QUESTIONS, "section: what-a-neuron-is", "section: gone", 8, "gone"),
        (EXPERIMENTS, "epochs: 5", "epochs: 10000", 15, ""),
        (EXPERIMENTS, "units: 3", "units: true", 11, ""),
        (EXPERIMENTS, "section: training", "section: gone", 2, "gone"),
        (EXPERIMENTS, CHINESE, "", 2, "no text in zh-hans"),
        (EXPERIMENTS, "experiments:", "experiment:", 1, "experiments"),
    ],
)
def test_it_names_file_and_line_and_imports_nothing(spoil, capsys, file, old, new, line, words):
    folder = spoil(file, old, new)
    with pytest.raises(CommandError, match="Nothing was imported"):
        call_command("import_course", str(folder))
    printed = capsys.readouterr().err.splitlines()
    assert [text for text in printed if text.startswith(f"{folder}/{file}:{line}: ") and words in text], printed
    assert not Course.objects.exists()


def test_it_leaves_the_old_course_if_the_new_one_has_errors(folder, spoil):
    call_command("import_course", str(folder), verbosity=0)
    spoil("01-neurons/lesson.en.md", "title: Neurons", "title: Nerves")
    spoil("01-neurons/experiments.yaml", "units: 3", "units: -3")
    with pytest.raises(CommandError):
        call_command("import_course", str(folder))
    assert Lesson.objects.get(slug="neurons").body("en").title == "Neurons"


def test_it_takes_everything_back_if_a_part_fails(folder, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("disk full")

    monkeypatch.setattr("sandbox.importing.import_presets", fail)
    with pytest.raises(RuntimeError):
        call_command("import_course", str(folder))
    assert not Course.objects.exists()
    assert not Question.objects.exists()


def test_it_only_looks_when_asked_to_check(folder, spoil, capsys):
    call_command("import_course", str(folder), "--check")
    assert "no errors" in capsys.readouterr().out
    assert not Course.objects.exists()
    spoil("01-neurons/lesson.en.md", "{two-three-two}", "{three}")
    with pytest.raises(CommandError):
        call_command("import_course", str(folder), "--check")


def test_it_prints_warnings_and_imports(folder, capsys):
    (folder / "01-neurons" / "question.yaml").write_text("")
    call_command("import_course", str(folder))
    assert "question.yaml: warning: Nothing reads this file." in capsys.readouterr().err
    assert Course.objects.exists()


def test_it_imports_the_shipped_course_without_a_warning(shipped_course, capsys):
    assert shipped_course.locales == ["en", "zh-hans"]
    assert capsys.readouterr().err == ""
