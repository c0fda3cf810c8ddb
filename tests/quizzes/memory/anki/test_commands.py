"""manage.py import_anki, manage.py export_anki"""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from quizzes.memory.anki.package_reading import Limits, read_package
from quizzes.models import Question
from tests.quizzes.factories import make_course
from tests.quizzes.memory.anki.packages import MEDIA, pack, sample


@pytest.fixture(autouse=True)
def course(learner: User) -> None:
    make_course()


def call(command: str, file: Path, *arguments: str) -> str:
    out = StringIO()
    call_command(
        command, str(file), "--course", "small", "--learner", "Learner@example.org", *arguments, stdout=out, stderr=out
    )
    return out.getvalue()


@pytest.fixture
def package(tmp_path: Path) -> Path:
    file = tmp_path / "nets.apkg"
    file.write_bytes(sample().package(MEDIA))
    return file


def test_a_dry_run_changes_nothing(package: Path) -> None:
    said = call("import_anki", package, "--dry-run")
    assert "5 notes, 7 cards (7 created, 0 changed, 0 same, 0 course), 7 reviews." in said
    assert "1 sound is left out" in said
    assert not Question.every.exclude(owner=None).exists()


def test_in_and_out(package: Path, tmp_path: Path) -> None:
    assert "7 cards created, 0 changed, 0 the same; 7 reviews kept" in call("import_anki", package, "-v", "2")
    assert "0 cards created, 0 changed, 7 the same; 0 reviews kept, 7 were here" in call("import_anki", package)
    out = tmp_path / "out.apkg"
    assert "7 cards, 7 reviews, 1 pictures." in call("export_anki", out)
    assert len(read_package(out.read_bytes(), Limits()).cards) == 7


def test_what_is_wrong_is_said(tmp_path: Path, package: Path) -> None:
    newer = tmp_path / "newer.apkg"
    newer.write_bytes(pack({"collection.anki21b": b""}))
    with pytest.raises(CommandError, match="Support older Anki versions"):
        call("import_anki", newer)
    with pytest.raises(CommandError, match="No such file"):
        call("import_anki", tmp_path / "nothing.apkg")
    with pytest.raises(CommandError, match="no learner nobody@example"):
        call_command("import_anki", str(package), "--course", "small", "--learner", "nobody@example.org")
    with pytest.raises(CommandError, match="not written in fr"):
        call("export_anki", tmp_path / "out.apkg", "--locale", "fr")
