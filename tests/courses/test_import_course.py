"""`import_course`: everything of a folder or nothing, once, and quickly the second time."""

import io
import shutil
import subprocess
import sys
import time
import tracemalloc

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from courses.folders import MANY_LESSONS, check_folder, write_folder
from courses.models import Course, Lesson
from quizzes.models import Question, Quiz
from sandbox.models import Preset
from tests.courses.long_course import make_course
from tests.courses.test_parsing import PICTURE
from tests.servers import ROOT

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


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_it_counts_the_lessons_on_a_terminal_and_nowhere_else(folder):
    call_command("import_course", str(folder), stderr=(terminal := Terminal()))
    printed = terminal.getvalue().split("\r\033[K")
    assert [line for line in printed if line] == [
        "checking: 1 of 2 lessons",
        "writing texts: 1 of 2 lessons",
        "writing questions: 1 of 2 lessons",
    ]
    assert printed[-1] == ""
    Course.objects.update(archived_at="2026-01-01T00:00Z")
    call_command("import_course", str(folder), stderr=(file := io.StringIO()))
    assert file.getvalue() == ""


def test_whoever_asks_is_told_how_far_it_is(folder):
    told = []
    write_folder(check_folder(folder, lambda *progress: told.append(progress)), lambda *progress: told.append(progress))
    assert told == [
        (done, 2, what) for what in ("checking", "writing texts", "writing questions") for done in (1, 2)
    ]  # fmt: skip


def test_a_long_course_needs_no_more_of_anything_for_a_lesson(tmp_path):
    """Queries are counted for each lesson; numbers of folders may have three digits."""
    counts = []
    for lessons in (1, 4):
        folder = make_course(tmp_path / str(lessons), lessons, f"course-{lessons}")
        with CaptureQueriesContext(connection) as queries:
            write_folder(check_folder(folder))
        counts.append(len(queries))
    assert (counts[1] - counts[0]) / 3 <= 30
    assert Lesson.objects.get(course__slug="course-4", slug="lesson-4").folder == "004-lesson-4"


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_lessons(tmp_path, monkeypatch):
    """A lesson is a hundred kilobytes of texts; what stays of it are a few of ids. The index is made apart."""
    monkeypatch.setattr("courses.folders.index_course", lambda course, asked: 0)
    write_folder(check_folder(make_course(tmp_path / "first", 2)))  # whatever is built once
    peaks = []
    for lessons in (3, 13):
        folder = make_course(tmp_path / str(lessons), lessons)
        tracemalloc.start()
        write_folder(check_folder(folder))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert (peaks[1] - peaks[0]) / 10 < 30_000


@pytest.mark.slow
def test_several_processes_find_what_one_finds(tmp_path):
    """The command is a program without threads, and reads a long course in several processes."""
    folder = make_course(tmp_path / "long-course", MANY_LESSONS + 2)
    for name, old, new in (
        ("003-lesson-3/lesson.en.md", "../lesson-2#idea", "../lesson-2#gone"),
        ("020-lesson-20/questions.yaml", "key: a", "key: z"),
        ("021-lesson-21/questions.yaml", "id: card-21-1", "id: card-20-1"),
        ("041-lesson-41/lesson.zh-hans.md", "{train-41}", "{train-99}"),
    ):
        text = (folder / name).read_text()
        (folder / name).write_text(text.replace(old, new))
        assert text != (folder / name).read_text()
    shutil.rmtree(folder / "030-lesson-30")
    command = [sys.executable, "manage.py", "import_course", str(folder), "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    *printed, last = done.stderr.splitlines()
    found = check_folder(folder)
    assert printed == [str(problem) for problem in found.problems]
    assert last == f"CommandError: {found.errors} errors. Nothing was imported."
    assert found.errors > 5


def test_it_takes_a_thousand_lessons_and_no_more(folder, capsys):
    for lessons, words in ((1_000, "There is no folder 999-x-999"), (1_001, "at most 1000 items")):
        names = ", ".join(f"{number:03d}-x-{number}" for number in range(lessons))
        text = (folder / "course.yaml").read_text()
        begin = text.index("lessons: [")
        (folder / "course.yaml").write_text(f"{text[:begin]}lessons: [{names}]{text[text.index(chr(10), begin) :]}")
        with pytest.raises(CommandError):
            call_command("import_course", str(folder), check=True)
        assert words in capsys.readouterr().err


def test_it_warns_of_a_picture_that_no_text_shows(folder, spoil, capsys):
    for name in ("shown.png", "forgotten.png"):
        (folder / "01-neurons" / name).write_bytes(PICTURE)
    call_command("import_course", str(spoil("01-neurons/lesson.en.md", "The end.", "![A net](shown.png)")))
    assert "01-neurons/forgotten.png: warning: Nothing reads this file." in capsys.readouterr().err


def test_it_bounds_the_pictures_of_a_text(folder, spoil, capsys):
    (folder / "01-neurons" / "net.png").write_bytes(PICTURE + bytes(400_000))
    spoil("01-neurons/lesson.en.md", "The end.", "![A net](net.png) " * 13)
    with pytest.raises(CommandError):
        call_command("import_course", str(folder))
    assert "lesson.en.md:28: The pictures of this text are larger than 5 MB together." in capsys.readouterr().err
