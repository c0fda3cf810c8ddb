"""`export_course`: the folder of a course from its rows, never over anything else."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from courses.models import Lesson, LessonPicture
from tests.courses.test_parsing import PICTURE

pytestmark = pytest.mark.django_db


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_it_writes_a_folder_that_reads_well(course, tmp_path, capsys):
    call_command("export_course", "small-course", tmp_path / "out")
    assert "written" in capsys.readouterr().out
    assert sorted(files(tmp_path / "out")) == [
        "01-neurons/experiments.yaml",
        "01-neurons/lesson.en.md",
        "01-neurons/lesson.zh-hans.md",
        "01-neurons/questions.yaml",
        "02-learning-rate/lesson.en.md",
        "02-learning-rate/lesson.zh-hans.md",
        "course.yaml",
    ]
    manifest = (tmp_path / "out" / "course.yaml").read_text()
    assert '  zh-hans:\n    title: "小课程"\n    summary: "供测试使用的两节课。"\n' in manifest
    assert "lessons:\n  - 01-neurons\n  - 02-learning-rate\nconcepts:\n  - id: neuron\n" in manifest
    questions = (tmp_path / "out" / "01-neurons" / "questions.yaml").read_text()
    assert questions.startswith("quiz:\n  id: neurons\n  texts:\n    en:\n")
    assert "  - id: what-it-adds\n    kind: single_choice\n    section: what-a-neuron-is\n" in questions
    experiments = (tmp_path / "out" / "01-neurons" / "experiments.yaml").read_text()
    assert "      optimizer:\n        kind: sgd\n        learning_rate: 0.1\n" in experiments
    assert "momentum" not in experiments


def test_importing_it_changes_nothing(course, tmp_path, capsys):
    call_command("export_course", "small-course", tmp_path / "out", verbosity=0)
    call_command("import_course", tmp_path / "out")
    assert capsys.readouterr().err == ""
    call_command("export_course", "small-course", tmp_path / "again", verbosity=0)
    assert files(tmp_path / "again") == files(tmp_path / "out")


def test_it_writes_the_pictures_that_the_texts_show(spoil, folder, tmp_path):
    (folder / "01-neurons" / "img").mkdir()
    for name in ("net.png", "img/net.png"):
        (folder / "01-neurons" / name).write_bytes(PICTURE + name.encode())
    spoil("01-neurons/lesson.en.md", "The end.", "![A net](net.png) ![The same](net.png)")
    spoil("01-neurons/lesson.zh-hans.md", "结束。", "![网络](img/net.png)")
    call_command("import_course", folder, verbosity=0)
    call_command("export_course", "small-course", tmp_path / "out", verbosity=0)
    assert files(tmp_path / "out")["01-neurons/net.png"] == PICTURE + b"net.png"
    assert files(tmp_path / "out")["01-neurons/img/net.png"] == PICTURE + b"img/net.png"

    (folder / "01-neurons" / "net.png").write_bytes(PICTURE + b"another")
    spoil("01-neurons/lesson.zh-hans.md", "![网络](img/net.png)", "结束。")
    (folder / "01-neurons" / "img" / "net.png").unlink()
    call_command("import_course", folder, verbosity=0)
    (picture,) = LessonPicture.objects.all()
    assert (picture.name, picture.kind, bytes(picture.content)) == ("net.png", "png", PICTURE + b"another")


def test_it_never_writes_over_anything_else(course, tmp_path):
    (tmp_path / "home").mkdir()
    call_command("export_course", "small-course", tmp_path / "home", verbosity=0)
    with pytest.raises(CommandError, match="exists"):
        call_command("export_course", "small-course", tmp_path / "home")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("kept")
    (tmp_path / "link").symlink_to(tmp_path / "home")
    (tmp_path / "file").write_text("kept")
    for name in ("other", "link", "file"):
        with pytest.raises(CommandError, match="not replaced"):
            call_command("export_course", "small-course", tmp_path / name, force=True)
    assert (tmp_path / "other" / "letter.txt").read_text() == "kept"


def test_it_replaces_a_course_and_keeps_what_is_none_of_it(course, tmp_path):
    out = tmp_path / "out"
    call_command("export_course", "small-course", out, verbosity=0)
    (out / ".git").mkdir()
    (out / ".git" / "HEAD").write_text("kept")
    (out / "README.md").write_text("kept")
    (out / "03-old").mkdir()
    (out / "03-old" / "lesson.en.md").write_text("gone")
    Lesson.objects.filter(slug="neurons").update(folder="01-nerves")
    call_command("export_course", "small-course", out, force=True, verbosity=0)
    assert files(out)[".git/HEAD"] == files(out)["README.md"] == b"kept"
    assert not (out / "03-old").exists()
    assert not (out / "01-neurons").exists()
    assert (out / "01-nerves" / "lesson.en.md").is_file()


@pytest.mark.parametrize("broken", ["write_bytes", "rename"])
def test_it_leaves_everything_as_it_was_when_writing_fails(course, tmp_path, monkeypatch, broken):
    out = tmp_path / "out"
    call_command("export_course", "small-course", out, verbosity=0)
    (out / ".git").mkdir()
    (out / ".git" / "HEAD").write_text("kept")
    before = files(out)
    original = getattr(Path, broken)

    def fails_late(path, argument):
        if path.name in {"questions.yaml", "new"}:
            raise OSError("the disk is full")
        return original(path, argument)

    monkeypatch.setattr(Path, broken, fails_late)
    with pytest.raises(OSError, match="full"):
        call_command("export_course", "small-course", out, force=True)
    assert files(out) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_it_names_the_courses_that_there_are(course, tmp_path):
    with pytest.raises(CommandError, match="There are: small-course"):
        call_command("export_course", "large-course", tmp_path / "out")
    assert not (tmp_path / "out").exists()
