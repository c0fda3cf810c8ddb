"""`prepare` imports the shipped courses at every start, but never over what somebody has edited here."""

from datetime import UTC, datetime

import pytest
from django.core.management import call_command

from courses.folders import is_current
from courses.models import Course, LessonBody

pytestmark = pytest.mark.django_db
EDITED = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def start(folder, settings, monkeypatch, capsys):
    """Start with the small course as the shipped one; returns what was printed."""
    content = folder.parent / "courses" / "content"
    content.mkdir(parents=True)
    folder.rename(content / "small-course")
    settings.BASE_DIR = folder.parent

    def call(name, *arguments, **options):
        if name != "migrate":
            call_command(name, *arguments, **options)

    monkeypatch.setattr("config.management.commands.prepare.call_command", call)

    def prepare():
        call_command("prepare")
        return capsys.readouterr().out

    return prepare


@pytest.fixture
def shipped(folder):
    return folder.parent / "courses" / "content" / "small-course"


def edit():
    """As an editor does: another text, and a mark on the course."""
    LessonBody.objects.filter(lesson__slug="neurons", locale="en").update(title="Edited here")
    Course.objects.update(edited_at=EDITED)


def title():
    return LessonBody.objects.get(lesson__slug="neurons", locale="en").title


def test_it_imports_what_is_shipped_and_again_what_has_changed(start, shipped):
    start()
    assert title() == "Neurons"
    file = shipped / "01-neurons" / "lesson.en.md"
    file.write_text(file.read_text().replace("title: Neurons", "title: Nerves"))
    assert "edited" not in start()
    assert title() == "Nerves"


def test_it_leaves_an_edited_course_and_says_so_in_one_line(start, shipped):
    start()
    edit()
    (line,) = start().splitlines()
    assert line.startswith("small-course was edited here on 2026-03-01 and stays as it is")
    assert f"import_course {shipped}" in line
    assert title() == "Edited here"


def test_an_import_that_is_asked_for_takes_the_edits_back(start, shipped):
    start()
    assert is_current(shipped)
    edit()
    assert not is_current(shipped)
    call_command("import_course", shipped, verbosity=0)
    assert title() == "Neurons"
    assert Course.objects.get().edited_at is None
    assert is_current(shipped)
    assert "edited" not in start()


def test_a_check_takes_nothing_back(start, shipped):
    start()
    edit()
    call_command("import_course", shipped, check=True, verbosity=0)
    assert (title(), Course.objects.get().edited_at) == ("Edited here", EDITED)
