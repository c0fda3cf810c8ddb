"""Every fault of a course folder is found, with its file and line."""

import pytest

from courses.parsing import folder_hash, open_course, read_lessons

PICTURE = b"\x89PNG\r\n\x1a\n" + b"0" * 20


def read(folder):
    """The course and its lessons, whole."""
    parsed = open_course(folder)
    return parsed, list(read_lessons(parsed))


def problems(folder):
    parsed, _ = read(folder)
    return [(p.file.removeprefix(f"{folder}/"), p.line, p.message, p.severity) for p in parsed.problems]


def only_problem(folder):
    (found,) = problems(folder)
    return found


def test_it_reads_a_folder_without_faults(folder):
    parsed, lessons = read(folder)

    assert parsed.problems == []
    assert parsed.manifest.locales == ["en", "zh-hans"]
    assert [(lesson.slug, lesson.position) for lesson in lessons] == [("neurons", 1), ("learning-rate", 2)]
    assert lessons[0].sections == ["what-a-neuron-is", "training", "going-on"]
    assert lessons[0].bodies["zh-hans"].title == "神经元"
    assert lessons[0].questions.value["quiz"]["id"] == "neurons"


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "words"),
    [
        ("course.yaml", "licence:", "license:", 2, "“license” is not known"),
        ("course.yaml", "slug: small-course", "slug: Small Course", 1, "cannot stand for slug"),
        ("course.yaml", "slug: small-course", "slug: small-course\nslug: other", 2, "second time"),
        ("course.yaml", "[01-neurons, 02-learning-rate]", "[01-neurons, 02-learning-rate, 01-neurons]", 7, "second"),
        ("course.yaml", "[01-neurons, 02-learning-rate]", "[01-neurons, 02-learning-rate, ../03-x]", 7, "../03-x"),
        ("course.yaml", "[01-neurons, 02-learning-rate]", "[01-neurons, 02-learning-rate, 04-gone]", 7, "no folder"),
        ("course.yaml", "  zh-hans: {title: 小课程, summary: 供测试使用的两节课。}\n", "", 4, "no text in zh-hans"),
        ("course.yaml", "  - id: learning-rate", "  - id: neuron", 14, "second time"),
        ("course.yaml", "learning-rate/step-size", "learning-rate/gone", 15, "no section “learning-rate/gone”"),
        ("course.yaml", "learning-rate/step-size", "../../etc/passwd", 15, "cannot stand for"),
        ("course.yaml", "      en: {name: learning", "      de: {name: x, definition: y}\n      en: {name: learning",
         17, "de is no language"),
        ("01-neurons/lesson.en.md", "title: Neurons", "titel: Neurons", 2, "“title” is missing"),
        ("01-neurons/lesson.en.md", "summary: What", "summary: 'What", 3, "not valid YAML"),
        ("01-neurons/lesson.en.md", "---\ntitle", "title", 1, "begins with front matter"),
        ("01-neurons/lesson.en.md", "{#training}", "", 20, "has no id"),
        ("01-neurons/lesson.en.md", "../learning-rate/#step-size", "../learning-rate/#gone", 24, "leads nowhere"),
        ("01-neurons/lesson.en.md", "../learning-rate/#step-size", "../../../etc/passwd", 24, "leads nowhere"),
        ("01-neurons/lesson.en.md", "../learning-rate/#step-size", "#gone", 24, "leads nowhere"),
        ("01-neurons/lesson.en.md", "The end.", "![Net](../net.png)", 28, "no picture “../net.png”"),
        ("01-neurons/lesson.en.md", "{what-it-adds}", "{what-it-eats}", 18, "no question “what-it-eats”"),
        ("01-neurons/lesson.en.md", "{two-three-two}", "{three}", 22, "no preset “three”"),
        ("01-neurons/lesson.en.md", r"$a = f(\sum_i", r"$a = f(\sum_{i", 10, "braces"),
        ("01-neurons/lesson.zh-hans.md", "### 继续 {#going-on}\n", "", 5, "“going-on” of lesson.en.md is missing"),
        ("01-neurons/lesson.zh-hans.md", "{#going-on}", "{#going}", 26, "“going” is not in lesson.en.md"),
        ("02-learning-rate/lesson.en.md", "## Step size {#step-size}", "", 5, "no sections"),
        ("01-neurons/questions.yaml", "quiz:", "quiz: [", 3, "not valid YAML"),
    ],
)  # fmt: skip
def test_it_names_file_and_line_of_a_fault(spoil, file, old, new, line, words):
    found = problems(spoil(file, old, new))
    assert (file, line) in [(name, number) for name, number, message, _ in found if words in message], found


