"""`draft_course`: raw notes become a folder that `import_course` accepts, and nothing of them is lost in silence."""

import re
import shutil
from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError, call_command
from hypothesis import example, given, settings
from hypothesis import strategies as st

from courses.folders import check_folder
from courses.notes.drafting import CodeReading, detect_locale, draft_course, slug_of
from courses.notes.folders import read_code
from courses.notes.reading import read_notes

NOTES = Path(__file__).parent / "notes"
# A student's own notes, where they lie beside the checkout.
STUDENTS = sorted((Path(__file__).parents[3] / "shared" / "notes").glob("*.md"))
CHINESE, ENGLISH = NOTES / "regression.zh-hans.md", NOTES / "perceptron.en.md"
PIXEL = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cf"
                      "c000000301010018dd8db00000000049454e44ae426082")  # fmt: skip


@pytest.fixture
def drafted(tmp_path, capsys):
    call_command("draft_course", CHINESE, tmp_path / "regression")
    return tmp_path / "regression"


def problems(report):
    found = report.split("## Needs a hand")[1].split("## What became")[0]
    return [(int(number), text) for number, text in re.findall(r"^- line (\d+): (.*)$", found, re.MULTILINE)]


def questions(folder, lesson):
    return yaml.safe_load((folder / lesson / "questions.yaml").read_text())


def draft(text, translate=lambda source: CodeReading(None, has_model=False), picture=lambda target: None):
    return draft_course(
        read_notes(text), slug="x", title="T", locale="en", source="n.md", translate=translate, picture=picture
    )


def test_it_makes_the_lessons_in_order(drafted):
    course = yaml.safe_load((drafted / "course.yaml").read_text())
    assert course["lessons"] == ["01-chapter-1", "02-gradient-descent", "03-keras"]
    assert course["slug"] == "regression"
    assert course["locales"] == ["zh-hans"]
    lesson = (drafted / "01-chapter-1" / "lesson.zh-hans.md").read_text()
    assert 'title: "线性回归"' in lesson
    assert "\n## 什么是回归 {#section-1}\n" in lesson
    assert "\n回归用一条直线去**拟合数据**，然后对新的输入==做出预测==。\n" in lesson
    assert "\n==损失=误差\\*误差==\n" in lesson


@pytest.mark.parametrize("notes", [CHINESE, ENGLISH, *STUDENTS])
def test_it_writes_a_folder_that_the_importer_accepts(tmp_path, notes, capsys):
    call_command("draft_course", notes, tmp_path / "course")
    found = [problem for problem in check_folder(tmp_path / "course").problems if problem.severity == "error"]
    assert found == []


@pytest.mark.django_db
def test_it_can_be_imported(drafted):
    from courses.models import Course
    from quizzes.models import Slot
    from sandbox.models import Preset

    call_command("import_course", drafted, verbosity=0)
    assert Course.objects.get(slug="regression").lessons.count() == 3
    assert Slot.objects.filter(quiz__lesson__course__slug="regression").count() == 3
    assert Preset.objects.get(collection="regression").spec["optimizer"]["learning_rate"] == 0.1


def test_it_makes_a_cloze_question_of_each_highlighted_statement(drafted):
    first, second = questions(drafted, "02-gradient-descent")["questions"][:2]
    assert first["texts"]["zh-hans"]["text"] == "每走一步，权重都沿着[[b1]]的方向移动"
    options = first["texts"]["zh-hans"]["blanks"]["b1"]["options"]
    assert options[first["blanks"]["b1"]["key"]] == "负梯度"
    assert set(options.values()) == {"负梯度", "学习率", "线性回归"}
    assert second["texts"]["zh-hans"]["text"].startswith("[[b1]]：太大时")
    lesson = (drafted / "02-gradient-descent" / "lesson.zh-hans.md").read_text()
    assert "::question{gradient-descent-question-1}" in lesson
    assert "# review: the wrong options" in (drafted / "02-gradient-descent" / "questions.yaml").read_text()


def test_it_asks_for_the_word_where_there_are_no_wrong_options():
    files = draft("# A\n## Quiz\n- The rate is a ==hyperparameter== here\n").files
    (question,) = yaml.safe_load(files["01-chapter-1/questions.yaml"])["questions"]
    assert question["blanks"]["b1"] == {"input": "type"}
    assert question["texts"]["en"]["blanks"]["b1"] == {"accept": ["hyperparameter"]}


def test_it_proposes_flashcards_from_highlights_outside_quizzes(drafted):
    cards = [q for q in questions(drafted, "01-chapter-1")["questions"] if q["kind"] == "flashcard"]
    sides = [(card["texts"]["zh-hans"]["front"], card["texts"]["zh-hans"]["back"]) for card in cards]
    assert ("直线由［…］和截距决定", "斜率") in sides
    assert ("损失 = ［…］", "误差\\*误差") in sides
    assert cards[0]["section"] == "section-1"


