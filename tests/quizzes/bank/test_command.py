"""manage.py import_questions, manage.py export_questions"""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from courses.models import Course
from quizzes.bank.formats import FORMATS
from quizzes.models import Question
from tests.quizzes.bank.samples import GIFT, rows
from tests.quizzes.factories import make_course

pytestmark = pytest.mark.django_db
REFUSED = f"{GIFT}\n\nWrite an essay about rates.{{}}\n"


@pytest.fixture(autouse=True)
def course(db: None) -> Course:
    return make_course()


def bring(folder: Path, content: str | bytes = GIFT, name: str = "questions.gift", *arguments: str) -> str:
    file, out = folder / name, StringIO()
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    call_command("import_questions", str(file), "--course", "small", "--lesson", "nets", *arguments, stdout=out)
    return out.getvalue()


def take(*arguments: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("export_questions", "--course", "small", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_a_dry_run_says_it_line_by_line_and_changes_nothing(tmp_path: Path) -> None:
    before = rows()
    said = bring(tmp_path, GIFT, "questions.gift", "--dry-run")
    assert "0 refused, 0 changed, 3 new, 0 same. Nothing was imported" in said
    assert "line 2      rate" in said
    assert "not translated" in said
    assert rows() == before


def test_it_imports_and_again_changes_nothing(tmp_path: Path) -> None:
    bring(tmp_path)
    before = rows()
    said = bring(tmp_path)
    assert said.endswith("0 refused, 0 changed, 0 new, 3 same.\n")
    assert len(said.splitlines()) == 1
    assert "rate" in bring(tmp_path, GIFT, "questions.gift", "--verbosity", "2")
    assert rows() == before


def test_what_is_refused_ends_with_an_error_and_the_rest_is_there(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="1 of 4 refused"):
        bring(tmp_path, REFUSED, "questions.gift", "--dry-run")
    assert not Question.objects.filter(slug="rate").exists()
    with pytest.raises(CommandError, match="1 of 4 refused"):
        bring(tmp_path, REFUSED)
    assert Question.objects.filter(slug="rate").exists()


@pytest.mark.parametrize("name", FORMATS)
def test_out_and_in_again_changes_nothing(tmp_path: Path, name: str) -> None:
    output = tmp_path / "out"
    said, _ = take("--format", name, "--output", str(output))
    assert "3 questions" in said
    before = rows()
    assert "0 refused, 0 changed, 0 new" in bring(tmp_path, output.read_bytes(), "again")
    assert rows() == before
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(".")] == []


def test_to_the_terminal_with_what_it_cannot_hold_beside_it() -> None:
    out, err = take("--format", "gift", "--locale", "zh-hans", "--lesson", "nets")
    assert "密集层之后" in out
    assert "card-epoch: " in err


@pytest.mark.parametrize(
    ("content", "name", "arguments", "said"),
    [
        ("", "empty.gift", [], "no question"),
        (b"\xff\xff", "bytes.gift", [], "read as GIFT"),
        ("one,two\n1,2", "sheet.csv", [], r"sheet.csv:1: .*read as CSV"),
        ("<quiz", "broken.xml", [], "read as Moodle XML"),
        (GIFT, "questions.gift", ["--locale", "fr"], "not written in fr"),
        (GIFT, "questions.gift", ["--lesson", "none"], "There are: nets"),
        (GIFT, "questions.gift", ["--course", "none"], "There are: small"),
    ],
)
def test_what_cannot_be_read_is_said(
    tmp_path: Path, content: str | bytes, name: str, arguments: list[str], said: str
) -> None:
    with pytest.raises(CommandError, match=said):
        bring(tmp_path, content, name, *arguments)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_questions", str(tmp_path / "none"), "--course", "small")
    with pytest.raises(CommandError, match="No such file"):
        take("--format", "gift", "--output", str(tmp_path / "none" / "out"))
    with pytest.raises(CommandError, match="--output"):
        take("--format", "xlsx")
    with pytest.raises(CommandError, match="not written in fr"):
        take("--format", "gift", "--locale", "fr")