def test_it_reports_all_faults_at_once(spoil):
    spoil("course.yaml", "learning-rate/step-size", "learning-rate/gone")
    spoil("01-neurons/lesson.en.md", "{two-three-two}", "{three}")
    folder = spoil("02-learning-rate/lesson.zh-hans.md", "步长 {#step-size}", "步长")
    files = {file for file, *_ in problems(folder)}
    assert files == {"course.yaml", "01-neurons/lesson.en.md", "02-learning-rate/lesson.zh-hans.md"}


def test_it_misses_the_translation_of_a_lesson(folder):
    (folder / "02-learning-rate" / "lesson.zh-hans.md").unlink()
    assert only_problem(folder) == ("02-learning-rate/lesson.zh-hans.md", 0, "This file is missing.", "error")


def test_it_compares_the_order_of_sections(spoil):
    folder = spoil("01-neurons/lesson.zh-hans.md", "## 什么是神经元 {#what-a-neuron-is}", "## 甲 {#training}")
    folder = spoil("01-neurons/lesson.zh-hans.md", "## 训练 {#training}", "## 乙 {#what-a-neuron-is}")
    file, line, message, _ = only_problem(folder)
    assert (file, line) == ("01-neurons/lesson.zh-hans.md", 8)
    assert "another order" in message


def test_it_says_what_nothing_reads(folder):
    (folder / "01-neurons" / "question.yaml").write_text("")
    (folder / "03-not-listed").mkdir()
    (folder / "03-not-listed" / "lesson.en.md").write_text("x")
    found = problems(folder)
    assert [(file, severity) for file, _, _, severity in found] == [
        ("01-neurons/question.yaml", "warning"),
        ("03-not-listed/lesson.en.md", "warning"),
    ]
    assert read(folder)[0].errors == []


def test_it_puts_small_pictures_into_the_text(spoil, folder):
    (folder / "01-neurons" / "net.png").write_bytes(PICTURE)
    parsed, lessons = read(spoil("01-neurons/lesson.en.md", "The end.", "![A net](net.png)"))
    assert parsed.problems == []
    assert 'src="data:image/png;base64,' in lessons[0].bodies["en"].rendered.parts[-1]["html"]
    assert lessons[0].pictures["net.png"].content == PICTURE


@pytest.mark.parametrize(
    "content", [b"<svg onload=alert(1)>", PICTURE + b"0" * 500_001], ids=["no picture", "too large"]
)
def test_it_refuses_other_pictures(spoil, folder, content):
    (folder / "01-neurons" / "net.png").write_bytes(content)
    found = problems(spoil("01-neurons/lesson.en.md", "The end.", "![A net](net.png)"))
    assert [line for _, line, message, _ in found if "no picture" in message] == [28]


def test_it_follows_no_links_out_of_the_folder(folder, tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "01-neurons" / "secret.md").symlink_to(tmp_path / "secret.txt")
    assert "not followed" in only_problem(folder)[2]


def test_it_reports_what_is_no_text(folder):
    (folder / "01-neurons" / "lesson.en.md").write_bytes(b"---\ntitle: x\nsummary: \xff\xfe\n---\n")
    assert ("01-neurons/lesson.en.md", 3, "This is not UTF-8 text.", "error") in problems(folder)


def test_it_reads_windows_line_ends(folder):
    for file in folder.rglob("*.md"):
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert problems(folder) == []


@pytest.mark.parametrize("name", ["nothing", "01-neurons"])
def test_it_reports_what_is_no_course_folder(folder, name):
    parsed, lessons = read(folder / name)
    assert parsed.manifest is None
    assert lessons == []
    assert len(parsed.errors) == 1


def test_it_hashes_the_content_of_every_file(folder):
    before = folder_hash(folder)
    assert folder_hash(folder) == before
    (folder / "01-neurons" / "questions.yaml").write_text("")
    assert folder_hash(folder) != before