def test_it_makes_an_experiment_of_code_that_trains_a_network(drafted):
    (experiment,) = yaml.safe_load((drafted / "03-keras" / "experiments.yaml").read_text())["experiments"]
    assert experiment["spec"]["layers"][0] == {"kind": "dense", "units": 8, "activation": "relu"}
    assert (experiment["spec"]["epochs"], experiment["section"]) == (5, "section-1")
    assert "::preset[训练这个网络]{keras-network-1}" in (drafted / "03-keras" / "lesson.zh-hans.md").read_text()
    report = (drafted / "REPORT.md").read_text()
    assert "line 53: code: keras.layers.core is the old place" in report


def test_it_reports_what_needs_a_hand_with_its_line(drafted, capsys):
    report = (drafted / "REPORT.md").read_text()
    assert sorted(line for line, _ in problems(report)) == [10, 22, 34, 39, 68]
    assert re.findall(r"^### (.*)$", report.partition("## What became")[0], re.MULTILINE) == [
        "Quizzes",
        "Code and formulas",
        "Pictures",
    ]
    found = dict(problems(report))
    assert "“scatter (1).png” is not there" in found[10]
    assert "no highlight" in found[22]
    assert "直线的倾斜程度由它的斜率决定" in (drafted / "01-chapter-1" / "lesson.zh-hans.md").read_text()
    assert "a comment starts with #" in found[34]
    assert "No Sequential model" in found[39]
    assert "the quiz is empty" in found[68]


def test_it_prints_the_report(tmp_path, capsys):
    call_command("draft_course", ENGLISH, tmp_path / "course")
    printed = capsys.readouterr().out
    report = (tmp_path / "course" / "REPORT.md").read_text()
    assert report in printed
    assert "2 lessons, 1 flashcard, 2 quiz questions." in printed
    found = dict(problems(report))
    assert "before the first chapter" in found[1]
    assert "leads nowhere" in found[10]
    assert "<font> is not for lessons" in found[15]
    assert "is empty" in found[17]


def test_it_takes_in_a_picture_that_lies_beside_the_notes(tmp_path, capsys):
    shutil.copy(ENGLISH, tmp_path / "notes.md")
    (tmp_path / "perceptron.png").write_bytes(PIXEL)
    call_command("draft_course", tmp_path / "notes.md", tmp_path / "course")
    lesson = tmp_path / "course" / "01-the-perceptron"
    assert "![The perceptron](picture-1.png)" in (lesson / "lesson.en.md").read_text()
    assert (lesson / "picture-1.png").read_bytes() == PIXEL
    assert not [p for p in check_folder(tmp_path / "course").problems if p.severity == "error"]


def test_it_takes_no_picture_from_elsewhere(tmp_path, capsys):
    (tmp_path / "secret.png").write_bytes(PIXEL)
    notes = tmp_path / "notes" / "n.md"
    notes.parent.mkdir()
    notes.write_text(f"# A\n![x](../secret.png)\n\n![y]({tmp_path}/secret.png)\n\n![z](%2e%2e/secret.png)\n")
    call_command("draft_course", notes, tmp_path / "course")
    assert not list((tmp_path / "course").rglob("*.png"))
    assert [line for line, _ in problems((tmp_path / "course" / "REPORT.md").read_text())] == [2, 4, 6]


def test_it_refuses_to_overwrite(drafted):
    (drafted / "mine.txt").write_text("kept")
    with pytest.raises(CommandError, match="exists"):
        call_command("draft_course", CHINESE, drafted)
    assert (drafted / "mine.txt").read_text() == "kept"
    call_command("draft_course", CHINESE, drafted, force=True, verbosity=0)
    assert not (drafted / "mine.txt").exists()


def test_it_never_replaces_a_folder_that_is_no_course(tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "letter.txt").write_text("kept")
    with pytest.raises(CommandError, match="no course folder"):
        call_command("draft_course", CHINESE, tmp_path / "home", force=True)


def test_it_leaves_everything_as_it_was_when_writing_fails(drafted, monkeypatch):
    before = {file: file.read_bytes() for file in drafted.rglob("*") if file.is_file()}
    original = Path.write_bytes

    def fails_late(file, content):
        if file.name == "REPORT.md":
            raise OSError("the disk is full")
        return original(file, content)

    monkeypatch.setattr(Path, "write_bytes", fails_late)
    with pytest.raises(OSError, match="full"):
        call_command("draft_course", ENGLISH, drafted, force=True)
    assert {file: file.read_bytes() for file in drafted.rglob("*") if file.is_file()} == before
    assert [file.name for file in drafted.parent.iterdir()] == [drafted.name]


def test_it_takes_locale_slug_and_title(tmp_path, capsys):
    options = {"locale": "zh-hant", "slug": "my-course", "title": "我的課"}
    call_command("draft_course", CHINESE, tmp_path / "Any Name", **options)
    course = yaml.safe_load((tmp_path / "Any Name" / "course.yaml").read_text())
    assert (course["slug"], course["texts"]["zh-hant"]["title"]) == ("my-course", "我的課")
    assert (tmp_path / "Any Name" / "01-chapter-1" / "lesson.zh-hant.md").is_file()


def test_it_takes_any_folder_name_that_is_a_slug(tmp_path, capsys):
    call_command("draft_course", ENGLISH, tmp_path / "c")
    assert yaml.safe_load((tmp_path / "c" / "course.yaml").read_text())["slug"] == "c"


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        (b"", {}, "nothing in these notes"),
        (b"<!-- nobody sees this -->", {}, "nothing in these notes"),
        (b"# A\n" * 100, {}, "at most 99"),
        (b"# A\n\xff\x81\x00", {}, "no text file"),
        (b"# A\n\x81\xff", {}, "line 2 is not UTF-8"),
        (b"%PDF-1.7", {}, "This is a PDF"),
        (b"x" * 1_000_001, {}, "larger than"),
        (b"# A", {"slug": "No Slug"}, "cannot be a slug"),
        (b"# A", {"locale": "../x"}, "no locale"),
    ],
)
def test_it_refuses_and_writes_nothing(tmp_path, content, options, message):
    (tmp_path / "notes.md").write_bytes(content)
    with pytest.raises(CommandError, match=message):
        call_command("draft_course", tmp_path / "notes.md", tmp_path / "course", **options)
    assert [file.name for file in tmp_path.iterdir()] == ["notes.md"]


def test_it_reads_what_chinese_windows_writes(tmp_path, capsys):
    (tmp_path / "notes.md").write_bytes("# 一 学习率\n\n学习率就是**步长**，很小。\n".encode("gb18030"))
    call_command("draft_course", tmp_path / "notes.md", tmp_path / "course")
    assert "# 一" not in (tmp_path / "course" / "01-chapter-1" / "lesson.zh-hans.md").read_text()
    assert "gb18030" in capsys.readouterr().err


def test_it_tells_where_a_statement_gives_its_answer_away():
    report = draft("# A\n## Quiz\n- ==Loss== is what a loss function measures\n").report
    assert "gives its answer “Loss” away" in report.problems[0].text


def test_it_names_code_that_the_sandbox_cannot_train():
    def translate(source):
        return CodeReading(None, has_model=True, refusals=[(2, "Conv2D is not offered.")])

    report = draft("# A\n\n```python\nimport keras\nmodel = 1\n```\n", translate).report
    assert (report.problems[0].line, "cannot train: Conv2D" in report.problems[0].text) == (5, True)


def test_it_guesses_language_and_slugs():
    assert detect_locale(CHINESE.read_text()) == "zh-hans"
    assert detect_locale(ENGLISH.read_text()) == "en"
    assert slug_of("人工神经网络(ANN)") == "ann"
    assert slug_of("学习率") == ""
    assert slug_of("What's a Perceptrón?") == "whats-a-perceptron"


LINES = [
    *CHINESE.read_text().splitlines(keepends=True),
    *ENGLISH.read_text().splitlines(keepends=True),
    *[
        "## Quiz {x} `c` $5$\n",
        "- \n",
        "```\n",
        "~~~\n",
        "$$\n",
        "$$ \\bad{ $$\n",
        "[1]: b.md\n",
        "text[^1]\n",
        "> # q\n",
    ],
    *[
        "::preset[x]{y}\n",
        "::nope\n",
        '!!! note "x"\n',
        "{#main}\n",
        "<h1>x</h1> **y**\n",
        "<script>a</script>\n",
        "<!--\n",
    ],
    *[
        "[[b1]] **x** y\n",
        "`[[b1]]` **x**\n",
        "- ==true==: no\n",
        "- **1e-4** is: a\n",
        "===\n",
        "---\n",
        "#\n",
        "\t* tab\n",
    ],
    *[
        "***a* b** c\n",
        "<pre>\n",
        "| a |\n|---|\n",
        "\\\n",
        "$x$ <b>y</b> ==z==\n",
        "a | b\n--|--\n",
        "<details>\n",
        "\n",
    ],
]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(LINES), max_size=14))
@example(["## Quiz\n", "a | b\n--|--\n", "A sum is compared with a **threshold**.\n"])
def test_no_block_is_left_out_of_the_report(lines):
    notes = read_notes("# 一 章\n" + "".join(lines))
    report = draft("# 一 章\n" + "".join(lines), read_code).report
    told = {entry.line for entries in report.fates.values() for entry in entries}
    told |= {entry.line for entry in report.problems}
    blocks = [block for chapter in notes.chapters for block in chapter.blocks if block.text.strip()]
    assert [block for block in blocks if block.line not in told and not _told_row_by_row(block, told)] == []


def _told_row_by_row(block, told):
    """What a table in a quiz asks is told by the lines of its rows, each with the names in the head."""
    rows = [block.line + number for number in range(2, block.text.count("\n") + 1)]
    return block.kind == "table" and bool(rows) and told.issuperset(rows)
